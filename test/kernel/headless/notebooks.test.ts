import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  firstParagraph,
  notebookNames,
  readNotebook,
  summarizeNotebook,
} from "../../../kernel/headless/notebooks.mjs";

const folders: string[] = [];
function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "pages "));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const markdown = (...sources: (string | string[])[]) => ({
  cells: sources.map((source) => ({ cell_type: "markdown", source })),
});

describe("summarizeNotebook", () => {
  test("gives the first heading and the first paragraph after it as plain text", () => {
    const text = "# Does *online* **win**?\n\nA [link](https://a.b/c) to `code`,\nover two lines.\n\nMore.";
    expect(summarizeNotebook(markdown(text), "name")).toEqual({
      title: "Does online win?",
      abstract: "A link to code, over two lines.",
    });
  });

  test("looks at all cells, and skips lists, tables and images", () => {
    const cells = markdown(
      ["## Title\n", "\n"],
      "- a list\n- of two",
      "| a | b |",
      "![](x.png)",
      "*Then* text.",
    );
    expect(summarizeNotebook(cells, "name")).toEqual({ title: "Title", abstract: "Then text." });
  });

  test("keeps underscores in names and asterisks between numbers", () => {
    expect(summarizeNotebook(markdown("# A\n\nThe run_store holds 2 * 3 things."), "n").abstract).toBe(
      "The run_store holds 2 * 3 things.",
    );
  });

  test("the name is the title if there is no heading", () => {
    expect(summarizeNotebook(markdown("Only text."), "01-name")).toEqual({
      title: "01-name",
      abstract: "Only text.",
    });
    expect(summarizeNotebook({ cells: [] }, "01-name")).toEqual({ title: "01-name", abstract: "" });
  });
});

describe("firstParagraph", () => {
  test("gives the first paragraph after the title, with relative links replaced by their text", () => {
    const text = "# A\n\nSee [b](https://b.c/), [d](e/f.md)\nand *more*.\n\nRest.";
    expect(firstParagraph(text)).toBe("See [b](https://b.c/), d\nand *more*.");
    expect(firstParagraph("No heading.")).toBe("");
  });
});

describe("notebook files", () => {
  test("are listed in order, without other files", () => {
    const folder = folderWith({ "02-b.ipynb": "{}", "01-a.ipynb": "{}", "notes.md": "" });
    expect(notebookNames(folder)).toEqual(["01-a", "02-b"]);
    expect(notebookNames(path.join(folder, "missing"))).toEqual([]);
  });

  test("a file that is not a notebook is rejected by name", () => {
    const folder = folderWith({ "01-a.ipynb": '{"cells": [' });
    expect(() => readNotebook(path.join(folder, "01-a.ipynb"))).toThrow(
      /01-a\.ipynb is not a Jupyter notebook/,
    );
  });
});
