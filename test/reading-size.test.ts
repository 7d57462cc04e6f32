import { expect, test } from "vitest";
import { readingSize } from "./reading-size.mjs";

test("DPO training reads in a sitting: at most 12 files and 1,700 lines, its step in one file", () => {
  const lines = readingSize();
  expect(lines.size).toBeGreaterThan(5);
  expect(lines.size).toBeLessThanOrEqual(12);
  expect([...lines.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1700);
  expect(lines.get("src/training/preference.ts")).toBeLessThanOrEqual(250);
});
