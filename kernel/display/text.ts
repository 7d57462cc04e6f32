import { inspect } from "node:util";
import { visibleText } from "./visible.mjs";

/** The most characters of one output. */
const MOST_CHARACTERS = 50_000;

/** Cuts a text that is longer than `limit` and appends a note about the rest. */
export function truncate(text: string, limit = MOST_CHARACTERS): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}\n… ${text.length - limit} more characters are not shown.`;
}

const ASYNC_ID = /,?\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: \d+/g;

/** Removes the properties that Node's async hooks give to promises, which `util.inspect` shows like the user's own. */
function withoutAsyncIds(text: string): string {
  if (!text.includes("[Symbol(async_id_symbol)]")) return text;
  return text.replace(ASYNC_ID, "").replace(/Promise \{\n\s*([^\n]*[^\n,])\n\s*\}/g, "Promise { $1 }");
}

/** A value as text: a string itself, anything else as by `util.inspect`. Characters that are not seen are shown. */
export function valueText(value: unknown): string {
  const text =
    typeof value === "string" ? value : withoutAsyncIds(inspect(value, { maxStringLength: MOST_CHARACTERS }));
  return visibleText(truncate(text));
}
