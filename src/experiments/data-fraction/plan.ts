import type { Plan } from "../../results/collect.ts";
import { asVariants } from "../../results/variants.ts";
import type { Laboratory } from "../laboratory.ts";
import { type Ground, paperArms } from "../paper-arms.ts";

/** The parts of the preference prompts that are used beside all of them. */
export const dataFractions = [0.1, 0.25, 0.5] as const;
/** What is kept equal to training on all of them: the passes over the data, or the optimiser's steps. */
export const equalities = ["epochs", "steps"] as const;
export type Equality = (typeof equalities)[number];

/** What the ids of arms and verifiers of a part end in. */
export function fractionVariant(fraction: number, equal: Equality): string {
  return `${Math.round(100 * fraction)} %, equal ${equal}`;
}

/**
 * The paper's arms, a reward model and DPO's on parts of the preference prompts. A part's reward model, policies and
 * online samples are all of the same prompts.
 */
export function dataFractionPlan(lab: Laboratory): Plan {
  const parts = dataFractions.flatMap((fraction) => equalities.map((equal) => partOf(lab, fraction, equal)));
  const whole = judged(lab, lab);
  return {
    arms: Object.assign({ sft: lab.sft }, whole.arms, ...parts.map(({ arms }) => arms)),
    scorers: Object.assign(whole.scorers, ...parts.map(({ scorers }) => scorers)),
    pairs: Object.assign({ "100 %": lab.pairs }, ...parts.map(({ pairs }) => pairs)),
  };
}

function partOf(lab: Laboratory, fraction: number, equal: Equality): Plan {
  const { sizes, reward } = lab.config;
  const first = Math.round(fraction * sizes.pairs);
  const times = equal === "steps" ? sizes.pairs / first : 1;
  const pairs = lab.pairsOf({ first });
  const options = { epochs: times * reward.epochs };
  const part = judged(lab, { pairs, reward: lab.rewardOf({ pairs, options }), first, times });
  const variant = fractionVariant(fraction, equal);
  return {
    arms: asVariants(part.arms, variant),
    scorers: asVariants(part.scorers, variant),
    pairs: { [`${Math.round(100 * fraction)} %`]: pairs },
  };
}

function judged(lab: Laboratory, ground: Ground) {
  const arms = paperArms(lab, ground);
  return { arms, scorers: { global: lab.verification(ground.reward), dpo: lab.verification(arms.dpo) } };
}
