import type { RandomStream } from "../tensors/random.ts";

/** The token ids of a tokenizer and its model: 0 to `size` - 1. */
export interface Vocabulary {
  readonly size: number;
  readonly pad: number;
  readonly eos: number;
}

/** A prompt that a policy completes. Tasks may add fields that their own `score` reads. */
export interface Prompt {
  /** Token ids without padding. The completion begins after the last one. */
  readonly tokens: readonly number[];
}

/** A prompt with one completion: token ids that end with `eos`, unless they were cut at the task's length. */
export interface Sample<P extends Prompt = Prompt> {
  readonly prompt: P;
  readonly completion: readonly number[];
}

/** Two completions of one prompt. */
export interface PreferencePair<P extends Prompt = Prompt> {
  readonly prompt: P;
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

/** Number of examples of each part of the data. */
export interface DataSizes {
  readonly demonstrations: number;
  readonly pairs: number;
  readonly validation: number;
  readonly evaluation: number;
}

/** One seed's data. The four parts share no prompt, except in tasks that have only a few prompts. */
export interface TaskData<P extends Prompt = Prompt> {
  /** Prompts with a demonstrated completion, for SFT. */
  readonly demonstrations: readonly Sample<P>[];
  /** Prompts for which preferences are collected, and from which online methods sample. */
  readonly prompts: readonly P[];
  /** Human preferences, if any. Without them, `prefer` labels samples of the policy. */
  readonly pairs?: readonly PreferencePair<P>[];
  /** Prompts with a reference completion, for choosing hyperparameters. */
  readonly validation: readonly Sample<P>[];
  /** Prompts with a reference completion, for the final numbers only. */
  readonly evaluation: readonly Sample<P>[];
}

/** An environment: it draws prompts and rewards completions. */
export interface Task<P extends Prompt = Prompt> {
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** Length of the longest prompt, in tokens. */
  readonly promptLength: number;
  /** Length of the longest completion, in tokens, `eos` included. */
  readonly completionLength: number;
  /** @throws if the task has fewer examples than `sizes` asks for */
  data(seed: number, sizes: DataSizes): TaskData<P>;
  /** The gold reward of a completion, which preferences and win rates go by. */
  score(prompt: P, completion: readonly number[]): number;
  /** Whether a completion breaks the task's form, for example by a syntax error or a missing `eos`. */
  isMalformed(prompt: P, completion: readonly number[]): boolean;
  /** Whether an annotator prefers completion `a` to `b`. Needed if `data` has no `pairs`. */
  prefer?(prompt: P, a: readonly number[], b: readonly number[], stream: RandomStream): boolean;
  /**
   * For tasks whose decoder copies from the prompt: for each token of the vocabulary, the token that must follow it in
   * a completion, or -1 if the policy decides.
   */
  forcedNext?(prompt: P): Int32Array;
  /** Simulated people who write completions, by name. */
  readonly demonstrators?: Readonly<Record<string, (prompt: P, stream: RandomStream) => number[]>>;
  /** The highest gold reward of any completion of a prompt. */
  optimum?(prompt: P): number;
  /** Token ids as readable text, without special tokens. */
  text(tokens: readonly number[]): string;
}

/** All completions of prompts as samples, prompt by prompt; `completions[i]` are those of `prompts[i]`. */
export function samplesOfPrompts<P extends Prompt>(
  prompts: readonly P[],
  completions: readonly (readonly (readonly number[])[])[],
): Sample<P>[] {
  return prompts.flatMap((prompt, index) =>
    completions[index]!.map((completion) => ({ prompt, completion })),
  );
}

/** A function that scores completions, such as a reward model. Higher is better. */
export type Scorer<P extends Prompt = Prompt> = (samples: readonly Sample<P>[]) => Float32Array | number[];

/** The task's gold reward as a scorer. */
export function goldScorer<P extends Prompt>(task: Task<P>): Scorer<P> {
  return (samples) => samples.map(({ prompt, completion }) => task.score(prompt, completion));
}
