import { mkdirSync } from "node:fs";
import path from "node:path";
import { mean } from "../evaluation/statistics.ts";
import { initialModel, type Model } from "../models/gpt-neox.ts";
import { sample } from "../models/sampling.ts";
import { dpoScorer, globalScorer, policyEntropy } from "../models/scorers.ts";
import { goldScorer } from "../tasks/scorers.ts";
import type { PreferencePair, Prompt, Scorer, Task, TaskData } from "../tasks/task.ts";
import { device } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import { annotatedPairs, bestAgainstWorst } from "../training/pairs.ts";
import { trainPreference } from "../training/preference.ts";
import { trainRewardModel } from "../training/reward-model.ts";
import { trainSft } from "../training/sft.ts";
import type { TrainingHooks } from "../training/train.ts";
import { openTask } from "./open-task.ts";
import { remember } from "./remember.ts";
import type {
  EvaluationStage,
  OfflinePairsStage,
  OnlinePairsStage,
  PairsStage,
  Setting,
  Stage,
  VerificationStage,
} from "./stage.ts";
import {
  type IndexedPair,
  inWords,
  type Provenance,
  readResult,
  type StageResult,
  workFolder,
  writeResult,
} from "./store.ts";

/** What surrounds a stage and does not change its result. */
export interface StageHooks {
  readonly signal?: AbortSignal;
  /** Called with the part of the stage that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/**
 * Computes one stage whose parents are in the store, and stores it, unless it is there already. A training
 * stage that was stopped goes on from its checkpoint.
 */
export async function runStage(store: string, stage: Stage, hooks: StageHooks = {}): Promise<void> {
  if (readResult(store, stage) !== undefined) return;
  const started = performance.now();
  try {
    writeResult(store, stage, await compute(store, stage, hooks), provenanceSince(started));
  } catch (error) {
    throw inWords(store, error);
  }
}

/** Where this process computes, and for how long since `started`, in milliseconds of `performance.now`. */
function provenanceSince(started: number): Provenance {
  const { name, tensorflow } = device();
  return {
    device: name,
    tensorflow,
    node: process.version,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    finished: new Date().toISOString(),
  };
}

async function compute(store: string, stage: Stage, hooks: StageHooks): Promise<StageResult> {
  const { seed } = stage.setting;
  const { task, data } = materials(stage.setting);
  const training = (): TrainingHooks => {
    const folder = workFolder(store, stage);
    mkdirSync(folder, { recursive: true });
    return {
      checkpoint: path.join(folder, "checkpoint.safetensors"),
      signal: hooks.signal,
      onStep: (row, steps) => hooks.onProgress?.(row.step! / steps),
    };
  };
  switch (stage.kind) {
    case "sft": {
      const fresh = initialModel(stage.model, randomStream(seed, "sft", "weights"));
      return trainSft(task, fresh, data.demonstrations, { ...stage.options, seed }, training());
    }
    case "offline-pairs":
      return { pairs: indexed(data.prompts, await offlinePairs(store, stage, task, data, hooks)) };
    case "online-pairs":
      return { pairs: indexed(data.prompts, await onlinePairs(store, stage, task, data, hooks)) };
    case "reward": {
      const pairs = readPairs(store, stage.pairs, data.prompts);
      return trainRewardModel(
        task,
        readModel(store, stage.policy),
        pairs,
        { ...stage.options, seed },
        training(),
      );
    }
    case "preference": {
      const pairs = readPairs(store, stage.pairs, data.prompts);
      return trainPreference(
        task,
        readModel(store, stage.policy),
        pairs,
        { ...stage.options, seed },
        training(),
      );
    }
    case "evaluation":
      return { evaluation: await evaluate(store, stage, task, data, hooks) };
    case "verification":
      return { verification: await verify(store, stage, task, data, hooks) };
  }
}

async function offlinePairs(
  store: string,
  stage: OfflinePairsStage,
  task: Task,
  data: TaskData,
  hooks: StageHooks,
): Promise<readonly PreferencePair[]> {
  if (data.pairs !== undefined) return data.pairs;
  const policy = readModel(store, stage.policy);
  const samples = await sampleFor(task, policy, data.prompts, "offline-pairs", 2, stage, hooks);
  return annotatedPairs(task, data.prompts, samples, stage.setting.seed);
}

async function onlinePairs(
  store: string,
  stage: OnlinePairsStage,
  task: Task,
  data: TaskData,
  hooks: StageHooks,
): Promise<PreferencePair[]> {
  const policy = readModel(store, stage.policy);
  const samples = await sampleFor(
    task,
    policy,
    data.prompts,
    "online-pairs",
    stage.completions,
    stage,
    hooks,
  );
  return bestAgainstWorst(data.prompts, samples, globalScorer(task, readModel(store, stage.reward)));
}

async function evaluate(
  store: string,
  stage: EvaluationStage,
  task: Task,
  data: TaskData,
  hooks: StageHooks,
) {
  const policy = readModel(store, stage.policy);
  const references = data[stage.split];
  const prompts = references.map(({ prompt }) => prompt);
  const complete = async (temperature: number) => {
    const setting = { temperature, setting: stage.setting };
    const samples = await sampleFor(task, policy, prompts, `evaluation-${stage.split}`, 1, setting, hooks);
    return prompts.map((prompt, index) => ({ prompt, completion: samples[index]![0]! }));
  };
  const greedy = await complete(0);
  const sampled = await complete(1);
  const gold = goldScorer(task);
  return {
    completions: greedy.map(({ completion }) => completion),
    greedy: [...gold(greedy)],
    sampled: [...gold(sampled)],
    references: [...gold(references)],
    entropy: policyEntropy(task, policy, sampled),
    flawed: mean(greedy.map(({ prompt, completion }) => Number(task.flawed(prompt, completion)))),
  };
}

async function verify(
  store: string,
  stage: VerificationStage,
  task: Task,
  data: TaskData,
  hooks: StageHooks,
) {
  const policy = readModel(store, stage.policy);
  const prompts = data.evaluation.slice(0, stage.prompts).map(({ prompt }) => prompt);
  const samples = await sampleFor(task, policy, prompts, "verification", stage.completions, stage, hooks);
  const flat = prompts.flatMap((prompt, index) =>
    samples[index]!.map((completion) => ({ prompt, completion })),
  );
  const byPrompt = (scorer: Scorer) => {
    const scores = Array.from(scorer(flat));
    return prompts.map((_, index) =>
      scores.slice(index * stage.completions, (index + 1) * stage.completions),
    );
  };
  const verifier =
    stage.verifier.kind === "reward"
      ? globalScorer(task, readModel(store, stage.verifier))
      : dpoScorer(
          task,
          readModel(store, stage.verifier),
          readModel(store, stage.verifier.policy),
          stage.verifier.options.beta,
        );
  return { scores: byPrompt(verifier), gold: byPrompt(goldScorer(task)) };
}

/** K completions of each prompt. Each prompt's randomness is its own and the same for every policy. */
function sampleFor(
  task: Task,
  policy: Model,
  prompts: readonly Prompt[],
  purpose: string,
  completions: number,
  { temperature, setting }: { temperature: number; setting: Setting },
  hooks: StageHooks,
): Promise<number[][][]> {
  const { pad, eos } = task.vocabulary;
  const requests = prompts.map((prompt, index) => ({
    prompt: prompt.tokens,
    copies: task.copies?.(prompt),
    stream: randomStream(setting.seed, "sample", purpose, index),
  }));
  return sample(policy, requests, {
    completions,
    temperature,
    maxTokens: task.completionLength,
    eos,
    pad,
    signal: hooks.signal,
    onProgress: (done) => hooks.onProgress?.(done / prompts.length),
  });
}

function indexed(prompts: readonly Prompt[], pairs: readonly PreferencePair[]): IndexedPair[] {
  const places = new Map(prompts.map((prompt, index) => [prompt, index]));
  return pairs.map(({ prompt, chosen, rejected }) => ({ prompt: places.get(prompt)!, chosen, rejected }));
}

function readPairs(store: string, stage: PairsStage, prompts: readonly Prompt[]): PreferencePair[] {
  return stored(store, stage).pairs!.map((pair) => ({ ...pair, prompt: prompts[pair.prompt]! }));
}

function readModel(store: string, stage: Stage): Model {
  return stored(store, stage).model!;
}

function stored(store: string, stage: Stage): StageResult {
  const result = readResult(store, stage);
  if (result === undefined) {
    throw new Error(`The run store ${store} lacks a sound ${stage.kind} stage: run the experiment again.`);
  }
  return result;
}

/** The task and data of a setting; stages of one seed come near each other. */
const materials = remember(({ task: spec, seed, sizes }: Setting): { task: Task; data: TaskData } => {
  const task = openTask(spec);
  return { task, data: task.data(seed, sizes) };
});
