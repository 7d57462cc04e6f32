import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { findGpu, requireGpu } from "./gpu.mjs";

const script = path.join(import.meta.dirname, "cuda.mjs");
/** Runs with an empty PATH, so that nvidia-smi is not found. */
const run = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { env: { PATH: "" }, encoding: "utf8" });

test("findGpu returns the first GPU with its driver and memory", () => {
  const gpus = "NVIDIA H200, 580.65.06, 143771 MiB\nNVIDIA H200, 580.65.06, 143771 MiB\n";
  expect(requireGpu(() => gpus)).toEqual({
    name: "NVIDIA H200",
    driver: "580.65.06",
    memory: "143771 MiB",
  });
  expect(findGpu(() => null)).toBeNull();
  expect(findGpu(() => "No devices were found\n")).toBeNull();
});

test("without a GPU nothing is set up or run, and one line says what to do", () => {
  const { status, stdout, stderr } = run();
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^nvidia-smi finds no NVIDIA GPU: [^\n]*\n$/);
});

test("the command line is checked first", () => {
  expect(run("--rounds", "none")).toMatchObject({ status: 2 });
  expect(run("--help")).toMatchObject({ status: 0, stderr: "" });
});
