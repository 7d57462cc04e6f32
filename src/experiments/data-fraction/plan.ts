import { arms, label, variant } from "../../results/labels.ts";
import { arm, joinPlans, type Plan, relabelPlan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { paperPlan } from "../paper-plan.ts";

/** The fractions of the preference prompts that are used beside all of them. */
export const dataFractions = [0.1, 0.25, 0.5] as const;

/** What training on a fraction keeps equal to training on everything: epochs, or optimiser steps. */
export const equalities = [
  label("epochs", "equal epochs", "#005a9c"),
  label("steps", "equal steps", "#b03a00"),
] as const;
/** Whether arms on less data train for as many epochs or as many steps as on all data. */
export type Equality = (typeof equalities)[number];
export const [equalEpochs, equalSteps] = equalities;

/** A fraction as text, for example "25 %". */
export const percentText = (fraction: number): string => `${Math.round(100 * fraction)} %`;

/**
 * The paper's arms and scorers on all preference prompts and on fractions of them. A fraction's reward model, policies
 * and online samples all use the same prompts.
 */
export function dataFractionPlan(lab: Laboratory): Plan {
  const fractions = dataFractions.flatMap((fraction) =>
    equalities.map((equality) => fractionPlan(lab, fraction, equality)),
  );
  const everything: Plan = {
    ...paperPlan(lab),
    pairs: { [percentText(1)]: lab.pairs },
  };
  return joinPlans([{ arms: [arm(arms.sft, lab.sft)] }, everything, ...fractions]);
}

function fractionPlan(lab: Laboratory, fraction: number, equality: Equality): Plan {
  const { sizes, reward } = lab.config;
  const first = Math.round(fraction * sizes.pairs);
  const epochsFactor = equality === equalSteps ? sizes.pairs / first : 1;
  const pairs = lab.pairsWith({ first });
  const rewardModel = lab.rewardWith({ pairs, epochs: epochsFactor * reward.epochs });
  const plan = paperPlan(lab, { pairs, reward: rewardModel, first, epochsFactor });
  return {
    ...relabelPlan(plan, (one) => variant(one, fractionText(fraction, equality))),
    pairs: { [percentText(fraction)]: pairs },
  };
}

/** How the arms of a fraction differ from those of everything, for example "25 %, equal epochs". */
export function fractionText(fraction: number, equality: Equality): string {
  return `${percentText(fraction)}, ${equality.name}`;
}
