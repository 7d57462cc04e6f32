import { inspect, types } from "node:util";
import { elementBundle, isElement } from "./elements.ts";
import { canvasBundle, imageBundle, isCanvas, isImage } from "./images.ts";
import { latexOf } from "./latex.ts";
import type { MimeBundle } from "./mime-bundle.ts";
import { isObject, method } from "./probe.ts";
import { isFulfilled } from "./promises.ts";
import { tableOf } from "./records.ts";
import { isSvgText, svgDocument } from "./svg.ts";
import { isTable, rowLimit, type TableOptions, tableBundle } from "./table.ts";
import { isTensor, tensorText } from "./tensor.ts";
import { valueText } from "./text.ts";
import { isSpecification, isView, specificationBundle, viewBundle } from "./vega.ts";
import { visibleText } from "./visible.mjs";

export { type Displayable, html, markdown, svg } from "./helpers.ts";

const { isPromise } = types;

const display = Symbol.for("Jupyter.display");

type Bundle = MimeBundle | Promise<MimeBundle>;

function checkBundle(bundle: unknown): MimeBundle {
  const valid = bundle !== null && typeof bundle === "object" && !Array.isArray(bundle);
  if (!valid || Object.keys(bundle).some((mime) => !mime.includes("/"))) {
    throw new TypeError(
      `[Symbol.for("Jupyter.display")]() returned ${inspect(bundle, { depth: 0 })}; it must return an object that maps MIME types to data, such as { "text/html": "<b>1</b>" }.`,
    );
  }
  return bundle as MimeBundle;
}

/** The bundle that a value's own display method returns; undefined if it has no such method. */
function ownBundle(value: unknown): Bundle | undefined {
  if (!isObject(value) && typeof value !== "function") return undefined;
  const show = method(value, display);
  if (!show) return undefined;
  const bundle = show();
  return bundle instanceof Promise ? bundle.then(checkBundle) : checkBundle(bundle);
}

/** The chart of a builder, an object with a method `toSpec` that returns a specification of Vega or Vega-Lite. */
function builtChart(value: object): Bundle | undefined {
  const specification = method(value, "toSpec")?.();
  return isSpecification(specification) ? specificationBundle(specification) : undefined;
}

const textBundle = (value: unknown): MimeBundle => ({ "text/plain": valueText(value) });

/** What a canvas has drawn, or else its text. */
function drawnBundle(canvas: object): Bundle {
  const bundle = canvasBundle(canvas);
  return bundle instanceof Promise
    ? bundle.then((drawn) => drawn ?? textBundle(canvas))
    : (bundle ?? textBundle(canvas));
}

/** A table. A list or a map is its own best text. */
function recordsBundle(value: object, options: TableOptions): MimeBundle | undefined {
  const table = tableOf(value, rowLimit(options));
  if (!table) return undefined;
  const bundle = tableBundle(table, options);
  return Array.isArray(value) || value instanceof Map ? { ...bundle, ...textBundle(value) } : bundle;
}

/** The bundle of an object of a known kind; undefined for other objects. */
function objectBundle(value: object, options: TableOptions): Bundle | undefined {
  if (isTable(value)) return tableBundle(value, options);
  if (isTensor(value)) return { "text/plain": tensorText(value) };
  if (isSpecification(value)) return specificationBundle(value);
  if (isView(value)) return viewBundle(value);
  if (isImage(value)) return imageBundle(value);
  if (isCanvas(value)) return drawnBundle(value);
  if (isElement(value)) return elementBundle(value);
  return builtChart(value) ?? latexOf(value) ?? recordsBundle(value, options);
}

/**
 * The MIME bundle of a value: the result of its `[Symbol.for("Jupyter.display")]()`, a chart for a specification,
 * builder or view of Vega, an image for the bytes of one, a canvas or an SVG element, HTML for another element of a DOM,
 * a table for a danfojs DataFrame or Series, an Apache Arrow table, a list of records or a map, a formula for an object
 * that writes LaTeX, shape and values of a tensor, a fulfilled promise's value, a string itself, and Node's inspection of
 * anything else. Long texts are cut, and characters that are not seen are shown as escapes; only what a value's own
 * method returns stays as it is. The result is a promise for charts, promises and if the value's method returns one.
 *
 * @throws {TypeError} if the value's method does not return a MIME bundle
 */
export function toBundle(value: unknown, options: TableOptions = {}): Bundle {
  const own = ownBundle(value);
  if (own) return own;
  if (typeof value === "string" && isSvgText(value))
    return { "image/svg+xml": svgDocument(value), ...textBundle(value) };
  if (isPromise(value) && isFulfilled(value)) return value.then((settled) => toBundle(settled, options));
  return (isObject(value) && objectBundle(value, options)) || textBundle(value);
}

/** The text of a bundle for a terminal. */
export function plainText(bundle: MimeBundle): string {
  const text = bundle["text/plain"] ?? bundle["text/markdown"];
  return visibleText(typeof text === "string" ? text : `[${Object.keys(bundle).join(", ")}]`);
}
