import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../../src/files/repository.ts";
import { readPublished } from "../../src/report/published.ts";
import {
  differencesTable,
  intervalText,
  publishedTable,
  resultsTable,
  rowsTable,
} from "../../src/report/tables.ts";
import { arms, type Label, label } from "../../src/results/labels.ts";
import { temporaryFolder } from "../temporary.ts";

const summary = (arm: Label, mean: number) => ({
  arm,
  seeds: 5,
  winRate: { mean, low: mean - 0.1234, high: mean + 0.1 },
  goldGreedy: 1.65512,
  goldSampled: -0.589,
  entropy: 1.2,
  malformed: 0.0123,
});
const summaries = [
  summary(arms.onlineDpo, 0.515),
  summary(arms.sft, 0.363),
  summary(label("mystery", "Mystery", "#707070"), 0.4),
];

test("results are in display order and rounded", () => {
  const frame = resultsTable(summaries);
  expect(frame.columns).toEqual([
    "arm",
    "seeds",
    "win rate, %",
    "95% interval",
    "gold, greedy",
    "gold, T = 1",
    "entropy",
    "malformed, %",
  ]);
  expect(frame.values).toEqual([
    ["SFT", 5, 36.3, "[24.0, 46.3]", 1.655, -0.589, 1.2, 1.2],
    ["Online DPO (DPO)", 5, 51.5, "[39.2, 61.5]", 1.655, -0.589, 1.2, 1.2],
    ["Mystery", 5, 40, "[27.7, 50.0]", 1.655, -0.589, 1.2, 1.2],
  ]);
});

const difference = (
  metric: string,
  [treatment, control]: readonly [Label, Label],
  [mean, low, high]: readonly [number, number, number],
) => ({
  estimate: { metric, treatment, control },
  mean,
  low,
  high,
  values: [21, 22, 23, 24, 25].map((seed) => ({ seed, value: mean })),
});

test("differences in a share are in points, with the side of zero of each interval", () => {
  const frame = differencesTable([
    difference("greedy-win-rate", [arms.onlineSft, arms.dpo], [0.062, 0.034, 0.09]),
    difference("greedy-win-rate", [arms.onlineDpo, arms.dpo], [0, -0.03, 0.03]),
    difference("greedy-win-rate", [arms.dpo, arms.sft], [-0.062, -0.09, -0.034]),
  ]);
  expect(frame.columns).toEqual(["contrast", "difference, points", "95% interval", "above zero", "seeds"]);
  expect(frame.values).toEqual([
    ["Online DPO (SFT) − DPO", 6.2, "[3.4, 9.0]", "yes", 5],
    ["Online DPO (DPO) − DPO", 0, "[−3.0, 3.0]", "not shown", 5],
    ["DPO − SFT", -6.2, "[−9.0, −3.4]", "no, below", 5],
  ]);
});

test("differences in a reward are in its own unit", () => {
  const reward = difference("sampled-reward", [arms.dpo, arms.sft], [0.348, 0.286, 0.41]);
  const frame = differencesTable([reward]);
  expect(frame.columns[1]).toBe("difference");
  expect(frame.values).toEqual([["DPO − SFT", 0.348, "[0.286, 0.410]", "yes", 5]]);
  const share = difference("greedy-win-rate", [arms.dpo, arms.sft], [0, 0, 0]);
  expect(() => differencesTable([reward, share])).toThrow(
    "differencesTable: the units reward and share need a table each.",
  );
});

test("the paper's win rates and ours say what was not reported and not run", () => {
  const frame = publishedTable(readPublished(), summaries);
  expect(frame.columns).toEqual([
    "win rate, %",
    "paper, Pythia 1.4B",
    "paper, Pythia 2.8B",
    "here",
    "here, 95% interval",
  ]);
  expect(frame.values).toEqual([
    ["SFT", "26.2", "30.5", "36.3", "[24.0, 46.3]"],
    ["DPO", "49.7", "54.9", "not run", ""],
    ["DPO (2x)", "52.2", "not reported", "not run", ""],
    ["Online DPO (SFT)", "56.1", "60.8", "not run", ""],
    ["Online DPO (DPO)", "59.3", "59.4", "51.5", "[39.2, 61.5]"],
    ["Mystery", "not reported", "not reported", "40.0", "[27.7, 50.0]"],
  ]);
});

test("an unknown model or published arm is an error", () => {
  const published = readPublished();
  expect(() => publishedTable(published, summaries, ["gpt-5"])).toThrow(
    'no row "gpt-5"; there are pythia-1.4b,',
  );
  const rows = published.rows.map((row) => ({ ...row, winRate: { ppo: 50 } }));
  expect(() => publishedTable({ ...published, rows }, summaries)).toThrow('unknown arm "ppo"');
});

test("rows have the columns of the first row", () => {
  const frame = rowsTable([
    { a: 1, b: "x" },
    { b: "y", a: 2 },
  ]);
  expect(frame.values).toEqual([
    [1, "x"],
    [2, "y"],
  ]);
});

test("a table without rows is an error", () => {
  expect(() => resultsTable([])).toThrow("resultsTable has no rows; give at least one.");
});

test("intervals have true minus signs", () => {
  expect(intervalText(-0.5, 2, 1)).toBe("[−0.5, 2.0]");
});

describe("danfojs-node", () => {
  const require = createRequire(import.meta.url);
  const danfo = require("danfojs-node") as typeof import("danfojs-node");
  const danfoFile = require.resolve("danfojs-node");
  /** tfjs needs these functions on Node 23 and later. */
  const SHIM =
    "const util = process.getBuiltinModule('util'); util.isNullOrUndefined ??= (x) => x == null; util.isArray ??= Array.isArray;";
  const frame = new danfo.DataFrame([
    { arm: "a", x: 1 },
    { arm: "b", x: 2 },
    { arm: "a", x: 4 },
  ]);

  test("groups and joins tables, and reads and writes CSV files", async () => {
    const sums = frame.groupby(["arm"]).col(["x"]).sum();
    expect(sums.values).toEqual([
      ["a", 5],
      ["b", 2],
    ]);
    const names = new danfo.DataFrame([
      { arm: "a", name: "A" },
      { arm: "b", name: "B" },
    ]);
    const joined = danfo.merge({ left: frame, right: names, on: ["arm"], how: "inner" });
    expect(joined.values.map((row) => (row as unknown[]).at(-1)).sort()).toEqual(["A", "A", "B"]);
    const file = path.join(temporaryFolder("danfo"), "table.csv");
    danfo.toCSV(frame, { filePath: file });
    const read = await danfo.readCSV(file);
    expect([read.columns, read.values]).toEqual([frame.columns, frame.values]);
  });

  test("refuses URLs of CSV and JSON streams and Excel files with one sentence", async () => {
    const url =
      /^danfojs-node cannot read from a URL here, since the package request has unfixed security advisories: /;
    const excel =
      /^danfojs-node cannot read or write Excel files here, since the package xlsx has unfixed security/;
    await expect(danfo.readCSV("http://localhost:9/a.csv")).rejects.toThrow(url);
    await expect(danfo.streamJSON("http://localhost:9/a.json", () => {}, {})).rejects.toThrow(url);
    const file = path.join(temporaryFolder("danfo"), "table.xlsx");
    expect(() => danfo.toExcel(frame, { filePath: file })).toThrow(excel);
    // danfojs-node reads the file in a callback, where an error ends the process.
    writeFileSync(file, "");
    const script = `require(${JSON.stringify(danfoFile)}).readExcel(${JSON.stringify(file)})`;
    const run = spawnSync(process.execPath, ["-e", SHIM + script], { encoding: "utf8" });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/Error: danfojs-node cannot read or write Excel files here, since/);
  });
});

/** Prints the packages that are loaded after importing both libraries, after a stage, and after a table is shown. */
const LOADED = `
const path = require("node:path");
const allroads = require("allroads");
const kernel = require("allroads-kernel");
const nameOf = (file) => {
  const [, inPackage] = /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file) ?? [];
  return inPackage ?? path.relative(process.cwd(), file);
};
const loaded = () => [...new Set(Object.keys(require.cache).map(nameOf))];
const phases = [loaded()];
const smoke = allroads.keyEnvConfig("smoke");
const config = {
  ...smoke,
  sizes: { demonstrations: 256, pairs: 24, validation: 4, evaluation: 4 },
  model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
};
const { openStore, execute, inlinePool } = allroads.pipeline;
execute(openStore(process.argv[1]), [allroads.laboratory(config, 3).sft], inlinePool()).then(() => {
  phases.push(loaded());
  kernel.show(allroads.report.rowsTable([{ name: "a", value: 1 }]));
  phases.push(loaded());
  process.stdout.write("\\n" + JSON.stringify(phases));
});`;

test("danfojs-node is loaded by the first table, with the packages that SECURITY.md lists and no others", () => {
  const options = { cwd: repositoryRoot(), encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const args = ["--no-warnings", "-e", LOADED, temporaryFolder("danfo")];
  const { stdout, stderr } = spawnSync(process.execPath, args, options);
  const [imported, trained, shown] = JSON.parse(stdout.split("\n").at(-1) || `"${stderr}"`) as string[][];
  const added = (from: readonly string[] = [], to: readonly string[] = []) =>
    to.filter((name) => !from.includes(name)).sort();
  const flawed = ["danfojs-node", "request", "xlsx", "form-data", "tough-cookie"];
  expect(imported).toContain("src/dist/index.cjs");
  expect(imported).toContain("kernel/dist/index.cjs");
  for (const name of flawed) expect(trained).not.toContain(name);
  expect(added(imported, trained)).toEqual([]);
  const page = readFileSync(path.join(repositoryRoot(), "SECURITY.md"), "utf8");
  const [list = ""] = /^A table loads these packages: .*$/m.exec(page) ?? [];
  const stubs = ["src/report/danfo/request", "src/report/danfo/xlsx", "src/tensors/tfjs-node"];
  const expected = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(added(trained, shown)).toEqual([...expected, ...stubs.map((name) => `${name}/index.js`)].sort());
});
