import { describe, expect, test } from "vitest";
import { associationPlane, gapRows } from "../../../src/experiments/proper-learning/report.ts";
import { estimated } from "../../../src/verdicts/estimates.ts";
import { readRegistration } from "../../../src/verdicts/read-registration.ts";
import { armResult, scorerResult, seedResult } from "../../seed-results.ts";

const registration = readRegistration("08-h6-proper-learning");
const [link] = registration.hypotheses
  .filter(({ id }) => id === "H6-link")
  .flatMap(({ estimates }) => estimates);
if (link === undefined || !("points" in link))
  throw new Error("H6-link is not registered as an association.");
const { points } = link;

/** A seed on which the policy gap is `slope` times the verification gap, which grows from condition to condition. */
const seedWith = (seed: number, slope: number) =>
  seedResult(seed, {
    arms: points.flatMap(({ treatment, control }, index) => [
      armResult(treatment, 0.5 + slope * 0.02 * index),
      armResult(control, 0.5),
    ]),
    scorers: points.flatMap(({ on }, index) => [
      scorerResult(on.treatment, 0.7 + 0.02 * index),
      scorerResult(on.control, 0.7),
    ]),
  });
const results = [seedWith(41, 0.5), seedWith(42, 1.5)];

describe("the verification gap and the policy gap", () => {
  test("are associated by the slope of their points on each seed", () => {
    const { mean, values } = estimated(results, link, { draws: 1000, level: 0.95 });
    expect(values.map(({ value }) => value)).toEqual([expect.closeTo(0.5, 6), expect.closeTo(1.5, 6)]);
    expect(mean).toBeCloseTo(1, 6);
  });

  test("are one point per condition and seed", () => {
    const plane = associationPlane(results, registration, "H6-link");
    expect(plane).toHaveLength(2 * points.length);
    expect(plane[1]).toEqual({
      arm: points[1]?.treatment,
      seed: 41,
      x: expect.closeTo(0.02),
      y: expect.closeTo(0.01),
    });
  });

  test("are one row per condition, averaged over seeds", () => {
    const [main, next] = gapRows(associationPlane(results, registration, "H6-link"));
    expect(main).toMatchObject({ condition: "main comparison" });
    expect(next).toEqual({
      condition: "two words",
      "verification gap": "2.0 ± 0.0",
      "policy gap": "2.0 ± 1.4",
    });
  });

  test("are an error for a hypothesis that is no association", () => {
    expect(() => associationPlane(results, registration, "H6-compute")).toThrow(
      'registers no association "H6-compute"',
    );
  });
});
