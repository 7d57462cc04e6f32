import { schedules } from "./schedules.ts";
import type { TrainingOptions } from "./train.ts";

/** The error that an option of training has a value it cannot have. */
export function outOfRange(name: string, expected: string, value: unknown): Error {
  return new Error(
    `Training's ${name} must be ${expected}, but is ${typeof value === "string" ? `"${value}"` : value}: change it.`,
  );
}

/** Throws one sentence where there are no examples or an option is out of its range. */
export function checkOptions(examples: number, options: TrainingOptions): void {
  const { epochs, batchSize, learningRate, schedule } = options;
  if (examples < 1) throw new Error("There are no examples to train on: give at least one.");
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw outOfRange("batchSize", "a whole number above 0", batchSize);
  if (!(Number.isFinite(epochs) && epochs > 0)) throw outOfRange("epochs", "a number above 0", epochs);
  if (!(Number.isFinite(learningRate) && learningRate > 0))
    throw outOfRange("learningRate", "a number above 0", learningRate);
  if (!schedules.includes(schedule)) throw outOfRange("schedule", `one of ${schedules.join(", ")}`, schedule);
}
