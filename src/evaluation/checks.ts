/** Throws one sentence naming the list `name` where it is empty or holds anything but finite numbers. */
export function checkNumbers(name: string, values: readonly number[]): void {
  if (values.length === 0) throw new Error(`${name} is empty: at least one number is needed.`);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new Error(`${name}[${at}] must be a finite number, not ${values[at]}.`);
}

/** Throws one sentence naming both lists where their lengths differ. */
export function checkSameLength(
  name: string,
  values: readonly unknown[],
  otherName: string,
  others: readonly unknown[],
): void {
  if (values.length === others.length) return;
  throw new Error(
    `${name} and ${otherName} must be of one length, entry by entry, not ${values.length} and ${others.length}.`,
  );
}

/** Throws one sentence where `confidence` is not strictly between 0 and 1. */
export function checkConfidence(confidence: number): void {
  if (confidence > 0 && confidence < 1) return;
  throw new Error(`confidence must lie between 0 and 1, for example 0.95, not ${confidence}.`);
}

/** Throws one sentence naming `name` where `value` is not a whole number from `least`. */
export function checkWhole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new Error(`${name} must be a whole number from ${least}, not ${value}.`);
}
