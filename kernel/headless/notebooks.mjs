import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { Failure } from "../setup/failure.mjs";
import { readJson } from "../setup/files.mjs";

/** The names of the notebooks in a folder, sorted, without ".ipynb". Empty if there is no such folder. */
export function notebookNames(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
  return files.map((name) => path.basename(name, ".ipynb")).sort();
}

/** The JSON of a notebook. @throws {Failure} if the file is not a notebook */
export function readNotebook(file) {
  const notebook = readJson(file);
  if (!Array.isArray(notebook?.cells))
    throw new Failure(`${file} is not a Jupyter notebook (JSON with a list "cells"): repair or delete it.`);
  return notebook;
}

/** The text of Markdown: without emphasis, code marks and images, and with links replaced by their text. */
const plainText = (markdown) =>
  markdown
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

/** The first paragraph after the title of a Markdown text, with relative links replaced by their text. */
export function firstParagraph(markdown) {
  const [, after = ""] = /^# .*$([\s\S]*)/m.exec(markdown) ?? [];
  const blocks = after.split(/\n\s*\n/).map((block) => block.trim());
  const opening = blocks.find(Boolean) ?? "";
  return opening.replace(/(?<!!)\[([^\]]*)\]\((?![a-z]+:)[^)]*\)/gi, "$1");
}
