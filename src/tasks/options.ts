import type { DataSizes } from "./task.ts";

/** The values that an option may have: a test, and words that follow "must be". */
export type Rule = readonly [allows: (value: unknown) => boolean, words: string];

/** A whole number from `least` to `most`. */
export function integerBetween(least: number, most: number): Rule {
  return [
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    `a whole number from ${least} to ${most}`,
  ];
}

/** One of these words. */
export function oneOf(...words: readonly string[]): Rule {
  const quoted = words.map((word) => `"${word}"`);
  return [
    (value) => words.includes(value as string),
    `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`,
  ];
}

/** Any finite number. */
export const anyNumber: Rule = [Number.isFinite, "a number"];

/** A finite number above 0. */
export const positive: Rule = [(value) => Number.isFinite(value) && Number(value) > 0, "a number above 0"];

/** A finite number from 0. */
export const nonNegative: Rule = [(value) => Number.isFinite(value) && Number(value) >= 0, "a number from 0"];

/** A number from 0 to 1. */
export const probability: Rule = [
  (value) => typeof value === "number" && value >= 0 && value <= 1,
  "a probability from 0 to 1",
];

/** @throws if the task has no option of a setting's name, or if a setting breaks its rule */
export function checkOptions<T extends object>(
  task: string,
  settings: T,
  rules: Readonly<Record<keyof T, Rule>>,
): void {
  for (const [name, value] of Object.entries(settings)) {
    const rule = rules[name as keyof T] as Rule | undefined;
    if (rule === undefined) throw new Error(`${task} has no option "${name}".`);
    const [allows, words] = rule;
    if (!allows(value)) throw new Error(`${task}'s option "${name}" must be ${words}, not ${value}.`);
  }
}

/** @throws if a size is not a whole number from 0 */
export function checkSizes(sizes: DataSizes): void {
  for (const part of ["demonstrations", "pairs", "validation", "evaluation"] as const) {
    const size = sizes[part];
    if (Number.isInteger(size) && size >= 0) continue;
    throw new Error(`The number of ${part} must be a whole number from 0, not ${size}.`);
  }
}
