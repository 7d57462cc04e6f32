import { decisions } from "../models/batch.ts";
import type { PreferencePair, Task } from "../tasks/task.ts";
import { mean, sampleSd } from "./statistics.ts";

/** How wide a set of preference pairs is, and how clear its labels are. */
export interface PairStatistics {
  /** Gold reward of the completions, chosen and rejected alike: its mean and its standard deviation. */
  readonly goldMean: number;
  readonly goldSd: number;
  /** The mean distance in gold reward between the two completions of a pair. */
  readonly goldGap: number;
  /** Distinct sequences of decided tokens per completion: how many ways of completing there are. */
  readonly distinct: number;
  /** The share of pairs whose chosen completion has the higher gold reward, gold's ties left out; absent without others. */
  readonly agreement?: number;
}

/** Measures a set of pairs by the task's gold reward. Throws where there are none. */
export function pairStatistics(task: Task, pairs: readonly PreferencePair[]): PairStatistics {
  if (pairs.length === 0) throw new Error("There are no pairs to measure: give at least one.");
  const gold = pairs.map(({ prompt, chosen, rejected }) => ({
    chosen: task.score(prompt, chosen),
    rejected: task.score(prompt, rejected),
  }));
  const all = gold.flatMap(({ chosen, rejected }) => [chosen, rejected]);
  const gaps = gold.map(({ chosen, rejected }) => chosen - rejected);
  const decided = gaps.filter((gap) => gap !== 0);
  const ways = pairs.flatMap(({ prompt, chosen, rejected }) => {
    const forcedNext = task.forcedNext?.(prompt);
    return [chosen, rejected].map((completion) => {
      const own = decisions(completion, forcedNext);
      return completion.filter((_, place) => own[place]).join(" ");
    });
  });
  return {
    goldMean: mean(all),
    goldSd: sampleSd(all),
    goldGap: mean(gaps.map(Math.abs)),
    distinct: new Set(ways).size / ways.length,
    ...(decided.length > 0 && { agreement: mean(decided.map((gap) => Number(gap > 0))) }),
  };
}
