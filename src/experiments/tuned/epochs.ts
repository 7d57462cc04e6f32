import type { PolicyStage } from "../../pipeline/stage.ts";
import { type Label, variant } from "../../results/labels.ts";
import { arm, type Plan } from "../../results/plan.ts";

/**
 * The epochs among which the best is chosen on each seed for arms that start from SFT. Each is a run of its own, whose
 * learning rate decays to zero.
 */
export const epochGrid = [1, 2, 3, 5, 8, 12, 18] as const;
/** The same for arms whose best comes sooner: from the one-epoch DPO policy, and with labels of a poor reward model. */
export const shortEpochGrid = [1, 2, 3, 5, 8, 12] as const;

/** An arm or a scorer after this many epochs. */
export function afterEpochs(label: Label, epochs: number): Label {
  return variant(label, `${epochs} epoch${epochs === 1 ? "" : "s"}`);
}

/** An arm at the epochs with the highest win rate on validation prompts. */
export const bestEpoch = (label: Label): Label => variant(label, "best epoch");

/** An arm after each of several epochs, and at the best of them. */
export function atEveryEpoch(
  label: Label,
  train: (epochs: number) => PolicyStage,
  epochs: readonly number[] = epochGrid,
): Required<Pick<Plan, "arms" | "bestArms">> {
  const trained = epochs.map((count) => arm(afterEpochs(label, count), train(count)));
  return {
    arms: trained,
    bestArms: [{ label: bestEpoch(label), candidates: trained.map((one) => one.label), openEnds: "upper" }],
  };
}
