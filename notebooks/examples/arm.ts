import { arm, arms, experiments, type Laboratory, type Plan, variant } from "allroads";

/*
 * An arm of the main comparison. In src/experiments/main-comparison/plan.ts it is one line among the `arms`; what is
 * trained already is not trained again. It appears in every table and chart, marked "not registered".
 */

/** DPO that is held closer to the SFT policy. */
export const strongBeta = variant(arms.dpo, "β = 8");

/** The main comparison with the arm. */
export function mainComparisonWithArm(lab: Laboratory): Plan {
  const plan = experiments.mainComparison.mainComparisonPlan(lab);
  return { ...plan, arms: [...plan.arms, arm(strongBeta, lab.dpo(1, { beta: 8 }))] };
}
