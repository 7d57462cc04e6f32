import { describe, expect, test } from "vitest";
import { errorsByData, gapsByClassSize, isomorphicSize } from "../../src/theory/class-size.ts";
import { complexityByHorizon, complexityMeasures } from "../../src/theory/complexity.ts";
import { counterexampleMeasures } from "../../src/theory/counterexample.ts";
import { coverageMeasures } from "../../src/theory/coverage.ts";
import { equivalenceMeasures } from "../../src/theory/equivalence.ts";
import { projectionMeasures } from "../../src/theory/gaussians.ts";
import type { RandomInstances } from "../../src/theory/random-instances.ts";
import { lemmaMeasures } from "../../src/theory/reverse-kl-lemma.ts";
import { spinMeasures } from "../../src/theory/spin.ts";
import { gapsAfterSteps, violatedConditionMeasures } from "../../src/theory/violated-conditions.ts";
import { judgeExact } from "../../src/verdicts/judge.ts";
import { readExactRegistration } from "../../src/verdicts/read-registration.ts";

const registered = readExactRegistration("00-theory");
const run: RandomInstances = { seed: registered.seed, instances: 14 };
const walks = { goal: complexityByHorizon("goal"), slope: complexityByHorizon("slope") };
const allMeasures = (instances: RandomInstances) => ({
  ...lemmaMeasures(instances),
  ...equivalenceMeasures(instances),
  ...violatedConditionMeasures(instances),
  ...coverageMeasures(instances),
  ...counterexampleMeasures(instances),
  ...spinMeasures(instances),
  ...projectionMeasures(instances),
  ...complexityMeasures(instances, walks),
});

describe("the registered claims", () => {
  const measures = allMeasures(run);

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
