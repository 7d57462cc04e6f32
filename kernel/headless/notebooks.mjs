import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { Failure } from "../setup/failure.mjs";
import { jsonOf } from "../setup/files.mjs";

/** The names of the notebooks in a folder, in the order in which they are run. */
export function notebookNames(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
  return files.map((name) => path.basename(name, ".ipynb")).sort();
}

/** A notebook's JSON. */
export function readNotebook(file) {
  const notebook = jsonOf(file);
  if (!Array.isArray(notebook?.cells))
    throw new Failure(
      `${file} is not a Jupyter notebook (JSON with a list "cells"): mend it or take it away.`,
    );
  return notebook;
}

/** Markdown as plain words: no emphasis, no code marks, links as their text. */
const plain = (markdown) =>
  markdown
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|`)/g, "")
    .replace(/(^|\W)[*_](\S(?:[^*_]*\S)?)[*_](?=\W|$)/g, "$1$2")
    .replace(/\s+/g, " ")
    .trim();

/**
 * What a notebook is about: its first heading, and the first paragraph of text after it.
 *
 * @param {{ cells: { cell_type: string, source: string | string[] }[] }} notebook
 * @param {string} name stands in where there is no heading
 */
export function summaryOf(notebook, name) {
  const markdown = notebook.cells
    .filter((cell) => cell.cell_type === "markdown")
    .map((cell) => (Array.isArray(cell.source) ? cell.source.join("") : cell.source))
    .join("\n\n");
  const blocks = markdown
    .replace(/^(#{1,6} .*)$/gm, "\n$1\n")
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter(Boolean);
  const heading = blocks.findIndex((block) => /^#{1,6} /.test(block));
  const text = blocks
    .slice(heading + 1)
    .find((block) => !/^(#|[-*+|>!<]\s*\S?|\d+\.|```|\$\$)/.test(block) || /^[*_]\S/.test(block));
  return {
    title: heading < 0 ? name : plain(blocks[heading].replace(/^#+ /, "")),
    abstract: text ? plain(text) : "",
  };
}

/** The first paragraph of a Markdown text after its first heading, with links to relative paths as their text. */
export function openingOf(markdown) {
  const [, after = ""] = /^# .*$([\s\S]*)/m.exec(markdown) ?? [];
  const blocks = after.split(/\n\s*\n/).map((block) => block.trim());
  const opening = blocks.find(Boolean) ?? "";
  return opening.replace(/(?<!!)\[([^\]]*)\]\((?![a-z]+:)[^)]*\)/gi, "$1");
}
