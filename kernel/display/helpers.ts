import { textOf } from "./elements.ts";
import { escapeHtml, escapeMarkdown } from "./escape.ts";
import { type ImageOptions, imageFrom } from "./images.ts";
import { latexBundle } from "./latex.ts";
import type { MimeBundle } from "./mime-bundle.ts";
import { visibleText } from "./visible.mjs";

const display = Symbol.for("Jupyter.display");
const markup = Symbol.for("allroads.display.markup");

/** An object with a method `[Symbol.for("Jupyter.display")]()` that returns its MIME bundle, as in Deno's kernel. */
export interface Displayable {
  [key: symbol]: () => MimeBundle | Promise<MimeBundle>;
}

type Template = TemplateStringsArray;

function displayable(bundle: MimeBundle): Displayable {
  return { [display]: () => bundle };
}

/** A displayable whose source can be a part of other templates of the same kind. */
function template(kind: string, source: string, bundle: MimeBundle): Displayable {
  return Object.defineProperty(displayable(bundle), markup, { value: { kind, source } });
}

/** The source of a template: values are escaped, except those that a template of a given kind has made. */
function fill(
  kinds: readonly string[],
  strings: Template,
  values: readonly unknown[],
  escapeValue: (text: string) => string,
): string {
  const write = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(write).join("");
    const made = (value as Record<symbol, { kind: string; source: string } | undefined> | null | undefined)?.[
      markup
    ];
    return made && kinds.includes(made.kind) ? made.source : escapeValue(String(value));
  };
  return strings.map((text, index) => text + (index < values.length ? write(values[index]) : "")).join("");
}

/**
 * HTML that is shown as it is. Escape text from data with `escapeHtml`; in a template, as in html`<b>${text}</b>`, values
 * are escaped.
 */
export function html(first: string | Template, ...values: unknown[]): Displayable {
  const source = typeof first === "string" ? first : fill(["html", "svg"], first, values, escapeHtml);
  const shown = visibleText(source);
  return template("html", source, { "text/html": shown, "text/plain": textOf(shown) });
}

/** Markdown that is rendered. Escape text from data with `escapeMarkdown`; in a template values are escaped. */
export function markdown(first: string | Template, ...values: unknown[]): Displayable {
  const source = typeof first === "string" ? first : fill(["markdown"], first, values, escapeMarkdown);
  const shown = visibleText(source);
  return template("markdown", source, { "text/markdown": shown, "text/plain": shown });
}

/** An SVG image; `description` is its text alternative. In a template values are escaped. */
export function svg(markup: string, description?: string): Displayable;
export function svg(strings: Template, ...values: unknown[]): Displayable;
export function svg(first: string | Template, ...values: unknown[]): Displayable {
  const isText = typeof first === "string";
  const source = isText ? first : fill(["svg"], first, values, escapeHtml);
  const description = isText && values[0] !== undefined ? String(values[0]) : "Figure";
  return template("svg", source, {
    "image/svg+xml": visibleText(source),
    "text/plain": visibleText(description),
  });
}

/** A formula in LaTeX. In a template, as in latex`\frac{1}{${n}}`, backslashes need no escape. */
export function latex(first: string | Template, ...values: unknown[]): Displayable {
  return displayable(latexBundle(typeof first === "string" ? first : String.raw(first, ...values)));
}

/**
 * An image: bytes of a PNG, JPEG, GIF or WebP file, SVG, a `data:` URL or the path of a file. With only one of width and
 * height, the client keeps the image's proportions.
 *
 * @throws {TypeError} if the source is no image
 * @throws {RangeError} if width or height is not a number above 0
 */
export function image(source: Uint8Array | string, options: ImageOptions = {}): Displayable {
  return displayable(imageFrom(source, options));
}
