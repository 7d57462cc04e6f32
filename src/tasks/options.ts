/** What an option may be: a test of a value, and its words as they follow "must be". */
export type Rule = readonly [allows: (value: unknown) => boolean, words: string];

/** A whole number from `least` to `most`. */
export function wholeFrom(least: number, most: number): Rule {
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

export const anyNumber: Rule = [Number.isFinite, "a number"];

export const positive: Rule = [(value) => Number.isFinite(value) && Number(value) > 0, "a number above 0"];

export const probability: Rule = [
  (value) => typeof value === "number" && value >= 0 && value <= 1,
  "a probability from 0 to 1",
];

/** Throws one sentence naming the first of a task's options that it does not have or that breaks its rule. */
export function checkOptions<T extends object>(
  task: string,
  settings: T,
  rules: Readonly<Record<keyof T, Rule>>,
): void {
  for (const [name, value] of Object.entries(settings)) {
    const rule = rules[name as keyof T] as Rule | undefined;
    if (rule === undefined) throw new Error(`${task} has no option "${name}".`);
    if (!rule[0](value)) throw new Error(`${task}'s option "${name}" must be ${rule[1]}, not ${value}.`);
  }
}
