import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readIntroduction, writeIndex } from "../../../kernel/headless/index-page.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { parseElements } from "../pages/html-elements.mjs";
import { writeNotebook, writeNotebooks } from "../pages/notebooks.ts";

const introduction = { heading: "A *heading*", abstract: "An abstract with a [link](https://example.org/)." };

let folder = "";
let problems: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "index page "));
  await writeNotebooks(folder);
  writeNotebook(folder, "03-without-page", []);
  writeFileSync(
    path.join(folder, "04-foreign.ipynb"),
    '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}',
  );
  writeFileSync(path.join(folder, "05-cut-short.ipynb"), '{"cells": [');
  writeIndex(folder, introduction, { reports: true });
  rmSync(path.join(folder, "03-without-page.html"));
  problems = writeIndex(folder, introduction).problems;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const page = () => parseElements(readFileSync(path.join(folder, "index.html"), "utf8"));
const all = (name: string, within = page()) => within.filter((element) => element.name === name);
const words = (text = "") => text.replace(/\s+/g, " ").trim();

describe("the index page", () => {
  test("is written alone, and no temporary files are left", () => {
    expect(readdirSync(folder).sort()).toEqual(
      [
        "01-first.html",
        "01-first.ipynb",
        "02-second.html",
        "02-second.ipynb",
        "03-without-page.ipynb",
      ].concat(["04-foreign.ipynb", "05-cut-short.ipynb", "index.html"]),
    );
  });

  test("leaves out a damaged notebook and names it", () => {
    expect(problems).toEqual([
      expect.stringMatching(/^.*05-cut-short\.ipynb is not JSON \(.*\): repair or remove it\.$/),
    ]);
  });

  test("starts with the heading, a line of facts, and the abstract as Markdown", () => {
    expect(all("h1").map(({ text }) => text)).toEqual(["A *heading*"]);
    const facts = page().find(({ attributes }) => attributes.class === "facts");
    expect(words(facts?.text)).toBe(
      "2 reports · presets laptop, smoke · last run on 2026-02-03 · 1 not complete",
    );
    expect(all("a").map(({ attributes }) => attributes.href)).toContain("https://example.org/");
  });

  test("shows outputs and texts of cells tagged `index` under the title of their report", () => {
    expect(all("h2").map(({ text }) => text.replace("¶", ""))).toEqual([
      "Contents",
      "Does A < B & why?",
      "The second",
      "Figures",
      "Reports",
    ]);
    const text = words(all("main")[0]?.text);
    expect(text).toMatch(/Verdict: supported\. In a table: A wide table .*From Does A < B & why\?/);
    expect(text).toContain("A sentence for the index.");
    expect(text).not.toContain("printed");
    expect(all("details")).toEqual([]);
  });

  test("shows the tagged figure of each report, or else the first, as a link with a text alternative", () => {
    const gallery = page().find(({ attributes }) => attributes.class === "gallery")?.inside;
    const links = all("a", gallery);
    expect(links.map(({ attributes }) => attributes.href)).toEqual([
      "01-first.html#figure-1",
      "02-second.html#figure-3",
    ]);
    expect(links.map(({ text }) => words(text))).toEqual(["Does A < B & why?", "The second"]);
    expect(all("img", gallery).map(({ attributes }) => attributes.alt)).toEqual([
      "Bars: a is 3, b is 5.",
      "Chosen",
    ]);
  });

  test("lists every report with its status, preset and time", () => {
    expect(all("article").map(({ text }) => words(text))).toEqual([
      "Does A < B & why? done · preset smoke · ran for 1 min 15 s · 2026-01-02 03:04 UTC A *plain* <abstract>.",
      "The second stopped at an error · preset laptop · ran for 1 min 15 s · 2026-02-03 03:04 UTC What 02-second is about.",
    ]);
  });

  test("says that there are no reports, and fails if the folder cannot be read", () => {
    const empty = mkdtempSync(path.join(os.tmpdir(), "no reports "));
    const index = readFileSync(writeIndex(empty, introduction).file, "utf8");
    expect(index).toContain("No report has been written yet.");
    rmSync(empty, { recursive: true });
    expect(() => writeIndex(empty, introduction)).toThrow(
      /The index page of .*no reports .* could not be made/,
    );
  });
});

test("the introduction is the description and the first paragraph of the README", () => {
  const { heading, abstract } = readIntroduction(paths.root);
  expect(heading).toBe("Allroads: a paper that runs");
  expect(abstract).toMatch(/^Allroads re-tests, .* a Jupyter kernel for TypeScript that .*\.$/);
  expect(readIntroduction(os.tmpdir())).toEqual({ heading: "Reports", abstract: "" });
});
