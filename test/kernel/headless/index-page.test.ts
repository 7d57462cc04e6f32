import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { html } from "../../../kernel/display/bundle.ts";
import { readIntroduction, writeIndex } from "../../../kernel/headless/index-page.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { parseElements } from "../pages/html-elements.mjs";
import { code, runMetadata as run, text, writeNotebook, writeNotebooks } from "../pages/notebooks.ts";

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

  test("cells tagged `lead` take the place of the abstract, without what they printed", async () => {
    const own = mkdtempSync(path.join(os.tmpdir(), "lead page "));
    onTestFinished(() => rmSync(own, { recursive: true }));
    const lead = await code("// Lead", ["printed\n", html("<p>The answer.</p>")], ["lead"]);
    writeNotebook(own, "01-first", [text("# A title"), lead]);
    const { file } = writeIndex(own, introduction, { reports: true });
    const main = words(all("main", parseElements(readFileSync(file, "utf8")))[0]?.text);
    expect(main).toMatch(/^The answer\. Reports/);
    expect(main).not.toContain("An abstract");
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

describe("an index page of damaged notebooks", () => {
  const damaged: Readonly<Record<string, object | string>> = {
    "01-run": { metadata: { allroads: "x" } },
    "02-list": { metadata: { allroads: [] } },
    "03-null": { metadata: { allroads: null } },
    "04-empty": { metadata: { allroads: {} } },
    "05-seconds": { metadata: { allroads: { ...run(), seconds: "x" } } },
    "06-title": { metadata: { allroads: { ...run(), title: 3 } } },
    "07-metadata": { metadata: "x" },
    "08-cells": { cells: 3 },
    "09-tags": { cells: [{ ...text("x"), metadata: { tags: 3 } }] },
    "10-json": "[",
    "11-endless": `{"nbformat": 4, "nbformat_minor": 4, "cells": [], "metadata": {"allroads": ${JSON.stringify({ ...run() }).replace("75", "NaN")}}}`,
  };

  test("has the others, and a sentence for each damaged one", async () => {
    const own = mkdtempSync(path.join(os.tmpdir(), "damaged pages "));
    onTestFinished(() => rmSync(own, { recursive: true }));
    writeNotebook(own, "00-good", [text("# Good")], { title: "The good one" });
    writeNotebook(own, "12-attachment", [text("![x](attachment:none.png)", ["index"])], {
      title: "Unshowable",
    });
    writeFileSync(path.join(own, "12-attachment.html"), "");
    mkdirSync(path.join(own, "13-folder.ipynb"));
    symlinkSync("nowhere", path.join(own, "14-dangling.ipynb"));
    const sound = { nbformat: 4, nbformat_minor: 4, metadata: { allroads: run() }, cells: [] };
    for (const [name, change] of Object.entries(damaged)) {
      const content = typeof change === "string" ? change : JSON.stringify({ ...sound, ...change });
      writeFileSync(path.join(own, `${name}.ipynb`), content);
      writeFileSync(path.join(own, `${name}.html`), "");
    }
    const { file, problems: found } = writeIndex(own, introduction, { reports: true });
    const index = readFileSync(file, "utf8");
    expect(index).toContain("The good one");
    expect(index).not.toContain("Unshowable");
    const names = [...Object.keys(damaged), "12-attachment", "13-folder", "14-dangling"];
    for (const name of names) {
      const own = found.filter((problem) => problem.includes(`${name}.ipynb`));
      expect(own.length, name).toBeGreaterThan(0);
      for (const problem of own) expect(problem).toMatch(/^[^\n]*\.$/);
      expect(index).not.toContain(`href="${name}.html"`);
    }
    expect(found.filter((problem) => !names.some((name) => problem.includes(name)))).toEqual([]);
    expect(readFileSync(path.join(own, "12-attachment.html"), "utf8")).toBe("");
    expect(readFileSync(path.join(own, "00-good.html"), "utf8")).toContain("Good");
  });
});

test("metadata of a notebook cannot put markup into its report", async () => {
  const own = mkdtempSync(path.join(os.tmpdir(), "metadata "));
  onTestFinished(() => rmSync(own, { recursive: true }));
  const markup = "<b class=injected>";
  writeNotebook(own, "01-a", [], {
    facts: [markup],
    index: true,
    preset: markup,
    started: markup,
    status: markup,
    title: markup,
  });
  writeIndex(own, introduction, { reports: true });
  for (const name of ["01-a.html", "index.html"]) {
    const elements = parseElements(readFileSync(path.join(own, name), "utf8"));
    expect(elements.filter(({ attributes }) => attributes.class === "injected")).toEqual([]);
  }
});

test("the introduction is the description and the first paragraph of the README", () => {
  const { heading, abstract } = readIntroduction(paths.root);
  expect(heading).toBe("Allroads: a paper that runs");
  expect(abstract).toMatch(/^Allroads re-tests, .* a Jupyter kernel for TypeScript that .*\.$/);
  expect(readIntroduction(os.tmpdir())).toEqual({ heading: "Reports", abstract: "" });
});
