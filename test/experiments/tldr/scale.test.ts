import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readTldrPreset } from "../../../src/experiments/tldr/preset-file.ts";
import { rewardModelRow, scaleRows, scaleTable } from "../../../src/experiments/tldr/scale.ts";
import { pythiaSizes } from "../../../src/models/pythia.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const rows = scaleRows(pythiaSizes.filter((size) => !["31m", "6.9b", "12b"].includes(size)));
const reward = rewardModelRow("6.9b", readTldrPreset("pythia-2.8b"));

test("the page on the paper's scale has the computed costs", () => {
  const page = readFileSync(path.join(root, "src/experiments/tldr/README.md"), "utf8");
  const [, written] = /<!-- computed costs -->\n\n([\s\S]*?)\n\n<!-- end/.exec(page) ?? [];
  expect(written).toBe(scaleTable([...rows, reward]));
});

test("costs grow with the model, and hours with its parameters", () => {
  const grows = (values: number[]) => expect([...values].sort((a, b) => a - b)).toEqual(values);
  for (const column of ["parameters", "memory"] as const) grows(rows.map((row) => row[column]));
  for (const column of ["training", "sampling"] as const)
    for (const precision of ["float32", "bfloat16"] as const)
      grows(rows.map((row) => row[column]![precision]));
  const [small, large] = [rows.find(({ what }) => what === "`pythia-410m`")!, rows.at(-1)!];
  const ratio = large.training.float32 / small.training.float32;
  expect(ratio / (large.parameters / small.parameters)).toBeGreaterThan(0.8);
  expect(ratio / (large.parameters / small.parameters)).toBeLessThan(1.3);
});

test("products in bfloat16 take a fifteenth of the time, and sampling no less than reading the weights", () => {
  for (const { training, sampling } of rows) {
    expect(training.float32 / training.bfloat16).toBeCloseTo(490 / 33);
    expect(sampling!.float32 / sampling!.bfloat16).toBeLessThan(490 / 33);
  }
});

test("a policy of 2.8B fits a card of 141 GB, and a reward model of 6.9B barely does", () => {
  expect(rows.at(-1)!.memory).toBeLessThan(0.75 * 141e9);
  expect(reward.memory).toBeLessThan(141e9);
  expect(reward.memory).toBeGreaterThan(0.75 * 141e9);
});
