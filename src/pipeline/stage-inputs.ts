import type { Model } from "../models/gpt-neox.ts";
import {
  type SampleShards,
  sample,
  sampleAtTemperatures,
  samplingIds,
  type TemperedSamples,
} from "../models/sampling.ts";
import { memoize } from "../tasks/memoize.ts";
import { openTask } from "../tasks/open-task.ts";
import type { Prompt, Scorer, Task, TaskData } from "../tasks/task.ts";
import { device } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import type { TrainingHooks } from "../training/train.ts";
import type { ScorerSpec } from "./scorers.ts";
import type { ScoredStage } from "./shared-stages.ts";
import type { Output, Setting, Stage } from "./stage.ts";

/** Runtime options that do not affect a stage's result. */
export interface StageHooks {
  readonly signal?: AbortSignal;
  /** Called with the fraction of the stage that is done, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** Where the samples of this name are kept while the stage is computed. */
  readonly shards?: (name: string) => SampleShards;
}

/** What a stage is computed from: its task and data, the results of its parents, and where it runs. */
export interface StageInputs {
  readonly task: Task;
  readonly data: TaskData;
  readonly hooks: StageHooks;
  /** The stored result of an input. Throws if the store lacks it. */
  read<O extends Output>(input: Stage<O>): O["result"];
  /** Opens what ranks the completions of `of`; see `openScorer`. */
  scorer(spec: ScorerSpec, of: ScoredStage, bits?: number): Scorer;
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
  /**
   * The scorer that a trained stage makes of its model, if any. `reference` gives the log-probabilities of the scored
   * completions under the policy's reference.
   */
  scorer?(stage: S, task: Task, model: Model, reference: () => readonly number[]): Scorer;
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
  /** How many prompts come before these: their random streams are those that they have among all. Default 0. */
  readonly skip?: number;
}

/** K completions of each prompt, [prompt][completion][token]. Each prompt has its own random stream, the same for every policy. */
export function drawSamples(
  { task, hooks }: Pick<StageInputs, "task" | "hooks">,
  policy: Model,
  prompts: readonly Prompt[],
  { purpose, completions, temperature, seed, skip }: Draw,
): Promise<number[][][]> {
  const requests = samplingRequests(task, prompts, purpose, seed, skip);
  const shards = hooks.shards?.(JSON.stringify([purpose, temperature]));
  const options = { ...samplingOptions(task, prompts, completions, hooks), completions, temperature, shards };
  return sample(policy, requests, options);
}

/** A completion of each prompt at each of `temperatures`, with the random numbers of `drawSamples`. */
export function drawAtTemperatures(
  { task, hooks }: Pick<StageInputs, "task" | "hooks">,
  policy: Model,
  prompts: readonly Prompt[],
  temperatures: readonly number[],
  { purpose, seed }: Pick<Draw, "purpose" | "seed">,
): Promise<TemperedSamples[]> {
  const requests = samplingRequests(task, prompts, purpose, seed);
  const options = samplingOptions(task, prompts, temperatures.length, hooks);
  return sampleAtTemperatures(policy, requests, temperatures, options);
}

function samplingRequests(
  task: Task,
  prompts: readonly Prompt[],
  purpose: string,
  seed: number,
  skip: number = 0,
) {
  return prompts.map((prompt, index) => ({
    prompt: prompt.tokens,
    forcedNext: task.forcedNext?.(prompt),
    stream: randomStream(seed, "sample", purpose, skip + index),
  }));
}

/**
 * XLA compiles the sampler of stages that draw at least this many sequences. Compiling takes 1 to 2 s for each shape and
 * then saves 45 µs a sequence. That is repaid within a stage from about 30,000 sequences, and in a preset of this size,
 * where dozens of stages have the same shape, by smaller ones too. The number follows from a stage's definition, so that
 * its bytes do not depend on what else is computed.
 */
const XLA_FROM = 2500;

function samplingOptions(
  { completionLength: maxTokens, vocabulary }: Task,
  prompts: readonly Prompt[],
  completions: number,
  { signal, onProgress }: StageHooks,
) {
  const jit = device().kind === "cpu" && prompts.length * completions >= XLA_FROM;
  const report = (done: number) => onProgress?.(done / prompts.length);
  return { ...samplingIds(vocabulary), maxTokens, jit, signal, onProgress: report };
}

/** Forward passes of a stage's policy beside those of the laboratory's usual model, by the weights in its blocks. */
export function relativeSize({
  hidden_size: hidden,
  num_hidden_layers: layers,
}: Pick<Model["config"], "hidden_size" | "num_hidden_layers">): number {
  return (hidden ** 2 * layers) / (48 ** 2 * 2);
}
