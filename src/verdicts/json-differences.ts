import { isDeepStrictEqual } from "node:util";
import type { Json } from "../files/user-code.ts";

/**
 * What of a registered JSON value is another now, one sentence without a full stop for each: "margin 0.06 is not the
 * registered 0.03". Lists of plain values, and lists of different lengths, are compared as a whole.
 */
export function differences(registered: Json, now: Json, at: readonly string[] = []): string[] {
  if (isDeepStrictEqual(registered, now)) return [];
  if (isObject(registered) && isObject(now)) {
    const keys = [...new Set([...Object.keys(registered), ...Object.keys(now)])];
    return keys.flatMap((key) => {
      const [before, after] = [registered[key], now[key]];
      const name = [...at, key].join(" ");
      if (before === undefined) return [`${name} ${JSON.stringify(after)} is not registered`];
      if (after === undefined) return [`${name} ${JSON.stringify(before)} is registered and missing`];
      return differences(before, after, key === "rule" ? at : [...at, key]);
    });
  }
  if (isObjects(registered) && isObjects(now) && registered.length === now.length)
    return registered.flatMap((one, index) => differences(one, now[index]!, [...at, String(index + 1)]));
  return [`${[...at, JSON.stringify(now)].join(" ")} is not the registered ${JSON.stringify(registered)}`];
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isObjects(value: Json): value is readonly Json[] {
  return Array.isArray(value) && value.every(isObject);
}
