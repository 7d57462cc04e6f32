import type { Judge, JudgeHooks, TextContest } from "./judge.ts";
import { type JudgedWinRate, summarise } from "./summary.ts";
import { estimateSentence } from "./text.ts";

/** Options of `judgedWinRate`. */
export interface JudgedWinRateOptions extends JudgeHooks {
  /** Default 0.95. */
  readonly confidence?: number;
  /** Gets the estimate before anything is asked, a line of text, if judging costs more than computing. Default console.log. */
  readonly print?: (text: string) => void;
}

/**
 * The win rate of completions against their references by a judge, with its biases. Prints an estimate of what it takes
 * first. Lengths are characters. Throws what the judge throws, and if there are no contests, or a seed has no verdict.
 */
export async function judgedWinRate<C extends TextContest>(
  judge: Judge<C>,
  contests: readonly C[],
  { confidence, print = console.log, ...hooks }: JudgedWinRateOptions = {},
): Promise<JudgedWinRate> {
  if (contests.length === 0) throw new Error("There are no contests to judge: give at least one.");
  const estimate = judge.estimate?.(contests);
  if (estimate !== undefined) print(estimateSentence(judge.name, estimate));
  const judgements = await judge.judge(contests, hooks);
  return summarise(judge.name, contests, judgements, confidence);
}
