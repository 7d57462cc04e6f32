import { type Label, variant } from "../../results/labels.ts";

/** Settings that a tuning tries. */
export interface Trial {
  readonly learningRate: number;
  readonly beta: number;
}

/** The seeds on which settings are chosen; they are never tested. */
export const tuningSeeds: readonly number[] = [191, 192, 193, 194, 195];

/** Every combination of learning rates and β. */
export function grid(learningRates: readonly number[], betas: readonly number[]): Trial[] {
  return learningRates.flatMap((learningRate) => betas.map((beta) => ({ learningRate, beta })));
}

/** An arm or a scorer trained with a trial's settings. */
export function atTrial(label: Label, { learningRate, beta }: Trial): Label {
  return variant(label, `learning rate ${learningRate}, β ${beta}`);
}
