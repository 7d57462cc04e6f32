import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { findCard, requireCard } from "./card.mjs";

const script = path.join(import.meta.dirname, "cuda.mjs");
/** As on a machine without NVIDIA's tools: nothing is on the path. */
const run = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { env: { PATH: "" }, encoding: "utf8" });

test("the first card is named with its driver and memory", () => {
  const cards = "NVIDIA H200, 580.65.06, 143771 MiB\nNVIDIA H200, 580.65.06, 143771 MiB\n";
  expect(requireCard(() => cards)).toEqual({
    name: "NVIDIA H200",
    driver: "580.65.06",
    memory: "143771 MiB",
  });
  expect(findCard(() => null)).toBeNull();
  expect(findCard(() => "No devices were found\n")).toBeNull();
});

test("without a card nothing is set up or run: one sentence says what to do", () => {
  const { status, stdout, stderr } = run();
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^nvidia-smi shows no NVIDIA card here: [^\n]*\n$/);
});

test("options are read before anything else", () => {
  expect(run("--rounds", "none")).toMatchObject({ status: 2 });
  expect(run("--help")).toMatchObject({ status: 0, stderr: "" });
});
