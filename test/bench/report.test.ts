import { expect, test } from "vitest";
import { report, table } from "./report.mjs";

test("table columns fit their widest cell; names are aligned left, numbers right", () => {
  expect(
    table(
      ["step", "runner", "ms"],
      [
        ["SFT", "compiled", "9.5"],
        ["", "eager", "120"],
      ],
    ),
  ).toEqual(["step  runner     ms", "────  ────────  ───", "SFT   compiled  9.5", "      eager     120"]);
});

const block = (foreign: number) => ({ steps: 2, seconds: 0.02, cores: 2, foreign });
const around = (median: number) => ({ median, low: median - 0.1, high: median + 0.1 });
const runner = (label: string, seconds: number, median: number, foreign = 0) => ({
  label,
  seconds,
  shared: label.startsWith("Allroads"),
  memory: 1e9 * seconds,
  ratio: around(median),
  blocks: [block(foreign), block(0)],
});
const result = (foreign: number, kind = "cuda") => ({
  rounds: 2,
  quick: false,
  device: { kind, name: "A GPU", driver: "580.1", cores: 8, threads: 4 },
  versions: { tensorflow: "2.21.0", torch: "2.13.0", transformers: "5.23.0", node: "22.0.0" },
  cases: [
    {
      name: "lab SFT",
      work: "sft",
      parameters: 50_000,
      floor: { seconds: 0.001, secondsAtLargest: 0.002 },
      runners: {
        compiled: runner("Allroads, compiled", 0.004, 0.5, foreign),
        torch: runner("PyTorch, eager", 0.008, 1),
      },
      lead: {
        overall: { peer: "jax", ratio: around(1.05) },
        engine: { peer: "torch-shared", ratio: around(0.75) },
        algorithm: around(0.82),
      },
      unavailable: { "torch-compile": "Python.h is missing." },
    },
  ],
  products: [
    {
      shape: [8, 8, 8],
      flopsPerSecond: { ours: 2e9, pytorch: 3.25e9 },
      blocks: { ours: [block(foreign)], pytorch: [block(0)] },
    },
  ],
  sideBySide: [],
});

const sampling = {
  name: "lab sampling, 2 at once",
  work: "sample",
  runners: {
    compiled: {
      label: "Allroads, compiled",
      tokensPerSecond: 1234.4,
      ratio: around(0.5),
      blocks: [block(0)],
    },
  },
  lead: { overall: { peer: "jax", ratio: around(1.5) }, engine: null, algorithm: null },
  unavailable: { jax: "No JAX" },
};

test("the report has the device, times, ratios with quartiles, floors and rates", () => {
  const text = report(result(0)).join("\n");
  expect(text).toContain("A GPU (driver 580.1), 8 cores, 4 threads; TensorFlow 2.21.0, PyTorch 2.13.0");
  expect(text).toMatch(/lab SFT +Allroads, compiled +shared +4\.00 +0\.50 +0\.40–0\.60 +25 % +50 %/);
  expect(text).toMatch(/\n +PyTorch, eager +repeated +8\.00 +1\.00/);
  expect(text).toMatch(/8 × 8 × 8 +2\.00 +3\.25/);
  expect(text).toContain("torch.compile could not be used (Python.h is missing): lab SFT.");
  expect(text).toMatch(/\n +torch\.compile( +–){6}\n/);
  expect(text).not.toMatch(/sampling|one thread each|other processes|Quick/);
});

test("the report says what a lead is due to", () => {
  const text = report(result(0)).join("\n");
  expect(text).toMatch(/lab SFT +1\.05 +0\.95–1\.15 +JAX +0\.75 +0\.82\n/);
});

test("memory is reported for the CPU only", () => {
  expect(report(result(0, "cpu")).join("\n")).toMatch(
    /lab SFT +Allroads, compiled +4 +80\.0\n +PyTorch, eager +8 +160\n/,
  );
  expect(report(result(0)).join("\n")).not.toMatch(/memory of a step/);
});

test("the report has the throughput of several processes, and names a missing peer once for all its cases", () => {
  const base = result(0);
  const cases = [{ ...base.cases[0], unavailable: { jax: "No JAX" } }];
  const text = report({ ...base, cases, sideBySide: [sampling] }).join("\n");
  expect(text).toMatch(/lab sampling, 2 at once +Allroads, compiled +1234 tokens +0\.50/);
  expect(text).toMatch(/lab sampling, 2 at once +1\.50 +1\.40–1\.60 +JAX +– +–\n/);
  expect(text).toContain("JAX could not be used (No JAX): lab SFT and lab sampling, 2 at once.");
});

test("a framework that is missing as a whole gets one sentence", () => {
  const base = result(0);
  const unavailable = { torch: "The disk is full.", "torch-compile": "The disk is full." };
  const text = report({ ...base, cases: [{ ...base.cases[0], unavailable }] }).join("\n");
  expect(text).toContain("PyTorch could not be used (The disk is full): lab SFT.");
});

test("rates of a library that could not be measured are left open", () => {
  const base = result(0);
  const products = [{ shape: [8, 8, 8], flopsPerSecond: { ours: 2e9 }, blocks: { ours: [block(0)] } }];
  expect(report({ ...base, products }).join("\n")).toMatch(/8 × 8 × 8 +2\.00 +–\n/);
});

test("the report mentions interference by other processes, and quick runs", () => {
  expect(report(result(0.3)).join("\n")).toMatch(/In 2 of 6 blocks other processes used more than 10 %/);
  expect(report({ ...result(0), quick: true }).join("\n")).toMatch(/Quick/);
});
