import { mean } from "../evaluation/statistics.ts";
import { isShared } from "../pipeline/shared-stages.ts";
import { definitionId } from "../pipeline/stage.ts";
import { withAncestors } from "../pipeline/stage-id.ts";
import type { SeedResult } from "../results/collect.ts";
import { type Label, sameLabel } from "../results/labels.ts";
import type { SeedPlan } from "../results/plan.ts";

/**
 * The computing time that arms add to SFT and the offline pairs, in seconds, averaged over seeds, as rows of a table.
 * An arm's reward model, samples and earlier policies count; evaluation does not. `plans` are those of the results.
 * Throws if a plan lacks an arm or a stage's time is not known.
 */
export function computeRows(
  results: readonly SeedResult[],
  plans: readonly SeedPlan[],
  arms: readonly Label[],
): Record<string, string | number>[] {
  return arms.map((label) => ({
    arm: label.name,
    "added computing, s": Number(
      mean(results.map((result) => addedSeconds(result, plans, label))).toFixed(1),
    ),
  }));
}

function addedSeconds({ seed, provenance }: SeedResult, plans: readonly SeedPlan[], label: Label): number {
  const planned = plans
    .find((one) => one.seed === seed)
    ?.plan.arms.find((one) => sameLabel(one.label, label));
  if (planned === undefined) throw new Error(`The plans have no arm "${label.name}" of seed ${seed}.`);
  const seconds = new Map(provenance.map((one) => [one.stage, one.seconds]));
  return withAncestors([planned.policy])
    .filter(({ kind }) => kind !== "sft" && kind !== "offline-pairs")
    .reduce((sum, stage) => {
      // Earlier records have the time of what is shared in the stages that use it.
      const spent = seconds.get(definitionId(stage)) ?? (isShared(stage) ? 0 : undefined);
      if (spent === undefined)
        throw new Error(
          `Seed ${seed} has no computing time of ${definitionId(stage)}: train "${label.name}" first.`,
        );
      return sum + spent;
    }, 0);
}
