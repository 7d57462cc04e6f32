import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { scaleRows, scaleTable } from "../../../src/experiments/tldr/scale.ts";
import { pythiaSizes } from "../../../src/models/pythia.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const rows = scaleRows(pythiaSizes.filter((size) => !["31m", "6.9b", "12b"].includes(size)));

test("the page on the paper's scale has the computed costs", () => {
  const page = readFileSync(path.join(root, "src/experiments/tldr/README.md"), "utf8");
  const [, written] = /<!-- computed costs -->\n\n([\s\S]*?)\n\n<!-- end/.exec(page) ?? [];
  expect(written).toBe(scaleTable(rows));
});

test("costs grow with the model, and hours with its parameters", () => {
  for (const column of ["parameters", "memory", "training", "sampling"] as const) {
    const values = rows.map((row) => row[column]);
    expect([...values].sort((a, b) => a - b)).toEqual(values);
  }
  const [small, large] = [rows.find(({ preset }) => preset === "pythia-410m")!, rows.at(-1)!];
  const ratio = large.training / small.training;
  expect(ratio / (large.parameters / small.parameters)).toBeGreaterThan(0.8);
  expect(ratio / (large.parameters / small.parameters)).toBeLessThan(1.3);
});
