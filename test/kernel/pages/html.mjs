import { parse } from "parse5";

/**
 * @typedef {object} Element an element of a parsed page
 * @property {string} name its tag
 * @property {Record<string, string>} attributes
 * @property {string} text all text inside
 * @property {Element[]} inside all elements inside, in order of the document
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

/** Every element of a page, in order of the document. */
export const elementsOf = (html) => elementOf(parse(html)).inside;
