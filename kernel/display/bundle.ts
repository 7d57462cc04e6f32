import { inspect } from "node:util";
import { unescapeHtml } from "./escape.ts";
import type { MimeBundle } from "./jupyter.ts";
import { isTable, type TableOptions, tableBundle } from "./table.ts";
import { isTensor, tensorText } from "./tensor.ts";
import { valueText } from "./text.ts";
import { isSpecification, isView, specificationBundle, viewBundle } from "./vega.ts";
import { visibleText } from "./visible.mjs";

const display = Symbol.for("Jupyter.display");

/** An object with a method `[Symbol.for("Jupyter.display")]()` that returns its MIME bundle, as in Deno's kernel. */
export interface Displayable {
  [key: symbol]: () => MimeBundle | Promise<MimeBundle>;
}

/** The display method of a value, bound to it; undefined if it has none. */
function displayMethod(value: unknown): (() => unknown) | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method = (value as Record<symbol, unknown>)[display];
  return typeof method === "function" ? () => method.call(value) : undefined;
}

function displayable(bundle: MimeBundle): Displayable {
  return { [display]: () => bundle };
}

/** HTML that is shown as it is. Escape text from data with `escapeHtml`. */
export function html(markup: string): Displayable {
  const shown = visibleText(markup);
  const text = shown
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return displayable({ "text/html": shown, "text/plain": unescapeHtml(text) });
}

/** Markdown that is rendered. Escape text from data with `escapeMarkdown`. */
export function markdown(text: string): Displayable {
  const shown = visibleText(text);
  return displayable({ "text/markdown": shown, "text/plain": shown });
}

/** An SVG image; `description` is its text alternative. */
export function svg(markup: string, description = "Figure"): Displayable {
  return displayable({ "image/svg+xml": visibleText(markup), "text/plain": visibleText(description) });
}

function checkBundle(bundle: unknown): MimeBundle {
  const valid = bundle !== null && typeof bundle === "object" && !Array.isArray(bundle);
  if (!valid || Object.keys(bundle).some((mime) => !mime.includes("/"))) {
    throw new TypeError(
      `[Symbol.for("Jupyter.display")]() returned ${inspect(bundle, { depth: 0 })}; it must return an object that maps MIME types to data, such as { "text/html": "<b>1</b>" }.`,
    );
  }
  return bundle as MimeBundle;
}

/**
 * The MIME bundle of a value: the result of its `[Symbol.for("Jupyter.display")]()`, a chart for a specification or
 * view of Vega, a table for a danfojs DataFrame or Series, shape and values of a tensor, a string itself, and Node's
 * inspection of anything else. Long texts are cut, and characters that are not seen are shown as escapes; only what a
 * value's own method returns stays as it is. The result is a promise for charts and if the value's method returns one.
 *
 * @throws {TypeError} if the value's method does not return a MIME bundle
 */
export function toBundle(value: unknown, options: TableOptions = {}): MimeBundle | Promise<MimeBundle> {
  const method = displayMethod(value);
  if (method) {
    const bundle = method();
    return bundle instanceof Promise ? bundle.then(checkBundle) : checkBundle(bundle);
  }
  if (isTable(value)) return tableBundle(value, options);
  if (isTensor(value)) return { "text/plain": tensorText(value) };
  if (isSpecification(value)) return specificationBundle(value);
  if (isView(value)) return viewBundle(value);
  return { "text/plain": valueText(value) };
}

/** The text of a bundle for a terminal. */
export function plainText(bundle: MimeBundle): string {
  const text = bundle["text/plain"] ?? bundle["text/markdown"];
  return visibleText(typeof text === "string" ? text : `[${Object.keys(bundle).join(", ")}]`);
}
