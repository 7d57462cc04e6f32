import { describe, expect, it } from "vitest";
import { gapRows, linkedGaps } from "../../../src/experiments/proper-learning/report.ts";
import type { ArmResult, ScorerResult, SeedResult } from "../../../src/results/collect.ts";
import { valuesOf } from "../../../src/results/measures.ts";
import { estimated } from "../../../src/verdicts/estimates.ts";
import { readRegistration } from "../../../src/verdicts/registration.ts";

const registration = readRegistration("08-h6-proper-learning");
const link = registration.hypotheses.find(({ id }) => id === "H6-link")!.estimates[0]!;
const points = "points" in link ? link.points : [];

/** A seed on which the policy gap is `slope` times the verification gap, which grows from condition to condition. */
const seedWith = (seed: number, slope: number): SeedResult => ({
  seed,
  arms: points.flatMap(({ treatment, control }, place) => [
    { arm: treatment, outcomes: [0.5 + slope * 0.02 * place] } as unknown as ArmResult,
    { arm: control, outcomes: [0.5] } as unknown as ArmResult,
  ]),
  scorers: points.flatMap(({ on }, place) => [
    { scorer: on.treatment, accuracy: [0.7 + 0.02 * place] } as unknown as ScorerResult,
    { scorer: on.control, accuracy: [0.7] } as unknown as ScorerResult,
  ]),
  choices: [],
  curves: [],
  pairs: {},
  provenance: [],
});
const results = [seedWith(41, 0.5), seedWith(42, 1.5)];

describe("the two gaps", () => {
  it("are linked by the slope that their points have, seed by seed", () => {
    const { mean, values } = estimated(results, link, { draws: 1000, level: 0.95 });
    expect(values.map(({ value }) => value)).toEqual([expect.closeTo(0.5, 6), expect.closeTo(1.5, 6)]);
    expect(mean).toBeCloseTo(1, 6);
  });

  it("are a point and a row for every condition", () => {
    const gaps = linkedGaps(results, registration, "H6-link");
    expect(gaps).toHaveLength(2 * points.length);
    expect(gaps[1]).toEqual({
      arm: points[1]!.treatment,
      seed: 41,
      x: expect.closeTo(0.02),
      y: expect.closeTo(0.01),
    });
    const rows = gapRows(gaps);
    expect(rows[0]!.condition).toBe("main comparison");
    expect(rows[1]).toEqual({
      condition: "two words",
      "verification gap": "2.0 ± 0.0",
      "policy gap": "2.0 ± 1.4",
    });
    expect(() => linkedGaps(results, registration, "H6-compute")).toThrow(
      'registers no association "H6-compute"',
    );
  });
});

describe("a policy that cools", () => {
  const cooling = (seed: number, shift: number): SeedResult => {
    const frontier = [
      { temperature: 1, reward: 1 + shift, entropy: 0.9 },
      { temperature: 0.5, reward: 2 + shift, entropy: 0.4 },
      { temperature: 0.25, reward: 3 + shift, entropy: 0.1 },
    ];
    return { ...seedWith(seed, 1), arms: [{ arm: "dpo", frontier } as unknown as ArmResult] };
  };

  it("is rewarded at an entropy between its temperatures in proportion", () => {
    expect(valuesOf(cooling(41, 0), "matched-reward", "dpo")).toEqual([expect.closeTo(1.3, 9)]);
    expect(() => valuesOf(seedWith(41, 1), "matched-reward", points[0]!.treatment)).toThrow(
      "did not measure matched-reward",
    );
  });
});
