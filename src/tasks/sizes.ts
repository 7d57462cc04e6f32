import type { DataSizes } from "./task.ts";

/** Throws one sentence naming the first size that is no whole number from 0. */
export function checkSizes(sizes: DataSizes): void {
  for (const part of ["demonstrations", "pairs", "validation", "evaluation"] as const) {
    const asked = sizes[part];
    if (Number.isInteger(asked) && asked >= 0) continue;
    throw new Error(`The number of ${part} must be a whole number from 0, not ${asked}.`);
  }
}
