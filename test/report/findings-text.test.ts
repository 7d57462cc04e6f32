import { describe, expect, test } from "vitest";
import { findingSentences, findingsText, verdictSentence } from "../../src/report/findings-text.ts";
import { arms, variant } from "../../src/results/labels.ts";
import { judge } from "../../src/verdicts/judge.ts";
import { readRegistration, testSeeds } from "../../src/verdicts/read-registration.ts";
import type { Registration } from "../../src/verdicts/registration.ts";
import type { Rule } from "../../src/verdicts/rules.ts";
import { armResult, seedResult } from "../seed-results.ts";
import { hypothesisYaml, resultsOf, testRegistration } from "../verdicts/test-registration.ts";

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

describe("the sentences of a test", () => {
  const LOW = [0.4, 0.41, 0.39, 0.4, 0.4];
  const HIGH = [0.45, 0.45, 0.45, 0.44, 0.46];
  const EQUIVALENCE = { rule: "{ kind: equivalence, margin: 0.03 }" };
  const sentences = (
    changes: Record<string, string>,
    results = resultsOf([arms.dpo, LOW], [arms.onlineDpo, HIGH]),
    circumstances: Parameters<typeof judge>[2] = {},
  ) =>
    judge(testRegistration([hypothesisYaml("one", changes)]), results, circumstances).map(
      findingSentences,
    )[0];

  test("say what was found for or against the paper, with p-value and power", () => {
    expect(sentences({})).toEqual([
      "Online DPO (DPO) − DPO, win rate, greedy decoding: +5.0 points, 95% interval [+3.8, +6.2], 5 seeds: above zero.",
      "Supported, for the paper: the interval is above zero; p < .001, power for 3 points above 99%.",
    ]);
    const swapped = resultsOf([arms.dpo, HIGH], [arms.onlineDpo, LOW]);
    expect(sentences({}, swapped)?.[1]).toBe(
      "Refuted, against the paper: the interval is below zero for Online DPO (DPO) − DPO; p < .001, power for 3 points above 99%.",
    );
    const same = resultsOf([arms.dpo, LOW], [arms.onlineDpo, [0.42, 0.4, 0.4, 0.38, 0.41]]);
    expect(sentences({}, same)?.[1]).toMatch(
      /^Not shown: the interval is not above zero for .* − DPO; p = \.\d{3}, power for 3 points \d\d%\.$/,
    );
  });

  test("name the level of the step and the adjusted p-value in a family", () => {
    const primaries = ["01-a", "02-b"].map((registration) => ({ registration, hypothesis: "main" }));
    expect(sentences({ primary: "true" }, undefined, { primaries })).toEqual([
      expect.stringContaining("98.3% interval"),
      "Supported, for the paper: the interval is above zero; Holm-adjusted p = .001, power for 3 points 96%.",
      "Primary hypotheses that have no verdict yet count as undecided: 01-a main, 02-b main.",
    ]);
  });

  test("say where the interval lies beside a margin", () => {
    const at = (changes: Record<string, string>, other: readonly number[]) =>
      sentences(changes, resultsOf([arms.dpo, LOW], [arms.onlineDpo, other]))?.[0]
        ?.split(": ")
        .at(-1);
    expect(at(EQUIVALENCE, [0.41, 0.4, 0.4, 0.39, 0.4])).toBe("within ± 3 points.");
    expect(at(EQUIVALENCE, HIGH)).toBe("outside ± 3 points.");
    expect(at(EQUIVALENCE, [0.5, 0.4, 0.4, 0.3, 0.4])).toBe("not within ± 3 points.");
    const nonInferiority = { rule: "{ kind: non-inferiority, margin: 0.03 }" };
    expect(at(nonInferiority, HIGH)).toBe("above −3 points.");
    expect(at(nonInferiority, [0.5, 0.4, 0.4, 0.3, 0.4])).toBe("not above −3 points.");
    expect(sentences(EQUIVALENCE)?.[1]).toContain("power for no difference ");
  });

  test("say why there is no verdict yet", () => {
    const results = resultsOf([arms.dpo, LOW], [arms.onlineDpo, HIGH]);
    expect(sentences({}, results.slice(0, 3))?.slice(1)).toEqual([
      "No verdict yet: 3 of the 5 registered seeds have been run.",
    ]);
    expect(sentences({}, results.slice(0, 1), { preset: "smoke" })).toEqual([
      "Online DPO (DPO) − DPO, win rate, greedy decoding: +5.0 points, 1 seed: no interval.",
      "No verdict at smoke.",
    ]);
    const other = results.map((one) => ({ ...one, seed: one.seed + 4 }));
    expect(sentences({}, other)?.at(-1)).toBe(
      "No verdict: seeds 6, 7, 8, 9 are not registered for the preset laptop.",
    );
    expect(sentences({}, other.slice(0, 2))?.at(-1)).toBe(
      "No verdict: seed 6 is not registered for the preset laptop.",
    );
  });

  test("name a grid that is too short, and seeds on which curves do not overlap", () => {
    const chosen = resultsOf([arms.dpo, LOW], [arms.dpoBest, LOW], [arms.onlineDpo, HIGH]).map((one) => ({
      ...one,
      choices: [
        {
          best: arms.dpoBest,
          chosen: arms.dpo5x,
          candidates: [arms.dpo, arms.dpo5x].map((label) => ({ label, value: 0 })),
        },
      ],
    }));
    const estimate = "{ metric: greedy-win-rate, treatment: online-dpo, control: dpo-best }";
    expect(sentences({ estimate }, chosen)?.at(-1)).toBe(
      "The grid of DPO (best epoch) is too short: an end was chosen on 5 of 5 seeds.",
    );
    const curves =
      "{ metric: greedy-win-rate, name: At one KL, at equal: kl, treatment: [online-dpo, dpo-2x], control: [dpo, dpo-2x] }";
    const apart = [1, 2, 3, 4, 5].map((seed) =>
      seedResult(seed, {
        arms: [
          { ...armResult(arms.dpo, 0.4), kl: 1 },
          { ...armResult(arms.dpo2x, 0.5), kl: 2 },
          { ...armResult(arms.onlineDpo, 0.5), kl: seed > 3 ? 3 : 1 },
        ],
      }),
    );
    expect(sentences({ estimate: curves }, apart)).toEqual([
      "Uninformative: no overlap in KL from the reference on seeds 4, 5.",
    ]);
  });
});
