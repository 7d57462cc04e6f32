import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { withSection } from "../../src/experiments/readme.ts";

const readme = readFileSync("README.md", "utf8");

it("replaces what stands between the readme's marks and nothing else", () => {
  const changed = withSection(readme, "NEW");
  expect(withSection(changed, "NEW")).toBe(changed);
  const [before, after] = changed.split("\n\nNEW\n\n");
  expect(readme.startsWith(before!)).toBe(true);
  expect(readme.endsWith(after!)).toBe(true);
});

it("says which marks are missing", () => {
  expect(() => withSection("# Allroads\n", "NEW")).toThrow("README.md must hold the lines");
});
