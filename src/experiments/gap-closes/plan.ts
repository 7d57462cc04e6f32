import type { Plan } from "../../results/collect.ts";
import { asVariants, variantId } from "../../results/variants.ts";
import type { Laboratory } from "../laboratory.ts";
import { paperArms } from "../paper-arms.ts";

/**
 * Whether the gap between online and offline closes in a task: the paper's arms, offline DPO for five epochs and both
 * verifiers there, and beside them those of the usual task on the same posts. `usualName` is what that one is called.
 */
export function closurePlan(own: Laboratory, usual: Laboratory, usualName: string): Plan {
  return {
    arms: {
      sft: own.sft,
      ...paperArms(own),
      "dpo-5x": own.dpo(5),
      ...asVariants({ sft: usual.sft, ...paperArms(usual) }, usualName),
    },
    scorers: { ...scorersOf(own), ...asVariants(scorersOf(usual), usualName) },
    pairs: { offline: own.pairs },
  };
}

/** What a task's settings are chosen by: the arms of the gap, its controls and its verifiers, with every candidate. */
export function closureTuning(candidates: Readonly<Record<string, Laboratory>>): Plan {
  const each = <T>(entries: (lab: Laboratory) => Readonly<Record<string, T>>): Record<string, T> =>
    Object.assign({}, ...Object.entries(candidates).map(([name, lab]) => asVariants(entries(lab), name)));
  return {
    arms: each((lab) => {
      const { dpo, "dpo-2x": twice, "online-dpo": online } = paperArms(lab);
      return { sft: lab.sft, dpo, "dpo-2x": twice, "dpo-5x": lab.dpo(5), "online-dpo": online };
    }),
    scorers: each(scorersOf),
  };
}

/** The reward model, and DPO's implicit reward after one epoch and after about as many as the reward model had. */
function scorersOf(lab: Laboratory) {
  return {
    global: lab.verification(lab.reward),
    dpo: lab.verification(lab.dpo(1)),
    [variantId("dpo", "five epochs")]: lab.verification(lab.dpo(5)),
  };
}
