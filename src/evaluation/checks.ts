/** Throws if `values` is empty or holds a number that is not finite. */
export function checkNumbers(name: string, values: readonly number[]): void {
  if (values.length === 0) throw new Error(`${name} is empty: at least one number is needed.`);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new Error(`${name}[${at}] must be a finite number, not ${values[at]}.`);
}

/** Throws if the two lists differ in length. */
export function checkSameLength(
  name: string,
  values: readonly unknown[],
  otherName: string,
  others: readonly unknown[],
): void {
  if (values.length === others.length) return;
  throw new Error(
    `${name} and ${otherName} must have the same length, not ${values.length} and ${others.length}.`,
  );
}

/** Throws if `confidence` is not strictly between 0 and 1. */
export function checkConfidence(confidence: number): void {
  if (confidence > 0 && confidence < 1) return;
  throw new Error(`confidence must lie between 0 and 1, for example 0.95, not ${confidence}.`);
}

/** Throws if `value` is not an integer of at least `least`. */
export function checkWhole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new Error(`${name} must be a whole number of at least ${least}, not ${value}.`);
}
