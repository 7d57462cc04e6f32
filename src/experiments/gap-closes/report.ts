import { mean } from "../../evaluation/statistics.ts";
import type { SeedResult } from "../../results/collect.ts";
import { styleOf } from "../../results/labels.ts";
import { variantId } from "../../results/variants.ts";
import { type KeyEnvPrompt, referenceOf } from "../../tasks/key-env/task.ts";
import { openTask } from "../../tasks/open-task.ts";
import type { Estimate } from "../../verdicts/registration.ts";
import type { LaboratoryConfig } from "../laboratory.ts";
import type { TuningTable } from "../tuning.ts";

/**
 * The gap between two arms or verifiers in a measure: in a notebook's own task, in the usual task beside it, and the
 * second less the first. `usual` is what the usual task is called in ids.
 */
export function closureGaps(
  metric: string,
  [treatment, control]: [string, string],
  usual: string,
): Estimate[] {
  const own = { treatment, control };
  const beside = { treatment: variantId(treatment, usual), control: variantId(control, usual) };
  return [
    { metric, ...own },
    { metric, ...beside },
    { metric, ...beside, less: own },
  ];
}

/** Greedy gold reward of every arm beside the best that any completion reaches, averaged over seeds, as rows of a table. */
export function optimumRows(results: readonly SeedResult[]): Record<string, string | number>[] {
  return results[0]!.arms.map(({ arm }, at) => {
    const reward = mean(results.map(({ arms }) => mean([...arms[at]!.greedyRewards])));
    const optimum = mean(results.map(({ arms }) => arms[at]!.optimum!));
    return {
      arm: styleOf(arm).name,
      "gold, greedy": reward,
      optimum,
      "share of the optimum, %": (100 * reward) / optimum,
    };
  });
}

/** What a tuning measured of its policies, averaged over its seeds and in percent, as rows of a table. */
export function tunedArmRows({ arms }: TuningTable): Record<string, string | number>[] {
  return Object.entries(arms).map(([arm, { winRate, shareOfOptimum }]) => ({
    arm: styleOf(arm).name,
    "win rate, %": 100 * mean(winRate),
    ...(shareOfOptimum && { "share of the optimum, %": 100 * mean(shareOfOptimum) }),
  }));
}

/**
 * Posts of a task with hidden references, as rows of a table: the first `count` of a seed's evaluation prompts, what
 * annotators compare with, and what win rates compare with.
 */
export function hiddenReferenceRows(
  { task: spec, sizes }: Pick<LaboratoryConfig, "task" | "sizes">,
  seed: number,
  count: number,
): Record<string, string | number>[] {
  const task = openTask(spec);
  const { evaluation } = task.data(seed, sizes);
  return evaluation.slice(0, count).map(({ prompt, completion }) => ({
    post: task.text(prompt.tokens),
    "hidden reference": task.text(referenceOf(prompt as KeyEnvPrompt)),
    "reference of win rates": task.text(completion),
    "its ROUGE-L": task.score(prompt, completion),
  }));
}
