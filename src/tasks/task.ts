import type { RandomStream } from "../tensors/random.ts";

/** What a tokenizer and its model agree on. Token ids run from 0 to `size` - 1. */
export interface Vocabulary {
  readonly size: number;
  readonly pad: number;
  readonly eos: number;
}

/** What a policy is asked to complete. Tasks may add fields that their own `score` reads. */
export interface Prompt {
  /** Token ids, ending with the token after which the completion begins; never padded. */
  readonly tokens: readonly number[];
}

/** A prompt with one completion: token ids, ending with `eos` unless it was cut at the task's length. */
export interface Sample<P extends Prompt = Prompt> {
  readonly prompt: P;
  readonly completion: readonly number[];
}

/** Two completions of one prompt, the first preferred. */
export interface PreferencePair<P extends Prompt = Prompt> {
  readonly prompt: P;
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

/** How many examples of each kind an experiment asks for. */
export interface DataSizes {
  readonly demonstrations: number;
  readonly pairs: number;
  readonly validation: number;
  readonly evaluation: number;
}

/** One seed's data. No prompt occurs in two of the four parts, but for tasks that say that they have few. */
export interface TaskData<P extends Prompt = Prompt> {
  /** Prompts with a demonstrated completion, for SFT. */
  readonly demonstrations: readonly Sample<P>[];
  /** Prompts on which preferences are collected, and from which online methods sample. */
  readonly prompts: readonly P[];
  /** Preferences that people gave; absent where `prefer` labels the policy's own samples. */
  readonly pairs?: readonly PreferencePair<P>[];
  /** Prompts with a reference completion, for choosing epochs and the like. */
  readonly validation: readonly Sample<P>[];
  /** Prompts with a reference completion, for the final numbers only. */
  readonly evaluation: readonly Sample<P>[];
}

/** An environment: where prompts come from and what a good completion is. */
export interface Task<P extends Prompt = Prompt> {
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** The longest prompt and the longest completion (with `eos`), in tokens. */
  readonly promptLength: number;
  readonly completionLength: number;
  /** One seed's data. Throws where the task holds fewer examples than `sizes` asks for. */
  data(seed: number, sizes: DataSizes): TaskData<P>;
  /** The gold reward of a completion: what preferences and win rates are judged by. */
  score(prompt: P, completion: readonly number[]): number;
  /** Whether a completion breaks the task's form, by a syntax error, say, or by not ending. */
  isMalformed(prompt: P, completion: readonly number[]): boolean;
  /** Whether an annotator prefers completion `a` to `b`. Needed where `data` has no `pairs`. */
  prefer?(prompt: P, a: readonly number[], b: readonly number[], stream: RandomStream): boolean;
  /**
   * For tasks whose decoder copies: an array over the vocabulary that holds, for each token, the token
   * that must follow it in a completion of this prompt, or -1 where the policy decides.
   */
  forcedNext?(prompt: P): Int32Array;
  /** People who write completions, by name. */
  readonly demonstrators?: Readonly<Record<string, (prompt: P, stream: RandomStream) => number[]>>;
  /** The best gold reward that any completion of this prompt reaches. */
  optimum?(prompt: P): number;
  /** Token ids as people read them; special tokens are left out. */
  text(tokens: readonly number[]): string;
}

/** What ranks completions: gold, a reward model, ROUGE-L or any other function. Higher is better. */
export type Scorer<P extends Prompt = Prompt> = (samples: readonly Sample<P>[]) => Float32Array | number[];
