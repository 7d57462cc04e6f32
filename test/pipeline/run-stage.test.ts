import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pairStatistics } from "../../src/evaluation/pair-statistics.ts";
import { type LaboratoryConfig, laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import type { Model } from "../../src/models/gpt-neox.ts";
import { initialModel, rewardModelFrom } from "../../src/models/initialization.ts";
import { unflatten } from "../../src/models/named-weights.ts";
import { sample } from "../../src/models/sampling.ts";
import { dpoScorer, globalScorer, policyEntropy } from "../../src/models/scorers.ts";
import type { EvaluationStage } from "../../src/pipeline/evaluation.ts";
import { onlinePairsStage } from "../../src/pipeline/online-pairs.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import { sharedInputs } from "../../src/pipeline/shared-stages.ts";
import type { Output, PolicyStage, RewardModelStage, Stage } from "../../src/pipeline/stage.ts";
import { openStore } from "../../src/pipeline/store.ts";
import type { Prompt, Sample } from "../../src/tasks/task.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { sharpened, total } from "../by-hand.ts";
import { model as fresh, task } from "../laboratory.ts";

/* Stages on models that are put into the store by hand. They are untrained, and differ from each other. */

const smoke = keyEnvConfig("smoke");
const config: LaboratoryConfig = {
  ...smoke,
  sizes: { demonstrations: 1, pairs: 24, validation: 600, evaluation: 60 },
  model: fresh.config,
  verification: { prompts: 3, completions: 1 },
  samplingTemperature: 0,
};
const seed = 3;
const { eos, pad } = task.vocabulary;
const lab = laboratory(config, seed);
const dpoStage = lab.dpo(1);
const dpoTwice = lab.dpo(2);
const online = lab.onlinePairs(dpoStage);
const data = task.data(seed, config.sizes);
const sft = sharpened(fresh, 8);
const dpo = sharpened(initialModel(fresh.config, randomStream(8, "weights")), 8);
const reward = rewardModelFrom(sft, randomStream(9, "head"));

const store = openStore(mkdtempSync(path.join(tmpdir(), "allroads run-stage ")));
afterAll(() => rmSync(store.folder, { recursive: true, force: true, maxRetries: 3 }));
const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };
const put = (stage: PolicyStage | RewardModelStage, model: Model) =>
  store.write(stage as PolicyStage, { model, metrics: [] }, provenance);
async function computed<O extends Output>(stage: Stage<O>): Promise<O["result"]> {
  for (const one of [...sharedInputs(stage), stage]) await runStage(store, one);
  return store.get(stage);
}

/** One completion of each prompt, from random streams other than the stage's. */
async function completed(model: Model, prompts: readonly Prompt[], temperature: number): Promise<Sample[]> {
  const requests = prompts.map((prompt, index) => ({
    prompt: prompt.tokens,
    forcedNext: task.forcedNext!(prompt),
    stream: randomStream(1, "run-stage test", index),
  }));
  const options = { completions: 1, temperature, maxTokens: task.completionLength, eos, pad };
  const samples = await sample(model, requests, options);
  return prompts.map((prompt, index) => ({ prompt, completion: samples[index]![0]! }));
}

const gold = (samples: readonly Sample[]) =>
  samples.map(({ prompt, completion }) => task.score(prompt, completion));
const mean = (values: readonly number[]) => total(values) / values.length;
const malformed = (samples: readonly Sample[]) =>
  mean(samples.map(({ prompt, completion }) => Number(task.isMalformed(prompt, completion))));

/**
 * A policy that depends on the last token only. First it ends or states any fact, with even chances; after a fact it ends
 * with probability 0.9. Greedy decoding always ends at once.
 */
function hesitant(): Model {
  const weights = new Float32Array(fresh.weights.length);
  const {
    "gpt_neox.embed_in.weight": embedding,
    "gpt_neox.final_layer_norm.weight": gain,
    "embed_out.weight": unembedding,
  } = unflatten(fresh.config, weights);
  const { hidden_size: hidden, vocab_size: size } = fresh.config;
  const [{ tokens }] = data.prompts as [Prompt];
  const forcedNext = task.forcedNext!(data.prompts[0]!);
  const facts = forcedNext.filter((next) => next !== -1).length;
  gain!.fill(Math.sqrt(2 / hidden));
  for (let token = 0; token < size; token++) {
    embedding!.set([100, -100], token * hidden + (token === tokens.at(-1) ? 0 : 2));
    const logit = (end: number) =>
      Math.log(token === eos ? end : forcedNext[token] === -1 ? 1e-12 : (1 - end) / facts);
    unembedding!.set([logit(0.5), 0, logit(0.9)], token * hidden);
  }
  return { ...fresh, weights };
}

beforeAll(() => {
  put(lab.sft, sft);
  put(dpoStage, dpo);
  put(lab.rewardWith({}), reward);
});

describe("an evaluation", () => {
  const stage = (split: EvaluationStage["split"]): EvaluationStage => ({
    kind: "evaluation",
    setting: lab.setting,
    policy: dpoStage,
    split,
  });

  test.each(["validation", "evaluation"] as const)(
    "evaluates its policy on the %s prompts",
    async (split) => {
      const evaluation = (await computed(stage(split))).evaluation;
      const prompts = data[split].map(({ prompt }) => prompt);
      const greedyRewards = await completed(dpo, prompts, 0);
      expect(evaluation.referenceRewards).toEqual(gold(data[split]));
      expect(evaluation.completions).toEqual(greedyRewards.map(({ completion }) => completion));
      expect(evaluation.greedyRewards).toEqual(gold(greedyRewards));
      expect(evaluation.malformed).toBeCloseTo(malformed(greedyRewards), 10);
    },
  );

  test("takes sampled rewards and entropy from one sample per prompt at temperature 1", async () => {
    const policy = dpoTwice;
    const model = hesitant();
    put(policy, model);
    const hesitantStage: EvaluationStage = { ...stage("validation"), policy };
    const { evaluation } = await computed(hesitantStage);
    expect(evaluation.completions).toEqual(data.validation.map(() => [eos]));
    const movedFrom = (rewards: readonly number[]) =>
      mean(rewards.map((value, index) => Number(value !== evaluation.greedyRewards[index])));
    const prompts = data.validation.map(({ prompt }) => prompt);
    const distances = async (temperature: number) => {
      const samples = await completed(model, prompts, temperature);
      const moved = movedFrom(evaluation.sampledRewards) - movedFrom(gold(samples));
      return [moved, evaluation.entropy - policyEntropy(task, model, samples)].map(Math.abs);
    };
    expect(evaluation.malformed).toBe(0);
    expect(evaluation.malformedSampled).toBeGreaterThan(0);
    expect(evaluation.malformedSampled).toBeCloseTo(malformed(await completed(model, prompts, 1)), 1);
    for (const distance of await distances(1)) expect(distance).toBeLessThan(0.06);
    for (const other of [0, 0.7, 1.5])
      for (const distance of await distances(other)) expect(distance).toBeGreaterThan(0.1);
  });
});

test("pairs labelled by the task's annotator come with statistics", async () => {
  const { pairs, pairStatistics: measured } = await computed(online);
  const own = pairs.map((pair) => ({ ...pair, prompt: data.prompts[pair.prompt]! }));
  expect(measured).toEqual(pairStatistics(task, own));
});

describe("online pairs", () => {
  test("are samples of the stage's policy, ordered by its reward model", async () => {
    const pairs = (await computed(online)).pairs;
    const others = (await computed(onlinePairsStage(lab.setting, { ...online, policy: lab.sft }))).pairs;
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs).not.toEqual(others);
    const scored = (side: "chosen" | "rejected") =>
      globalScorer(
        task,
        reward,
      )(pairs.map((pair) => ({ prompt: data.prompts[pair.prompt]!, completion: pair[side] })));
    const [chosen, rejected] = [scored("chosen"), scored("rejected")];
    for (const index of pairs.keys()) expect(chosen[index]).toBeGreaterThan(rejected[index]!);
  });
});

describe("a verification", () => {
  test("scores the SFT policy's samples by its scorer, beside gold", async () => {
    const prompts = data.evaluation.slice(0, 3).map(({ prompt }) => prompt);
    const samples = await completed(sft, prompts, 0);
    const scorers = {
      global: globalScorer(task, reward),
      dpo: dpoScorer(task, dpo, sft, config.preference.beta),
    };
    const stages = { global: lab.reward, dpo: dpoStage };
    for (const [name, scorer] of Object.entries(scorers)) {
      const found = (await computed(lab.verification(stages[name as keyof typeof scorers]))).verification;
      expect(found.gold).toEqual(gold(samples).map((value) => [value]));
      expect(found.referenceRewards).toEqual(gold(data.evaluation.slice(0, 3)));
      for (const [index, score] of [...scorer(samples)].entries())
        expect(found.scores[index]![0]).toBeCloseTo(score, 3);
    }
  });
});
