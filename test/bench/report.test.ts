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
const runner = (label: string, seconds: number, median: number, foreign = 0) => ({
  label,
  seconds,
  ratio: { median, low: median - 0.1, high: median + 0.1 },
  blocks: [block(foreign), block(0)],
});
const result = (foreign: number) => ({
  rounds: 2,
  quick: false,
  device: { kind: "cuda", name: "A GPU", driver: "580.1", cores: 8, threads: 4 },
  versions: { tensorflow: "2.21.0", torch: "2.13.0", transformers: "5.23.0", node: "22.0.0" },
  cases: [
    {
      name: "lab SFT",
      work: "sft",
      floor: { seconds: 0.001, secondsAtLargest: 0.002 },
      runners: {
        compiled: runner("Allroads, compiled", 0.004, 0.5, foreign),
        torch: runner("PyTorch, eager", 0.008, 1),
      },
      unavailable: { "torch-compile": "Python.h is missing" },
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

test("the report has the device, times, ratios with quartiles, floors and rates", () => {
  const text = report(result(0)).join("\n");
  expect(text).toContain("A GPU (driver 580.1), 8 cores, 4 threads; TensorFlow 2.21.0, PyTorch 2.13.0");
  expect(text).toMatch(/lab SFT +Allroads, compiled +4\.00 +0\.50 +0\.40–0\.60 +25 % +50 %/);
  expect(text).toMatch(/\n +PyTorch, eager +8\.00 +1\.00/);
  expect(text).toMatch(/8 × 8 × 8 +2\.00 +3\.25/);
  expect(text).toContain("torch.compile could not be used (Python.h is missing): lab SFT.");
  expect(text).not.toMatch(/sampling|at once|other processes|Quick/);
});

test("the report mentions interference by other processes, and quick runs", () => {
  expect(report(result(0.3)).join("\n")).toMatch(/In 2 of 6 blocks other processes used more than 10 %/);
  expect(report({ ...result(0), quick: true }).join("\n")).toMatch(/Quick/);
});
