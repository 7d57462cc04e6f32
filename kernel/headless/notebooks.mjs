import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { Failure } from "../setup/failure.mjs";
import { readJson } from "../setup/files.mjs";

/** The names of the notebooks in a folder, sorted, without ".ipynb". Empty if there is no such folder. */
export function notebookNames(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
  return files.map((name) => path.basename(name, ".ipynb")).sort();
}

/** The largest notebook, in bytes. */
const LARGEST = 100 * 2 ** 20;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isSource = (value) =>
  typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));

/** Why a file cannot be read as a notebook of a sensible size, or null if it can. */
function fileFault(file) {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return "is not a file";
    if (stats.size > LARGEST)
      return `has ${Math.round(stats.size / 2 ** 20)} MB, and a notebook may have ${LARGEST / 2 ** 20}`;
    accessSync(file, constants.R_OK);
    return null;
  } catch (error) {
    return `cannot be read (${error.code})`;
  }
}

/** Why the JSON of a file is not that of a notebook with texts as the sources of its cells, or null if it is. */
function contentFault(notebook) {
  if (!isObject(notebook) || !Array.isArray(notebook.cells))
    return 'is not a Jupyter notebook (JSON with a list "cells")';
  const wrong = notebook.cells.findIndex((cell) => !isObject(cell) || !isSource(cell.source));
  return wrong < 0 ? null : `has no text as the source of cell ${wrong + 1}`;
}

/** The JSON of a notebook. @throws {Failure} one sentence that names the file, if it is not a notebook */
function readNotebook(file) {
  const unread = fileFault(file);
  const notebook = unread === null ? readJson(file) : null;
  const fault = unread ?? contentFault(notebook);
  if (fault !== null) throw new Failure(`${file} ${fault}: repair or remove it.`);
  return notebook;
}

/** The most characters of a title or an abstract. */
const MOST_CHARACTERS = 2000;

/** The text of Markdown: without emphasis, code marks and images, and with links replaced by their text. */
const plainText = (markdown) =>
  markdown
    .slice(0, MOST_CHARACTERS)
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|`)/g, "")
    .replace(/(^|\W)[*_](\S(?:[^*_]*\S)?)[*_](?=\W|$)/g, "$1$2")
    .replace(/\s+/g, " ")
    .trim();

/**
 * The title and abstract of a notebook: its first heading, and the first paragraph after it.
 *
 * @param {{ cells: { cell_type: string, source: string | string[] }[] }} notebook
 * @param {string} name the title if there is no heading
 */
export function summarizeNotebook(notebook, name) {
  const markdown = notebook.cells
    .filter((cell) => cell.cell_type === "markdown")
    .map((cell) => (Array.isArray(cell.source) ? cell.source.join("") : cell.source))
    .join("\n\n");
  const blocks = markdown
    .replace(/^(#{1,6} .*)$/gm, "\n$1\n")
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter(Boolean);
  const headingIndex = blocks.findIndex((block) => /^#{1,6} /.test(block));
  const heading = blocks[headingIndex];
  const paragraph = blocks
    .slice(headingIndex + 1)
    .find((block) => !/^(#|[-*+|>!<]\s*\S?|\d+\.|```|\$\$)/.test(block) || /^[*_]\S/.test(block));
  return {
    title: heading === undefined ? name : plainText(heading.replace(/^#+ /, "")),
    abstract: paragraph ? plainText(paragraph) : "",
  };
}

/**
 * Name, path, title and abstract of the notebooks of a folder that can be read, and a sentence for each that cannot.
 *
 * @param {string} folder
 * @param {string[]} names
 */
export function readNotebooks(folder, names) {
  const items = [];
  const faults = [];
  for (const name of names) {
    const file = path.join(folder, `${name}.ipynb`);
    try {
      items.push({ name, path: file, ...summarizeNotebook(readNotebook(file), name) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      faults.push(error.message);
    }
  }
  return { items, faults };
}

/** The first paragraph after the title of a Markdown text, with relative links replaced by their text. */
export function firstParagraph(markdown) {
  const [, after = ""] = /^# .*$([\s\S]*)/m.exec(markdown) ?? [];
  const blocks = after.split(/\n\s*\n/).map((block) => block.trim());
  const opening = blocks.find(Boolean) ?? "";
  return opening.replace(/(?<!!)\[([^\]]*)\]\((?![a-z]+:)[^)]*\)/gi, "$1");
}
