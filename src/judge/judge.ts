import { winRate } from "../evaluation/win-rate.ts";
import type { Prompt, Scorer } from "../tasks/task.ts";

/** A completion and the reference that it is compared with, as texts. */
export interface TextContest {
  /** The seed of the experiment; what is drawn for the contest is drawn with it. */
  readonly seed: number;
  readonly text: { readonly prompt: string; readonly completion: string; readonly reference: string };
}

/** A contest with its tokens, for judges that are functions of tokens. */
export interface Contest<P extends Prompt = Prompt> extends TextContest {
  readonly prompt: P;
  readonly completion: readonly number[];
  readonly reference: readonly number[];
}

/**
 * Why a contest has no verdict: the answer names none of the two, it declines, it was cut off, or the server gave none
 * in all tries.
 */
export type NoVerdict = "unreadable" | "refused" | "cut off" | "no answer";

/** What a judge was shown once, and what it said. */
export interface Showing {
  /** Whether the completion came before the reference. */
  readonly completionFirst: boolean;
  /** Whether the judge prefers the completion, or why that is unknown. */
  readonly prefersCompletion: boolean | NoVerdict;
}

/** What a judge says of one contest. */
export interface Judgement {
  /** 1 if the completion wins, ½ for a tie, 0 if it loses; or why there is no verdict. */
  readonly outcome: number | NoVerdict;
  /** For a judge that reads one text after the other: each time that it was asked. */
  readonly showings?: readonly Showing[];
}

/** How far a judge is. */
export interface JudgeProgress {
  readonly done: number;
  readonly total: number;
  /** Seconds until the end at the pace so far; undefined before the first answer. */
  readonly secondsLeft?: number;
  readonly used: Usage;
}

/** What requests have used, those that failed and were repeated included. */
export interface Usage {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In the currency of the prices; absent without prices. */
  readonly money?: number;
}

/** What judging is going to take, computed before the first request. Tokens are estimated from the lengths of texts. */
export interface Estimate {
  /** Answers that are needed. */
  readonly answers: number;
  /** How many of them are in the cache. */
  readonly cached: number;
  /** For the others. */
  readonly needed: Usage;
}

/** Runtime options that change no verdict. */
export interface JudgeHooks {
  readonly onProgress?: (progress: JudgeProgress) => void;
  readonly signal?: AbortSignal;
}

/** Decides contests: a reward, a model behind a server, or anything else. */
export interface Judge<C extends TextContest = Contest> {
  readonly name: string;
  /** The judgements of contests, in their order. */
  judge(contests: readonly C[], hooks?: JudgeHooks): Promise<readonly Judgement[]>;
  /** What that is going to take; absent if it costs nothing but computing. */
  estimate?(contests: readonly C[]): Estimate;
}

/** Judges by a scorer, such as the gold reward or a reward model: the higher score wins, equal scores tie. */
export function scorerJudge<P extends Prompt>(name: string, scorer: Scorer<P>): Judge<Contest<P>> {
  return {
    name,
    async judge(contests) {
      if (contests.length === 0) return [];
      const scores = scorer(contests.map(({ prompt, completion }) => ({ prompt, completion })));
      const references = scorer(contests.map(({ prompt, reference }) => ({ prompt, completion: reference })));
      return winRate([...scores], [...references]).outcomes.map((outcome) => ({ outcome }));
    },
  };
}
