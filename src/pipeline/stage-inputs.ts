import type { Model } from "../models/gpt-neox.ts";
import { sample } from "../models/sampling.ts";
import { memoize } from "../tasks/memoize.ts";
import { openTask } from "../tasks/open-task.ts";
import type { PreferencePair, Prompt, Task, TaskData } from "../tasks/task.ts";
import { randomStream } from "../tensors/random.ts";
import type { PairsStage, Setting, Stage } from "./stage.ts";
import { type IndexedPair, readResult, type StageResult } from "./store.ts";

/** What surrounds a stage and does not change its result. */
export interface StageHooks {
  readonly signal?: AbortSignal;
  /** Called with the part of the stage that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/** What a stage is computed from beside its parents. */
export interface StageInputs {
  readonly store: string;
  readonly task: Task;
  readonly data: TaskData;
  readonly hooks: StageHooks;
}

/** The task and data of a setting; stages of one seed come near each other, so the latest few are kept. */
export const taskAndData = memoize(
  ({ task: spec, seed, sizes }: Setting): Pick<StageInputs, "task" | "data"> => {
    const task = openTask(spec);
    return { task, data: task.data(seed, sizes) };
  },
);

/** The prompts that pairs may be about, which name them by their place here: those for pairs, then the demonstrations'. */
export function pairPrompts({ prompts, demonstrations }: TaskData): Prompt[] {
  return [...prompts, ...demonstrations.map(({ prompt }) => prompt)];
}

/** The trained model of a stored stage. Throws one sentence where it is not in the store. */
export function readModel(store: string, stage: Stage): Model {
  return stored(store, stage).model!;
}

/** The pairs of a stored stage, with their prompts. Throws as `readModel` does. */
export function readPairs(
  { store, data }: Pick<StageInputs, "store" | "data">,
  stage: PairsStage,
): PreferencePair[] {
  const prompts = pairPrompts(data);
  return stored(store, stage).pairs!.map((pair) => ({ ...pair, prompt: prompts[pair.prompt]! }));
}

/** Pairs as they are stored. */
export function indexed(data: TaskData, pairs: readonly PreferencePair[]): IndexedPair[] {
  const places = new Map(pairPrompts(data).map((prompt, index) => [prompt, index]));
  return pairs.map(({ prompt, chosen, rejected }) => ({ prompt: places.get(prompt)!, chosen, rejected }));
}

function stored(store: string, stage: Stage): StageResult {
  const result = readResult(store, stage);
  if (result === undefined) {
    throw new Error(`The run store ${store} lacks a sound ${stage.kind} stage: run the experiment again.`);
  }
  return result;
}

/** How completions are drawn. */
export interface Draw {
  readonly purpose: string;
  readonly completions: number;
  readonly temperature: number;
  readonly seed: number;
}

/** K completions of each prompt. Each prompt's randomness is its own and the same for every policy. */
export function samplesOf(
  { task, hooks }: Pick<StageInputs, "task" | "hooks">,
  policy: Model,
  prompts: readonly Prompt[],
  { purpose, completions, temperature, seed }: Draw,
): Promise<number[][][]> {
  const { pad, eos } = task.vocabulary;
  const requests = prompts.map((prompt, index) => ({
    prompt: prompt.tokens,
    forcedNext: task.forcedNext?.(prompt),
    stream: randomStream(seed, "sample", purpose, index),
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
