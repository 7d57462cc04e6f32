import { inspect } from "node:util";

/** How many characters of one output are shown. */
const most = 50_000;

/** A text that is not too long for a notebook: a longer one is cut, with a note that says so. */
export function cut(text: string, limit = most): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}\n… ${text.length - limit} more characters are not shown.`;
}

/** A value as text: a string itself, anything else as Node inspects it. */
export function valueText(value: unknown): string {
  return cut(typeof value === "string" ? value : inspect(value, { maxStringLength: most }));
}
