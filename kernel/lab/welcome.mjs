import path from "node:path";
import { notebookNames, readNotebooks } from "../headless/notebooks.mjs";
import { readText, writeAtomically } from "../setup/files.mjs";

const BEGIN = "<!-- notebooks: written by `npm run lab` -->";
const END = "<!-- end of notebooks -->";

/** Text as Markdown that shows it. */
const escaped = (text) => text.replaceAll(/[\\`*_[\]<>|$]/g, "\\$&");

/** The notebooks as a Markdown list of links with their titles. */
export const notebookList = (items) =>
  items
    .map(({ name, title }) => `- [${escaped(name)}](${encodeURI(name)}.ipynb): ${escaped(title)}`)
    .join("\n");

/**
 * A Markdown page with the list of notebooks between its two marks; the page itself if it does not have them.
 *
 * @param {string} page
 * @param {{ name: string, title: string }[]} items
 */
export function withNotebooks(page, items) {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) return page;
  return `${page.slice(0, begin + BEGIN.length)}\n\n${notebookList(items)}\n\n${page.slice(end)}`;
}

/**
 * Brings the list of notebooks in the README.md of their folder up to date. Where the file cannot be written, it stays
 * as it is.
 *
 * @param {string} folder
 * @returns {boolean} whether there is a README.md
 */
export function updateWelcome(folder) {
  const file = path.join(folder, "README.md");
  const page = readText(file);
  if (page === null) return false;
  const updated = withNotebooks(page, readNotebooks(folder, notebookNames(folder)).items);
  try {
    if (updated !== page) writeAtomically(file, updated);
  } catch {
    // The list may be old, which is no reason not to start.
  }
  return true;
}
