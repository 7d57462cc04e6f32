import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { markdown } from "../../../kernel/display/bundle.ts";
import { escapeMarkdown } from "../../../kernel/display/escape.ts";
import { writeIndex } from "../../../kernel/headless/index-page.mjs";
import { markdownTable } from "../../../src/report/markdown.ts";
import { parseElements } from "../pages/html-elements.mjs";
import { code, text, writeNotebook } from "../pages/notebooks.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "reports "));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("links to notebooks lead to their reports; other links and code stay as they are", async () => {
  const link = '<a href="01-first.ipynb">';
  writeNotebook(folder, "01-first", [text("# The first\n\nThe [second](02-second.ipynb).", ["index"])]);
  writeNotebook(folder, "02-second", [
    text("# The second\n\n[One](01-first.ipynb), [part](01-first.ipynb#A-part), [raw](01-first.ipynb?raw)"),
    text("[Elsewhere](https://example.org/01-first.ipynb), [data](rows.csv), [here](#02-second.ipynb)"),
    await code(`const link = '${link}';`, [markdown("[Verdict](01-first.ipynb#verdict)"), `${link}\n`]),
  ]);
  writeIndex(folder, { heading: "Reports", abstract: "" }, { reports: true });
  const page = (name: string) => parseElements(readFileSync(path.join(folder, name), "utf8"));
  const links = (name: string) =>
    page(name).flatMap(({ name, attributes }) => (name === "a" ? [attributes.href] : []));
  expect(links("02-second.html")).toEqual([
    "index.html",
    "01-first.html",
    "01-first.html#A-part",
    "01-first.ipynb?raw",
    "https://example.org/01-first.ipynb",
    "rows.csv",
    "#02-second.ipynb",
    "01-first.html#verdict",
  ]);
  expect(links("index.html")).toContain("02-second.html");
  const shown = page("02-second.html").filter(({ name }) => name === "pre");
  expect(shown.map(({ text }) => text.includes(link))).toEqual([true, true]);
}, 60_000);

test("a cell whose outputs are collapsed in Jupyter is one closed fold, named by its first comment", async () => {
  const own = mkdtempSync(path.join(os.tmpdir(), "folds "));
  onTestFinished(() => rmSync(own, { recursive: true }));
  const folded = await code("// The registration\nshow(1);", [markdown("**Claim.** It holds.")]);
  const open = await code("// The answer\nshow(2);", [markdown("It does.")]);
  const cells = [text("# A title"), { ...folded, metadata: { jupyter: { outputs_hidden: true } } }, open];
  writeNotebook(own, "01-first", cells);
  writeIndex(own, { heading: "Reports", abstract: "" }, { reports: true });
  const elements = parseElements(readFileSync(path.join(own, "01-first.html"), "utf8"));
  const folds = elements.filter(({ attributes }) => attributes.class === "fold");
  expect(folds).toHaveLength(1);
  expect(folds[0]?.attributes).not.toHaveProperty("open");
  expect(folds[0]?.text.replace(/\s+/g, " ")).toMatch(/^ ?The registration .*Claim\. It holds\./);
  expect(folds[0]?.text).not.toContain("It does.");
}, 60_000);

test("escaped text in Markdown is shown as it is in a report, in sentences and in tables", async () => {
  const own = mkdtempSync(path.join(os.tmpdir(), "escaped "));
  onTestFinished(() => rmSync(own, { recursive: true }));
  const character = fc.constantFrom(..."\\\\`*_{}[]<>&~#@|$!:/.-+=()'\"; \n1awx");
  const known = [
    "![a](b)",
    "[a](javascript:b)",
    "<script>",
    "<https://a.b>",
    "https://a.b",
    "www.a.b",
    "a@b.c",
  ];
  const more = [
    "- a",
    "1. a",
    "# a",
    "> a",
    "---",
    "===",
    ": a",
    "| a |",
    "```",
    "$x$",
    "$$x$$",
    "\\(x\\)",
    "\\[x\\]",
  ];
  const last = [
    "\\begin{a}x\\end{a}",
    "&amp; &#60;",
    "\\*",
    "[a]: b",
    "[x] a",
    "+ a",
    "~~~",
    "~~a~~",
    "__a__",
    "    a",
  ];
  const texts = [
    ...known,
    ...more,
    ...last,
    ...fc.sample(fc.string({ unit: character, minLength: 1, maxLength: 12 }), { numRuns: 200, seed: 1 }),
  ];
  const cells = texts.flatMap((each) => [
    text(escapeMarkdown(each)),
    text(`Word ${escapeMarkdown(each)} word.`),
    text(markdownTable(["h"], [[escapeMarkdown(each)]])),
  ]);
  writeNotebook(own, "01-a", cells);
  writeIndex(own, { heading: "Reports", abstract: "" }, { reports: true });
  const page = parseElements(readFileSync(path.join(own, "01-a.html"), "utf8"));
  const sections = page.filter(({ attributes }) => attributes.class === "prose");
  expect(sections).toHaveLength(cells.length);
  const words = (given: string) => given.replace(/\s+/g, " ").trim();
  for (const [at, each] of texts.entries()) {
    const [alone, within, table] = sections.slice(3 * at, 3 * at + 3);
    expect(words(alone?.text ?? "")).toBe(words(each));
    expect(words(within?.text ?? "")).toBe(words(`Word ${words(each)} word.`));
    expect(words(table?.text ?? "")).toBe(words(`h ${each}`));
    const names = [alone, within, table].flatMap((section) => section?.inside.map(({ name }) => name));
    const plain = ["p", "span", "table", "thead", "tbody", "tr", "th", "td"];
    expect(
      names.filter((name) => !plain.includes(name ?? "")),
      each,
    ).toEqual([]);
  }
}, 60_000);
