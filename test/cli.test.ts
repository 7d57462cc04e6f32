import { mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cli } from "../src/cli.ts";
import { laboratory } from "../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../src/experiments/settings.ts";
import { stageId } from "../src/pipeline/stage.ts";
import { openStore } from "../src/pipeline/store.ts";
import { temporaryFolder } from "./temporary.ts";

const { sft, pairs } = laboratory(keyEnvConfig("smoke"), 3);
const provenance = {
  device: "a card",
  tensorflow: "2",
  node: "20",
  seconds: 7,
  finished: "2026-11-21T10:00",
  code: "x",
};
let store: string;

/** A command's exit status and output. */
async function said(...argv: string[]): Promise<{ status: number; text: string }> {
  const lines: string[] = [];
  const status = await cli(argv, (line) => lines.push(line));
  return { status, text: lines.join("\n") };
}

beforeEach(() => {
  store = temporaryFolder("runs");
  vi.stubEnv("ALLROADS_RUNS", store);
  openStore(store).write(sft, { metrics: [] } as never, provenance);
  openStore(store).write(pairs, { pairs: [] }, provenance);
});
afterEach(() => vi.unstubAllEnvs());

describe("allroads runs", () => {
  test("lists every stage with its time and device, and shows one with its parents", async () => {
    const { text } = await said("runs", "list");
    expect(text.split("\n")).toHaveLength(2);
    expect(text).toMatch(new RegExp(`${stageId(sft)}  \\d+ KB  2026-11-21 10:00  7 s  a card`));
    const shown = JSON.parse((await said("runs", "show", stageId(pairs))).text);
    expect(shown).toMatchObject({ id: stageId(pairs), parents: [stageId(sft)], provenance });
    await expect(said("runs", "show", "nothing")).rejects.toThrow(
      /has no stage "nothing"; see allroads runs list/,
    );
  });

  test("reports damaged and foreign folders, also by its exit status", async () => {
    expect(await said("runs", "verify")).toEqual({ status: 0, text: "2 of 2 stages are sound." });
    truncateSync(path.join(store, stageId(sft), "result.json"), 3);
    mkdirSync(path.join(store, "foreign"));
    writeFileSync(path.join(store, "foreign", "file"), "");
    const { status, text } = await said("runs", "verify");
    expect(status).toBe(1);
    expect(text).toContain(`${stageId(sft)} is damaged`);
    expect(text).toContain("foreign is damaged");
    expect(text).toContain("1 of 3 stages are sound.");
  });

  test("prunes stages that no experiment uses, or only lists them", async () => {
    expect((await said("runs", "prune", "--dry-run")).text).toContain("Would remove 2 stages");
    expect(readdirSync(store)).toHaveLength(2);
    expect((await said("runs", "prune")).text).toContain("Removed 2 stages");
    expect(readdirSync(store)).toEqual([]);
  });
});

describe("allroads", () => {
  test("shows help, and names an unknown command or preset", async () => {
    expect((await said("--help")).text).toContain("runs verify");
    await expect(said("run")).rejects.toThrow('There is no command "run"; see allroads --help.');
    await expect(said("train", "--preset", "huge")).rejects.toThrow('There is no preset "huge"');
  });
});

test("rejects a seed that is not a number or that no experiment uses", async () => {
  await expect(said("train", "--seed", "x")).rejects.toThrow(
    '--seed must be a whole number from 0, not "x".',
  );
  await expect(said("runs", "compare", "--seed", "7")).rejects.toThrow("No experiment uses seed 7");
});

describe("allroads seals", () => {
  test("checks the verdicts of a notebook, and names those that it has if asked for another", async () => {
    const { status, text } = await said("seals", "check", "--only", "06-h4-data");
    expect(text).toMatch(/^(\d+) of \1 verdicts are as they were sealed\.$/);
    expect(status).toBe(0);
    await expect(said("seals", "check", "--only", "99")).rejects.toThrow(
      /^No registered experiment is shown by 99: there are 01-main-comparison, /,
    );
  });

  test("accepts no code without a reason", async () => {
    await expect(said("seals", "accept")).rejects.toThrow("allroads seals accept --reason TEXT");
    await expect(said("seals", "open")).rejects.toThrow('There is no command "seals open"');
  });
});

test("an audit says how to draw the same stages again, and needs whole numbers", async () => {
  const { status, text } = await said("runs", "audit", "--stages", "0", "--seed", "7");
  expect(status).toBe(0);
  expect(text).toContain("allroads runs audit --stages 0 --seed 7 draws the same.");
  await expect(said("runs", "audit", "--stages", "some")).rejects.toThrow(
    '--stages must be a whole number from 0, not "some".',
  );
});

test("lists the tunings if the named one does not exist", async () => {
  await expect(said("tune", "nothing")).rejects.toThrow(/^There is no tuning "nothing"; there are 07-/);
});
