import { type Label, variant } from "../../results/labels.ts";

/** Settings that a tuning tries. */
export interface Trial {
  readonly learningRate: number;
  readonly beta?: number;
  readonly batchSize?: number;
}

/** Every combination of learning rates and values of another setting. */
export function grid(
  learningRates: readonly number[],
  setting: Exclude<keyof Trial, "learningRate">,
  values: readonly number[],
): Trial[] {
  return learningRates.flatMap((learningRate) => values.map((value) => ({ learningRate, [setting]: value })));
}

/** An arm or a scorer trained with a trial's settings. */
export function atTrial(label: Label, trial: Trial): Label {
  const settings = Object.entries(trial).map(([name, value]) => `${name} ${value}`);
  return variant(label, settings.join(", "));
}
