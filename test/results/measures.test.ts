import { describe, expect, test } from "vitest";
import { arms, label, scorers } from "../../src/results/labels.ts";
import {
  isMeasure,
  measuredSubject,
  measureNamed,
  missingLabels,
  valuesOf,
} from "../../src/results/measures.ts";
import { armResult, scorerResult, seedResult } from "../seed-results.ts";

describe("a measure's name", () => {
  test("is looked up among the measures of arms and of scorers", () => {
    expect(measureNamed("kl").unit).toBe("nats");
    expect(["kl", "forward-passes", "best-of-25", "best-of-25-win-rate"].map(measuredSubject)).toEqual([
      "arm",
      "arm",
      "scorer",
      "scorer",
    ]);
  });

  test.each(["constructor", "toString", "__proto__", "no-such"])(
    "that is no measure is refused: %s",
    (name) => {
      expect(isMeasure(name)).toBe(false);
      expect(() => measureNamed(name)).toThrow(`There is no measure "${name}"; there are greedy-win-rate, `);
      expect(() => measuredSubject(name)).toThrow("There is no measure");
    },
  );
});

describe("values that earlier records lack", () => {
  const arm = armResult(arms.dpo, 0.5);
  const scorer = scorerResult(scorers.global, 0.7);
  const values = (measure: string, parts: object) => {
    const own = measuredSubject(measure) === "arm";
    const result = seedResult(7, {
      arms: [{ ...arm, ...(own && parts) }],
      scorers: [{ ...scorer, ...(!own && parts) }],
    });
    return valuesOf(result, measure, own ? arms.dpo : scorers.global);
  };

  test.each(["malformed-sampled", "forward-passes", "best-of-25-win-rate"])(
    "are not measured: %s",
    (measure) => {
      expect(() => values(measure, {})).toThrow(`Seed 7 did not measure ${measure} of`);
    },
  );

  test("are read where they were recorded, a zero too", () => {
    expect(values("malformed-sampled", { malformedSampled: 0 })).toEqual([0]);
    expect(values("forward-passes", { forwardPasses: 800 })).toEqual([800]);
    // The best of 25 is worth 25 on both prompts.
    expect(values("best-of-25-win-rate", { referenceRewards: [24, 25] })).toEqual([1, 0.5]);
  });
});

test("missing labels are found by id where a registration knows no name, else by id and name", () => {
  const [own, named] = [label("own-arm", "own-arm", "#707070"), label("own-arm", "My arm", "#333333")];
  const results = [seedResult(7, { missing: [named, arms.dpo] })];
  expect(missingLabels(results, [own, scorers.dpo, arms.dpo])).toEqual([own, arms.dpo]);
});
