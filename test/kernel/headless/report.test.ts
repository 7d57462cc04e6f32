import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { markdown } from "../../../kernel/display/bundle.ts";
import { writeIndex } from "../../../kernel/headless/index-page.mjs";
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
