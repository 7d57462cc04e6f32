import { unescapeHtml } from "./escape.ts";
import type { MimeBundle } from "./mime-bundle.ts";
import { isObject, property } from "./probe.ts";
import { svgDocument } from "./svg.ts";
import { visibleText } from "./visible.mjs";

/** The used property of an element of a DOM, such as jsdom's or linkedom's. */
interface ElementLike {
  outerHTML: string;
}

/**
 * Whether a value is an element. Its markup is computed: a text that lies in a property, as in parsed JSON, is data and
 * not to be trusted.
 */
export function isElement(value: unknown): value is ElementLike {
  if (!isObject(value) || typeof property(value, "outerHTML") !== "string") return false;
  return typeof Object.getOwnPropertyDescriptor(value, "outerHTML")?.value !== "string";
}

/** The text of markup, without its styles and scripts. */
export function textOf(markup: string): string {
  const text = markup
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return unescapeHtml(text);
}

/** The label that an element's markup gives to assistive technology. */
function labelOf(markup: string): string | undefined {
  const label =
    /^<[^>]*\saria-label="([^"]+)"/.exec(markup)?.[1] ?? /<title>([^<]+)<\/title>/.exec(markup)?.[1];
  return label === undefined ? undefined : unescapeHtml(label);
}

/** An image for an SVG element, HTML for any other. */
export function elementBundle({ outerHTML }: ElementLike): MimeBundle {
  const markup = outerHTML.trim();
  if (/^<svg[\s>]/i.test(markup))
    return { "image/svg+xml": svgDocument(markup), "text/plain": visibleText(labelOf(markup) ?? "Figure") };
  const shown = visibleText(markup);
  return { "text/html": shown, "text/plain": labelOf(shown) ?? textOf(shown) };
}
