import { beforeAll, describe, expect, test } from "vitest";
import { winRate } from "../../src/evaluation/win-rate.ts";
import {
  againstHumans,
  armContests,
  armIds,
  judgingText,
  planJudge,
  showJudging,
} from "../../src/experiments/judging.ts";
import { type Contest, scorerJudge } from "../../src/judge/judge.ts";
import { judgedWinRate } from "../../src/judge/judged-win-rate.ts";
import { dpoScorer, globalScorer, localScorer, policyLogps } from "../../src/models/scorers.ts";
import { type Evaluation, evaluationStage } from "../../src/pipeline/evaluation.ts";
import { arms, label, scorers } from "../../src/results/labels.ts";
import { arm, judged, seedPlan } from "../../src/results/plan.ts";
import { sharpened } from "../by-hand.ts";
import { task } from "../laboratory.ts";
import { data, handMadeStore, lab, reward, sft } from "../pipeline/hand-made.ts";

const { store, compute } = handMadeStore();
const [dpo, local] = [lab.dpo(1), lab.localReward(1)];
const plan = seedPlan(3, {
  arms: [arm(arms.sft, lab.sft), arm(arms.dpo, dpo)],
  bestArms: [{ label: arms.dpoBest, candidates: [arms.dpo] }],
  scorers: [
    judged(scorers.global, lab.verification(lab.reward)),
    judged(scorers.local, lab.verification(local)),
    judged(scorers.dpo, lab.verification(dpo)),
    judged(label("own", "own", "#000000"), lab.verification("likelihood")),
  ],
});
/** Less sure than SFT: it prefers SFT's greedy completions, but less than SFT does. */
const tuned = sharpened(sft, 0.5);
let evaluation: Evaluation;
let contests: Contest[];

beforeAll(async () => {
  for (const stage of [dpo, local]) store.write(stage, { model: tuned, metrics: [] }, provenance);
  ({ evaluation } = await compute(evaluationStage(lab.sft, "evaluation")));
  contests = armContests([plan], "sft", { store });
});

const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };

describe("armContests", () => {
  test("gives each evaluation prompt once, with the greedy completion and the reference, as tokens and texts", () => {
    expect(contests).toHaveLength(data.evaluation.length);
    expect(new Set(contests.map(({ prompt }) => prompt.tokens.join()))).toHaveLength(contests.length);
    for (const { seed, prompt, completion, reference, text } of contests) {
      const at = data.evaluation.findIndex((one) => one.prompt.tokens.join() === prompt.tokens.join());
      expect(seed).toBe(3);
      expect(completion).toEqual(evaluation.completions[at]);
      expect(reference).toEqual(data.evaluation[at]?.completion);
      expect(text).toEqual({
        prompt: task.text(prompt.tokens),
        completion: task.text(completion),
        reference: task.text(reference),
      });
    }
  });

  test("draws prompts with the seed, so that more include fewer", () => {
    const few = armContests([plan], "sft", { store, prompts: 3 });
    expect(few).toEqual(contests.slice(0, 3));
    expect(contests.map(({ prompt }) => prompt.tokens)).not.toEqual(
      data.evaluation.map(({ prompt }) => prompt.tokens),
    );
  });

  test("names an unknown arm, and one that has not been evaluated", () => {
    expect(armIds([plan])).toEqual(["sft", "dpo", "dpo-best"]);
    expect(() => armContests([plan], "dpi", { store })).toThrow('There is no arm "dpi": did you mean "dpo"?');
    for (const id of ["dpo", "dpo-best"])
      expect(() => armContests([plan], id, { store })).toThrow(
        `has no evaluation of "${id}" on seed 3: train it first.`,
      );
  });
});

describe("planJudge", () => {
  test("by gold gives the win rate of the evaluation", async () => {
    const rate = await judgedWinRate(planJudge([plan], "gold", store), contests);
    const { outcomes, ...interval } = winRate(evaluation.greedyRewards, evaluation.referenceRewards);
    expect(rate.winRate).toEqual(interval);
    expect([...rate.judgements.map(({ outcome }) => outcome)].sort()).toEqual([...outcomes].sort());
  });

  test.each([
    ["global", () => globalScorer(task, reward)],
    ["local", () => localScorer(task, tuned, lab.config.preference.beta)],
  ])("by the %s reward model gives what its scores say", async (id, scorer) => {
    const found = await planJudge([plan], id, store).judge(contests);
    expect(found).toEqual(await scorerJudge(id, scorer()).judge(contests));
    expect(found.some(({ outcome }) => outcome === 1)).toBe(true);
  });

  test("by a policy's implicit reward takes its reference into account", async () => {
    const found = await planJudge([plan], "dpo", store).judge(contests);
    const scorer = (samples: Parameters<ReturnType<typeof globalScorer>>[0]) =>
      dpoScorer(task, tuned, [...policyLogps(task, sft, samples)], lab.config.preference.beta)(samples);
    expect(found).toEqual(await scorerJudge("dpo", scorer).judge(contests));
    expect(found).not.toEqual(await planJudge([plan], "local", store).judge(contests));
  });

  test("names an unknown scorer, one that cannot judge, and a seed without a plan", async () => {
    expect(() => planJudge([plan], "globl", store)).toThrow(
      'There is no scorer "globl": did you mean "global"?',
    );
    expect(() => planJudge([plan], "own", store)).toThrow('The scorer "likelihood" cannot judge');
    const other = contests.map((contest) => ({ ...contest, seed: 4 }));
    await expect(planJudge([plan], "gold", store).judge(other)).rejects.toThrow(
      "No plan of seed 4 was given",
    );
  });
});

describe("againstHumans", () => {
  test("takes the human summaries that prompts have, as texts only", () => {
    const withSummary = contests.map((one) => ({
      ...one,
      prompt: { ...one.prompt, reference: "a summary" },
    }));
    const [first] = againstHumans(withSummary);
    expect(first).toEqual({ seed: 3, text: { ...contests[0]?.text, reference: "a summary" } });
    expect(() => againstHumans(contests)).toThrow("The prompts of this task have no human summary");
  });
});

test("progress is shown with the time left and the money spent", () => {
  const used = { requests: 5, inputTokens: 10, outputTokens: 3 };
  expect(judgingText({ done: 0, total: 9, used })).toBe("0 of 9 answers");
  const state = { done: 4, total: 9, secondsLeft: 200, used: { ...used, money: 0.21349 } };
  expect(judgingText(state)).toBe("4 of 9 answers, 3 min left, 0.213 spent");
  const shown: unknown[] = [];
  showJudging({ update: (...parts) => shown.push(parts), finish: () => {} })(state);
  expect(shown).toEqual([[4, 9, "4 of 9 answers, 3 min left, 0.213 spent"]]);
  expect(() => showJudging(undefined)(state)).not.toThrow();
});
