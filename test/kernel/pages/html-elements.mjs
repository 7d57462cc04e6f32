import { parse } from "parse5";

/**
 * @typedef {object} Element an element of an HTML page
 * @property {string} name its tag name
 * @property {Record<string, string>} attributes
 * @property {string} text the text of it and its descendants
 * @property {Element[]} inside all its descendants, in document order
 */

/** @returns {Element} */
function elementOf(node) {
  const inside = [];
  let text = "";
  for (const child of [...(node.childNodes ?? []), ...(node.content?.childNodes ?? [])]) {
    if (child.nodeName === "#text") text += child.value;
    else if (child.tagName) {
      const element = elementOf(child);
      inside.push(element, ...element.inside);
      text += element.text;
    }
  }
  const named = (node.attrs ?? []).map(({ prefix, name, value }) => [
    prefix ? `${prefix}:${name}` : name,
    value,
  ]);
  return { name: node.tagName ?? "", attributes: Object.fromEntries(named), text, inside };
}

/** All elements of a page, in document order. */
export const parseElements = (html) => elementOf(parse(html)).inside;
