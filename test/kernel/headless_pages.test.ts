import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { indexPage, reportsIn, writeIndex } from "../../kernel/headless/index_page.mjs";
import { notebookNames, readNotebook, summaryOf } from "../../kernel/headless/notebooks.mjs";

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

const report = {
  name: "01 a&b",
  title: "A < B",
  abstract: 'Says "so".',
  preset: "smoke",
  status: "done",
  started: "2026-01-02T03:04:05+00:00",
  seconds: 75,
};

describe("the index page", () => {
  test("shows title, abstract, preset and time of each report, escaped", () => {
    const page = indexPage("Heading", [report]);
    expect(page).toContain('<a href="01%20a%26b.html">A &lt; B</a>');
    expect(page).toContain("Says &quot;so&quot;.");
    expect(page).toContain("preset smoke · ran for 1 min 15 s · 2026-01-02 03:04 UTC");
    expect(page).not.toMatch(/<script|(?:src|href)="(?:https?:)?\/\/|class="failed"/);
  });

  test("says which reports stopped at an error", () => {
    expect(indexPage("H", [{ ...report, status: "failed" }])).toContain("stopped at an error");
  });

  test("lists the executed notebooks that have their HTML", () => {
    const { name, ...allroads } = report;
    const executed = JSON.stringify({ cells: [], metadata: { allroads } });
    const folder = folderWith({
      "02.ipynb": executed,
      "02.html": "",
      "01.ipynb": executed,
      "01.html": "",
      "03-no-html.ipynb": executed,
      "04-foreign.ipynb": '{"cells": [], "metadata": {}}',
      "04-foreign.html": "",
    });
    expect(reportsIn(folder).map((each) => each.name)).toEqual(["01", "02"]);
    const page = readFileSync(writeIndex(folder, "Heading"), "utf8");
    expect(page.indexOf("01.html")).toBeLessThan(page.indexOf("02.html"));
    expect(name).toBe("01 a&b");
  });
});
