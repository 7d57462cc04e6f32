import { decisions, type PreferencePair, type Task } from "../tasks/task.ts";
import { mean, sampleSd } from "./statistics.ts";

/** Spread of a set of preference pairs, and accuracy of its labels. */
export interface PairStatistics {
  /** Mean and standard deviation of the gold reward over all completions, chosen and rejected. */
  readonly goldMean: number;
  readonly goldSd: number;
  /** Mean absolute difference in gold reward between the completions of a pair. */
  readonly goldGap: number;
  /** Number of distinct completions divided by the number of completions; tokens that the decoder copied are ignored. */
  readonly distinct: number;
  /** Share of pairs whose chosen completion has the higher gold reward, without gold's ties; absent if gold ties all. */
  readonly agreement?: number;
}

/** Statistics of `pairs` under the task's gold reward. Throws if there are no pairs. */
export function pairStatistics(task: Task, pairs: readonly PreferencePair[]): PairStatistics {
  if (pairs.length === 0) throw new Error("There are no pairs to measure: give at least one.");
  const gold = pairs.map(({ prompt, chosen, rejected }) => ({
    chosen: task.score(prompt, chosen),
    rejected: task.score(prompt, rejected),
  }));
  const all = gold.flatMap(({ chosen, rejected }) => [chosen, rejected]);
  const gaps = gold.map(({ chosen, rejected }) => chosen - rejected);
  const decided = gaps.filter((gap) => gap !== 0);
  const decidedTokens = pairs.flatMap(({ prompt, chosen, rejected }) => {
    const forcedNext = task.forcedNext?.(prompt);
    return [chosen, rejected].map((completion) => {
      const isDecided = decisions(completion, forcedNext);
      return completion.filter((_, position) => isDecided[position]).join(" ");
    });
  });
  return {
    goldMean: mean(all),
    goldSd: sampleSd(all),
    goldGap: mean(gaps.map(Math.abs)),
    distinct: new Set(decidedTokens).size / decidedTokens.length,
    ...(decided.length > 0 && { agreement: mean(decided.map((gap) => Number(gap > 0))) }),
  };
}
