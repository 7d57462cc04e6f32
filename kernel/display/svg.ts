import { visibleText } from "./visible.mjs";

const DOCUMENT = /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)*<svg[\s>][\s\S]*<\/svg>\s*$/;

/** What can run code, load something or stand for other text. An image has it only if the notebook asks for it by `svg`. */
const ACTIVE = /<script|<foreignObject|<!ENTITY|\son\w+\s*=|javascript:/i;

/** Whether a text is an SVG image without scripts. */
export const isSvgText = (text: string): boolean =>
  /^\s*</.test(text) && DOCUMENT.test(text) && !ACTIVE.test(text);

const NAMESPACES = [
  { attribute: "xmlns", uri: "http://www.w3.org/2000/svg", isUsed: () => true },
  {
    attribute: "xmlns:xlink",
    uri: "http://www.w3.org/1999/xlink",
    isUsed: (markup: string) => markup.includes("xlink:"),
  },
];

/** SVG as an XML document of its own: an element that is written as a part of HTML has no namespaces, and entities. */
export function svgDocument(markup: string): string {
  const missing = NAMESPACES.filter(
    ({ attribute, isUsed }) =>
      isUsed(markup) && !new RegExp(`\\s${attribute}\\s*=`).test(/<svg\b[^>]*>/.exec(markup)?.[0] ?? ""),
  );
  const attributes = missing.map(({ attribute, uri }) => ` ${attribute}="${uri}"`).join("");
  const text = markup.replace(/<svg\b/, `<svg${attributes}`).replaceAll("&nbsp;", "&#160;");
  return visibleText(text);
}
