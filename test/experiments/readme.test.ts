import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resultsSection, withSection } from "../../src/experiments/readme.ts";
import type { Chapter } from "../../src/experiments/verdicts/chapters.ts";
import { readRegistration } from "../../src/verdicts/read-registration.ts";

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

test("the results have a figure, three main results and the number of verdicts", () => {
  const chapters = ["01-main-comparison", "01-replication", "08-h6-proper-learning"].map((id): Chapter => {
    const registration = readRegistration(id);
    const findings = registration.hypotheses.map((hypothesis) => ({
      registration,
      hypothesis,
      status: "supported" as const,
      estimates: [],
      level: 0.95,
      unmet: [],
      missing: [],
      seeds: [],
    }));
    return { registration, results: [], findings };
  });
  const [figure, results, counts] = resultsSection(chapters).split("\n\n");
  expect(figure).toBe("![Win rate of every arm](data/results/laptop/win-rates.svg)");
  expect(results?.split("\n")).toHaveLength(3);
  expect(counts).toMatch(/^Of 12 registered hypotheses 12 are supported, 0 refuted/);
  const seal = {
    kind: "broken",
    changes: ["the rule of main: level 0.9 is not the registered 0.95"],
  } as const;
  const [first, ...others] = chapters;
  const broken = { ...first!, findings: first!.findings.map((finding) => ({ ...finding, seal })) };
  expect(resultsSection([broken, ...others])).toMatch(
    /- \*\*seal broken\*\*: .* Seal broken: the rule of main: level 0\.9 is not the registered 0\.95\.\n/,
  );
  expect(() => resultsSection(chapters.slice(1))).toThrow("There are no results of 01-main-comparison");
});
