import { inspect as inspectValue, types } from "node:util";
import type { ErrorText } from "../shared/thread-messages.ts";
import { apply } from "./intrinsics.ts";

// A cell can throw anything: a proxy whose traps throw, an error whose properties are getters that throw, and all of
// this after it has replaced built-in functions. Nothing here may let an exception through.

const inspect = inspectValue;
const { isNativeError, isProxy } = types;
const ErrorConstructor = Error;
const hasInstance = Function.prototype[Symbol.hasInstance];
const { slice } = String.prototype;
const toText = String;

/** The most characters of an error's name and message, and of its traceback. */
const longestValue = 50_000;
const longestText = 200_000;

/** A text without the middle of what is too long. */
function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const half = longest / 2;
  const start = apply(slice, text, [0, half]);
  return `${start}\n… ${text.length - longest} more characters …\n${apply(slice, text, [-half])}`;
}

/** The text that a function returns; undefined if it throws or returns anything else. */
function textFrom(read: () => unknown): string | undefined {
  try {
    const text = read();
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

/** A property as text; "" if it is missing or cannot be read. */
const propertyText = (object: object, name: string): string =>
  textFrom(() => {
    const value = (object as Record<string, unknown>)[name];
    return value === undefined || value === null ? "" : toText(value);
  }) ?? "";

/** Whether a value is an error, of any realm. Proxies are not: they can pass for anything. */
function isError(value: unknown): value is Error {
  try {
    return !isProxy(value) && (isNativeError(value) || apply(hasInstance, ErrorConstructor, [value]));
  } catch {
    return false;
  }
}

/** The name of an error, or else of its class. */
function nameOf(error: Error): string {
  const className = () => textFrom(() => propertyText(error.constructor, "name"));
  return propertyText(error, "name") || className() || "Error";
}

/** What to show in place of a value that `inspect` cannot show. */
function noDescription(error: unknown): string {
  const reason = isError(error) ? propertyText(error, "message") : textFrom(() => toText(error));
  return `a value that cannot be shown${reason ? `: inspecting it throws ${reason}` : ""}`;
}

/** A value as text. */
function describe(value: unknown): string {
  try {
    const text: unknown = inspect(value);
    return typeof text === "string" ? text : noDescription(undefined);
  } catch (error) {
    return noDescription(error);
  }
}

/** An error without the brackets into which `inspect` puts errors without a stack. */
function inspectError(error: Error): string {
  const text = inspect(error);
  const isBracketed = text[0] === "[" && text[text.length - 1] === "]";
  return isBracketed ? apply(slice, text, [1, -1]) : text;
}

/**
 * Describes what a cell has thrown, whatever it is.
 *
 * @param excerptOf returns the source lines that a stack trace refers to, as text; it may throw
 */
export function errorText(error: unknown, excerptOf: (stack: string) => string): ErrorText {
  if (!isError(error)) {
    const text = shorten(describe(error), longestValue);
    return { ename: "Uncaught", evalue: text, excerpt: "", text: `Uncaught ${text}` };
  }
  const ename = shorten(nameOf(error), longestValue);
  const evalue = shorten(propertyText(error, "message"), longestValue);
  const stack = propertyText(error, "stack");
  // `inspect` takes long for a long stack.
  const shown = stack.length > longestText ? stack : textFrom(() => inspectError(error));
  const excerpt = stack.length > longestText ? "" : (textFrom(() => excerptOf(stack)) ?? "");
  return { ename, evalue, excerpt, text: shorten(shown ?? `${ename}: ${evalue}`, longestText) };
}
