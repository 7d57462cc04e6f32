import { describe, expect, test } from "vitest";
import { findingSentences, findingsText, verdictSentence } from "../../src/report/findings-text.ts";
import { arms, variant } from "../../src/results/labels.ts";
import { judge } from "../../src/verdicts/judge.ts";
import { readRegistration, testSeeds } from "../../src/verdicts/read-registration.ts";
import type { Registration } from "../../src/verdicts/registration.ts";
import type { Rule } from "../../src/verdicts/rules.ts";
import { armResult, seedResult } from "../seed-results.ts";

const main = readRegistration("01-main-comparison");
/** Results in which the online arms win more often than DPO and its best epoch by these shares. */
const resultsWith = (
  { sft, dpo }: { sft: number; dpo: number },
  best = { sft: 0.1, dpo: 0.1 },
  seeds: readonly number[] = [21, 22, 23, 24, 25],
) =>
  seeds.map((seed) =>
    seedResult(seed, {
      arms: [
        armResult(arms.dpo, 0.5),
        armResult(arms.onlineSft, 0.5 + sft),
        armResult(arms.onlineDpo, 0.5 + dpo),
        armResult(arms.dpoBest, 0.5 + Math.min(sft, dpo) - Math.min(best.sft, best.dpo)),
      ],
    }),
  );
const sentencesOf = (registration: Registration, ...of: Parameters<typeof resultsWith>) =>
  judge(registration, resultsWith(...of)).map(verdictSentence);
/** The main comparison's first hypothesis under another rule. */
const withRule = (rule: Rule): Registration => ({
  ...main,
  hypotheses: main.hypotheses.slice(0, 1).map((one) => ({ ...one, rule })),
});

test("findings give the verdict first, then each number", () => {
  const registration = readRegistration("06-h4-data");
  const rates = [
    [arms.dpo, 0.4],
    [arms.dpo2x, 0.45],
    [arms.onlineSft, 0.5],
    [arms.onlineDpo, 0.55],
  ] as const;
  const all = rates.flatMap(([arm, rate]) => [
    armResult(arm, rate),
    armResult(variant(arm, "wide pairs"), rate),
  ]);
  const results = testSeeds(registration.id, "laptop").map((seed) => seedResult(seed, { arms: all }));
  const [narrow, width] = findingsText(judge(registration, results)).split("\n\n**");
  expect(narrow).toMatch(
    /^\*\*H4-narrow: supported\.\*\* With narrow pairs .*\n\n- Online DPO \(SFT\) − DPO, .*\+10\.0/,
  );
  expect(width).toContain("H4-width: supported.");
});

describe("a verdict's sentence", () => {
  test("says which intervals decided it", () => {
    expect(sentencesOf(main, { sft: 0.1, dpo: 0.2 })).toEqual([
      "Supported: every interval is above zero.",
      "Supported: every interval is above zero.",
    ]);
    expect(sentencesOf(main, { sft: 0.1, dpo: -0.1 })[0]).toBe(
      "Refuted: the interval is below zero for Online DPO (DPO) − DPO.",
    );
    expect(sentencesOf(main, { sft: -0.1, dpo: -0.1 })[0]).toBe(
      "Refuted: the intervals are below zero for Online DPO (SFT) − DPO and Online DPO (DPO) − DPO.",
    );
    expect(sentencesOf(main, { sft: 0, dpo: 0.1 })[0]).toBe(
      "Not shown: the interval is not above zero for Online DPO (SFT) − DPO.",
    );
  });

  test("of a hypothesis that strengthens another names what is missing", () => {
    expect(sentencesOf(main, { sft: 0.1, dpo: 0.1 }, { sft: 0, dpo: 0 })[1]).toBe(
      "Not shown: the intervals are not above zero for Online DPO (SFT) − DPO (best epoch) and Online DPO (DPO) − DPO (best epoch).",
    );
    expect(sentencesOf(main, { sft: -0.1, dpo: -0.1 })[1]).toBe("Not shown: main is refuted.");
  });

  test("uses the margin of the rule, in the unit of the measure", () => {
    const equivalence = withRule({ kind: "equivalence", margin: 0.03 });
    expect(sentencesOf(equivalence, { sft: 0.1, dpo: 0.01 })).toEqual([
      "Refuted: the interval is outside ± 3 points for Online DPO (SFT) − DPO.",
    ]);
    const nonInferiority = withRule({ kind: "non-inferiority", margin: 0.03 });
    expect(sentencesOf(nonInferiority, { sft: 0.1, dpo: -0.01 })).toEqual([
      "Supported: every interval is above −3 points.",
    ]);
    expect(sentencesOf(nonInferiority, { sft: 0.1, dpo: -0.1 })).toEqual([
      "Refuted: the interval is below −3 points for Online DPO (DPO) − DPO.",
    ]);
  });

  test("adds the measures if there are several", () => {
    const registration: Registration = {
      ...main,
      hypotheses: main.hypotheses.slice(0, 1).map((one) => ({
        ...one,
        estimates: ["greedy-win-rate", "greedy-reward"].map((metric) => ({
          metric,
          treatment: arms.onlineDpo,
          control: arms.dpo,
        })),
      })),
    };
    expect(sentencesOf(registration, { sft: 0, dpo: 0 })).toEqual([
      "Not shown: the intervals are not above zero for Online DPO (DPO) − DPO (win rate, greedy decoding) and " +
        "Online DPO (DPO) − DPO (gold reward, greedy decoding).",
    ]);
  });

  test("says why nothing is decided", () => {
    const few = sentencesOf(main, { sft: 0.1, dpo: 0.1 }, undefined, [21, 22]);
    expect(few).toEqual(Array(2).fill("Uninformative: the rule needs at least 5 seeds and this run has 2."));
  });
});

test("an unmet need is named with what was measured", () => {
  const registration: Registration = {
    ...main,
    hypotheses: main.hypotheses.slice(0, 1).map((one) => ({
      ...one,
      needs: [
        { metric: "greedy-win-rate", treatment: arms.dpo, control: arms.onlineDpo },
        { metric: "greedy-win-rate", label: arms.dpo, side: "below", bound: 0.3 },
      ],
    })),
  };
  const [finding] = judge(registration, resultsWith({ sft: 0.1, dpo: 0.1 }));
  const sentences = finding === undefined ? [] : findingSentences(finding);
  expect(sentences.slice(2)).toEqual([
    "The test needs DPO above Online DPO (DPO) in win rate, greedy decoding: DPO − Online DPO (DPO), win rate, " +
      "greedy decoding: −10.0 points, 95% interval [−10.0, −10.0], 5 seeds: below zero.",
    "The test needs DPO below 30 points in win rate, greedy decoding, which is at 50 points.",
    "Uninformative: not everything that the test needs is given.",
  ]);
});

test("seeds that are not those of a preset make a finding exploratory", () => {
  const lastSentence = (seeds: readonly number[]) =>
    judge(main, resultsWith({ sft: 0.1, dpo: 0.1 }, undefined, seeds))
      .map(findingSentences)
      .map((sentences) => sentences.at(-1))[0];
  expect(lastSentence([101, 102, 103, 104, 105])).toBe(
    "Exploratory: the seeds (101, 102, 103, 104, 105) are not those registered for any preset.",
  );
  expect(lastSentence([21, 22, 23, 24])).toContain("Exploratory");
  expect(lastSentence([25, 24, 23, 22, 21])).toBe("Supported: every interval is above zero.");
});
