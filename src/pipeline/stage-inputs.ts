import type { Model } from "../models/gpt-neox.ts";
import { sample } from "../models/sampling.ts";
import { memoize } from "../tasks/memoize.ts";
import { openTask } from "../tasks/open-task.ts";
import type { Prompt, Scorer, Task, TaskData } from "../tasks/task.ts";
import { randomStream } from "../tensors/random.ts";
import type { TrainingHooks } from "../training/train.ts";
import type { ScorerSpec } from "./scorers.ts";
import type { Output, Setting, Stage } from "./stage.ts";

/** Runtime options that do not affect a stage's result. */
export interface StageHooks {
  readonly signal?: AbortSignal;
  /** Called with the fraction of the stage that is done, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** What a stage is computed from: its task and data, the results of its parents, and where it runs. */
export interface StageInputs {
  readonly task: Task;
  readonly data: TaskData;
  readonly hooks: StageHooks;
  /** The stored result of a parent. Throws if the store lacks it. */
  read<O extends Output>(parent: Stage<O>): O["result"];
  /** Opens what ranks completions; see `openScorer`. `sampler` is the policy whose samples are scored. */
  scorer(spec: ScorerSpec, sampler: Model, bits?: number): Scorer;
  /** Hooks for a training loop, with a checkpoint file of this stage's own. */
  training(): TrainingHooks;
}

/** What a kind of stage computes, what the ledger records of it, and what it costs. */
export interface StageKind<S extends Stage> {
  readonly kind: S["kind"];
  run(stage: S, inputs: StageInputs): OutputOf<S>["result"] | Promise<OutputOf<S>["result"]>;
  /** What reports read of a result: small enough to be committed. */
  record(result: OutputOf<S>["result"]): OutputOf<S>["record"];
  /** Rough cost in forward passes of one sequence of the laboratory's model: the unit of progress. */
  cost(stage: S): number;
  /** The scorer that a trained stage makes of its model, if any. `read` gives the results of its parents. */
  scorer?(stage: S, task: Task, model: Model, read: StageInputs["read"]): Scorer;
}

type OutputOf<S> = S extends Stage<infer O> ? O : never;

/** The task and data of a setting. The latest few are cached: stages of one seed run close to each other. */
export const taskAndData = memoize(({ task: spec, seed, sizes }: Setting): { task: Task; data: TaskData } => {
  const task = openTask(spec);
  return { task, data: task.data(seed, sizes) };
});

/** How completions are drawn. */
export interface Draw {
  /** Names the random stream. */
  readonly purpose: string;
  readonly completions: number;
  readonly temperature: number;
  readonly seed: number;
}

/** K completions of each prompt, [prompt][completion][token]. Each prompt has its own random stream, the same for every policy. */
export function drawSamples(
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

/** Forward passes of a stage's policy beside those of the laboratory's usual model, by the weights in its blocks. */
export function relativeSize({
  hidden_size: hidden,
  num_hidden_layers: layers,
}: Pick<Model["config"], "hidden_size" | "num_hidden_layers">): number {
  return (hidden ** 2 * layers) / (48 ** 2 * 2);
}
