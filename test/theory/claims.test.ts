import { describe, expect, test } from "vitest";
import { errorsByData, gapsByClassSize, isomorphicSize } from "../../src/theory/class-size.ts";
import { coverageMeasures } from "../../src/theory/coverage.ts";
import type { RandomInstances } from "../../src/theory/random-instances.ts";
import { gapsAfterSteps } from "../../src/theory/violated-conditions.ts";
import { judgeExact } from "../../src/verdicts/judge.ts";
import { readExactRegistration } from "../../src/verdicts/read-registration.ts";
import { theoryMeasures } from "../theory-measures.ts";

const registered = readExactRegistration("00-theory");
const run: RandomInstances = { seed: registered.seed, instances: 14 };

describe("the registered claims", () => {
  const measures = theoryMeasures(run);

  test("are all measured, and nothing else is", () => {
    expect(Object.keys(measures).sort()).toEqual(registered.hypotheses.map(({ id }) => id).sort());
  });

  test.each(judgeExact(registered, measures).map((finding) => [finding.hypothesis.id, finding] as const))(
    "%s is supported by its first instances",
    (_, { extreme, status }) => expect(status, `at the furthest ${extreme}`).toBe("supported"),
  );

  test("are measured reproducibly, and depend on the seed", () => {
    const few = { ...run, instances: 2 };
    expect(coverageMeasures(few)).toEqual(coverageMeasures(few));
    expect(coverageMeasures(few)).not.toEqual(coverageMeasures({ ...few, seed: 1 }));
    expect(coverageMeasures({ ...few, instances: 1 })["not-unique"]).toEqual(
      coverageMeasures(few)["not-unique"]?.slice(0, 1),
    );
  });
});

describe("rows of the figures", () => {
  test("have no gap between RLHF and offline if and only if the classes are isomorphic", () => {
    const rows = gapsByClassSize(1, 2);
    expect(rows).toHaveLength(2 * isomorphicSize);
    for (const { features, gap, rlhfError, offlineError } of rows)
      if (features === isomorphicSize) {
        expect(gap).toBeLessThan(1e-8);
        expect(rlhfError).toBeCloseTo(offlineError, 8);
      } else expect(gap).toBeGreaterThan(1e-4);
  });

  test("have no error with exact preference probabilities", () => {
    const [noisy, exact] = errorsByData(1, 1, [1, Infinity]);
    expect(noisy?.offlineError).toBeGreaterThan(0.01);
    expect(exact?.offlineError).toBeLessThan(1e-8);
    expect(exact?.rlhfError).toBeLessThan(1e-8);
  });

  test("have a gap that shrinks with gradient steps", () => {
    const [none, some, many] = gapsAfterSteps(1, [0, 10, 20_000]);
    expect(none?.gap).toBeGreaterThan(Number(some?.gap));
    expect(many?.gap).toBeLessThan(1e-9);
  });
});
