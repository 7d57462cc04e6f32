import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resultsSection, withSection } from "../../src/experiments/readme.ts";
import { frontPage } from "../../src/experiments/verdicts/front-page.ts";
import { handMadeChapter, primaryRegistrations } from "../chapters.ts";

const readme = readFileSync("README.md", "utf8");

test("replaces the text between the readme's marks and nothing else", () => {
  const changed = withSection(readme, "NEW");
  expect(withSection(changed, "NEW")).toBe(changed);
  const [before = "", after = ""] = changed.split("\n\nNEW\n\n");
  expect(readme.startsWith(before)).toBe(true);
  expect(readme.endsWith(after)).toBe(true);
  expect(before.length + after.length).toBeGreaterThan(0);
});

test("names the marks that are missing", () => {
  expect(() => withSection("# Allroads\n", "NEW")).toThrow("README.md must hold the lines");
});

test("the results are the front page and lead to every hypothesis", () => {
  const chapters = primaryRegistrations.map((id) => handMadeChapter(id, 3));
  const section = resultsSection(frontPage(chapters));
  expect(section).toContain(
    "![Win rate of both roads by epochs](data/results/laptop/win-rate-by-epochs.svg)",
  );
  expect(section).toContain("| best epoch each |");
  expect(section).toContain("3 of 20 seeds have been run");
  expect(section).toMatch(/\[`notebooks\/14-verdicts\.ipynb`\]\(notebooks\/14-verdicts\.ipynb\)\.$/);
});
