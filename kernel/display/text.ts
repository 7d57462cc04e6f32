import { inspect } from "node:util";

/** The most characters of one output. */
const MOST_CHARACTERS = 50_000;

/** Cuts a text that is longer than `limit` and appends a note about the rest. */
export function truncate(text: string, limit = MOST_CHARACTERS): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}\n… ${text.length - limit} more characters are not shown.`;
}

/** A value as text: a string itself, anything else as by `util.inspect`. */
export function valueText(value: unknown): string {
  return truncate(typeof value === "string" ? value : inspect(value, { maxStringLength: MOST_CHARACTERS }));
}
