import { mean } from "../../evaluation/statistics.ts";
import type { SeedResult } from "../../results/collect.ts";
import type { Difference } from "../../results/labels.ts";
import { armOf, averageOf } from "../../results/measures.ts";
import type { Estimate } from "../../verdicts/estimates.ts";
import type { Tuning, TuningTable } from "../tuning.ts";
import { inMainTask } from "./plan.ts";

/**
 * A difference in a measure in an experiment's own task, in the main comparison's task beside it, called `mainName`, and
 * the second less the first.
 */
export function gapEstimates(metric: string, own: Difference, mainName: string): Estimate[] {
  const main = {
    treatment: inMainTask(own.treatment, mainName),
    control: inMainTask(own.control, mainName),
  };
  return [
    { metric, ...own },
    { metric, ...main },
    { metric, ...main, less: own },
  ];
}

/** Greedy gold reward of every arm beside the optimum, averaged over seeds, as rows of a table. */
export function optimumRows(results: readonly SeedResult[]): Record<string, string | number>[] {
  const labels = results.slice(0, 1).flatMap(({ arms }) => arms.map(({ arm }) => arm));
  return labels.map((label) => {
    const reward = averageOf(results, "greedy-reward", label);
    const optimum = mean(
      results.map((result) => {
        const own = armOf(result, label).optimum;
        if (own === undefined) throw new Error(`Seed ${result.seed} has no optimum of "${label.name}".`);
        return own;
      }),
    );
    return {
      arm: label.name,
      "gold, greedy": reward,
      optimum,
      "share of the optimum, %": (100 * reward) / optimum,
    };
  });
}

/** What a tuning measured of its policies, averaged over its seeds and in percent, as rows of a table. */
export function tunedArmRows(tuning: Tuning, { arms }: TuningTable): Record<string, string | number>[] {
  const labels = tuning.seeds.slice(0, 1).flatMap((seed) => tuning.plan(seed).arms.map(({ label }) => label));
  return labels.map(({ id, name }) => {
    const measured = arms[id];
    if (measured === undefined) throw new Error(`The table has no candidate "${id}": run the tuning again.`);
    const { winRate, shareOfOptimum } = measured;
    return {
      arm: name,
      "win rate, %": 100 * mean(winRate),
      ...(shareOfOptimum && { "share of the optimum, %": 100 * mean(shareOfOptimum) }),
    };
  });
}
