import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  firstParagraph,
  notebookNames,
  readNotebooks,
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

  const good = { cells: [{ cell_type: "markdown", source: ["# A\n", "\n", "About."] }] };

  test("those that can be read are summarized", () => {
    const folder = folderWith({ "01-a.ipynb": JSON.stringify(good) });
    const file = path.join(folder, "01-a.ipynb");
    expect(readNotebooks(folder, ["01-a"])).toEqual({
      items: [{ name: "01-a", path: file, title: "A", abstract: "About." }],
      faults: [],
    });
  });

  test.each([
    ["cut short", '{"cells": ['],
    ["a list", "[]"],
    ["a number", "3"],
    ["null", "null"],
    ["no cells", "{}"],
    ["cells that are no list", '{"cells": {}}'],
    ["a cell that is a number", '{"cells": [3]}'],
    ["a cell without a source", '{"cells": [{}]}'],
    ["a source that is a number", '{"cells": [{"source": 3}]}'],
    ["a source of numbers", '{"cells": [{"source": [3]}]}'],
    ["deep nesting", `{"cells": ${"[".repeat(1e6)}${"]".repeat(1e6)}}`],
  ])("one with %s fails alone, in one sentence with its name", (_what, broken) => {
    const folder = folderWith({ "01-a.ipynb": broken, "02-b.ipynb": JSON.stringify(good) });
    const { items, faults } = readNotebooks(folder, ["01-a", "02-b"]);
    expect(items.map(({ name }) => name)).toEqual(["02-b"]);
    expect(faults).toEqual([expect.stringMatching(/^\S*pages .*01-a\.ipynb .*: repair or remove it\.$/)]);
  });

  test("a folder, a dangling link and a huge file fail alone", () => {
    const folder = folderWith({ "04-huge.ipynb": "" });
    mkdirSync(path.join(folder, "01-folder.ipynb"));
    symlinkSync("nowhere", path.join(folder, "02-dangling.ipynb"));
    symlinkSync("03-loop.ipynb", path.join(folder, "03-loop.ipynb"));
    truncateSync(path.join(folder, "04-huge.ipynb"), 101 * 2 ** 20);
    const { items, faults } = readNotebooks(folder, notebookNames(folder));
    expect(items).toEqual([]);
    expect(faults.map((fault) => fault.slice(folder.length + 1))).toEqual([
      "01-folder.ipynb is not a file: repair or remove it.",
      "02-dangling.ipynb cannot be read (ENOENT): repair or remove it.",
      "03-loop.ipynb cannot be read (ELOOP): repair or remove it.",
      "04-huge.ipynb has 101 MB, and a notebook may have 100: repair or remove it.",
    ]);
  });
});
