import { type Label, variant } from "../../results/labels.ts";

/** Settings that a tuning tries. */
export interface Trial {
  readonly learningRate: number;
  readonly beta: number;
}

/** Every combination of learning rates and β. */
export function grid(learningRates: readonly number[], betas: readonly number[]): Trial[] {
  return learningRates.flatMap((learningRate) => betas.map((beta) => ({ learningRate, beta })));
}

/** An arm or a scorer trained with a trial's settings. */
export function atTrial(label: Label, { learningRate, beta }: Trial): Label {
  return variant(label, `learning rate ${learningRate}, β ${beta}`);
}
