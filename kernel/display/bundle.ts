import { inspect } from "node:util";
import { unescapeHtml } from "./escape.ts";
import type { MimeBundle } from "./jupyter.ts";
import { isTable, type TableOptions, tableBundle } from "./table.ts";
import { isTensor, tensorText } from "./tensor.ts";
import { valueText } from "./text.ts";
import { isSpecification, isView, specificationBundle, viewBundle } from "./vega.ts";

const display = Symbol.for("Jupyter.display");

/** Anything that says itself how a notebook shows it (the convention of Deno's kernel). */
export interface Displayable {
  [key: symbol]: () => MimeBundle | Promise<MimeBundle>;
}

function isDisplayable(value: unknown): value is Displayable {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as Record<symbol, unknown>)[display] === "function";
}

function displayable(bundle: MimeBundle): Displayable {
  return { [display]: () => bundle };
}

/** HTML to show as it stands: escape what comes from data with `escapeHtml`. */
export function html(markup: string): Displayable {
  const text = markup
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return displayable({ "text/html": markup, "text/plain": unescapeHtml(text) });
}

/** Markdown to show. */
export function markdown(text: string): Displayable {
  return displayable({ "text/markdown": text, "text/plain": text });
}

/** An SVG image to show; `description` says in words what it shows, for those who do not see it. */
export function svg(markup: string, description = "Figure"): Displayable {
  return displayable({ "image/svg+xml": markup, "text/plain": description });
}

function checked(bundle: unknown): MimeBundle {
  const valid = bundle !== null && typeof bundle === "object" && !Array.isArray(bundle);
  if (!valid || Object.keys(bundle).some((mime) => !mime.includes("/"))) {
    throw new TypeError(
      `[Symbol.for("Jupyter.display")]() returned ${inspect(bundle, { depth: 0 })}; it must return an object from MIME types to data, such as { "text/html": "<b>1</b>" }.`,
    );
  }
  return bundle as MimeBundle;
}

/**
 * The MIME bundle by which `value` is shown: its own `[Symbol.for("Jupyter.display")]()`, a chart for a
 * specification or view of Vega, a table for a danfojs DataFrame or Series, shape and values of a tensor, the
 * string itself, and Node's inspection of anything else, cut where it is too long. A promise for charts and
 * where the value's own method returns one. Throws where that method returns something other than a MIME bundle.
 */
export function toBundle(value: unknown, options: TableOptions = {}): MimeBundle | Promise<MimeBundle> {
  if (isDisplayable(value)) {
    const bundle = value[display]!();
    return bundle instanceof Promise ? bundle.then(checked) : checked(bundle);
  }
  if (isTable(value)) return tableBundle(value, options);
  if (isTensor(value)) return { "text/plain": tensorText(value) };
  if (isSpecification(value)) return specificationBundle(value);
  if (isView(value)) return viewBundle(value);
  return { "text/plain": valueText(value) };
}

/** What a terminal shows of a bundle. */
export function plainText(bundle: MimeBundle): string {
  const text = bundle["text/plain"] ?? bundle["text/markdown"];
  return typeof text === "string" ? text : `[${Object.keys(bundle).join(", ")}]`;
}
