import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { notebookNames, openingOf, readNotebook, summaryOf } from "../../kernel/headless/notebooks.mjs";

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

describe("summaryOf", () => {
  test("the first heading and the first paragraph after it, as plain words", () => {
    const text = "# Does *online* **win**?\n\nA [link](https://a.b/c) to `code`,\nover two lines.\n\nMore.";
    expect(summaryOf(markdown(text), "name")).toEqual({
      title: "Does online win?",
      abstract: "A link to code, over two lines.",
    });
  });

  test("finds them over several cells, and passes over lists, tables and images", () => {
    const cells = markdown(
      ["## Title\n", "\n"],
      "- a list\n- of two",
      "| a | b |",
      "![](x.png)",
      "*Then* text.",
    );
    expect(summaryOf(cells, "name")).toEqual({ title: "Title", abstract: "Then text." });
  });

  test("snake_case and sums keep their marks", () => {
    expect(summaryOf(markdown("# A\n\nThe run_store holds 2 * 3 things."), "n").abstract).toBe(
      "The run_store holds 2 * 3 things.",
    );
  });

  test("without a heading the name stands in", () => {
    expect(summaryOf(markdown("Only text."), "01-name")).toEqual({
      title: "01-name",
      abstract: "Only text.",
    });
    expect(summaryOf({ cells: [] }, "01-name")).toEqual({ title: "01-name", abstract: "" });
  });
});

describe("openingOf", () => {
  test("the first paragraph after the heading, with links to paths as their text", () => {
    const text = "# A\n\nSee [b](https://b.c/), [d](e/f.md)\nand *more*.\n\nRest.";
    expect(openingOf(text)).toBe("See [b](https://b.c/), d\nand *more*.");
    expect(openingOf("No heading.")).toBe("");
  });
});

describe("notebooks of a folder", () => {
  test("are named in order, and nothing else is", () => {
    const folder = folderWith({ "02-b.ipynb": "{}", "01-a.ipynb": "{}", "notes.md": "" });
    expect(notebookNames(folder)).toEqual(["01-a", "02-b"]);
    expect(notebookNames(path.join(folder, "missing"))).toEqual([]);
  });

  test("a file that is not a notebook is named", () => {
    const folder = folderWith({ "01-a.ipynb": '{"cells": [' });
    expect(() => readNotebook(path.join(folder, "01-a.ipynb"))).toThrow(
      /01-a\.ipynb is not a Jupyter notebook/,
    );
  });
});
