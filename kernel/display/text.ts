import { inspect } from "node:util";
import { visibleText } from "./visible.mjs";

/** The most characters of one output. */
const MOST_CHARACTERS = 50_000;

/** Cuts a text that is longer than `limit` and appends a note about the rest. */
export function truncate(text: string, limit = MOST_CHARACTERS): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}\n… ${text.length - limit} more characters are not shown.`;
}

/** A value as text: a string itself, anything else as by `util.inspect`. Characters that are not seen are shown. */
export function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : inspect(value, { maxStringLength: MOST_CHARACTERS });
  return visibleText(truncate(text));
}
