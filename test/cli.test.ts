import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
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
    expect(text).toContain(`${stageId(sft)} is damaged (result.json does not match its digest)`);
    expect(text).toContain("foreign is damaged (stage.json is missing)");
    expect(text).toContain("1 of 3 stages are sound.");
  });

  test("go on for the rest, whatever lies in the store", async () => {
    const ids = [sft, pairs].map(stageId);
    const spoiled: [string, (folder: string) => void][] = [
      ["without-files", (folder) => writeFileSync(path.join(folder, "stage.json"), '{"id":"without-files"}')],
      [
        "wrong-types",
        (folder) => writeFileSync(path.join(folder, "stage.json"), '{"id":[],"stage":7,"files":null}'),
      ],
      ["folder-for-file", (folder) => mkdirSync(path.join(folder, "stage.json"))],
      ["dangling-file", (folder) => symlinkSync("nowhere", path.join(folder, "stage.json"))],
      ["looping-file", (folder) => symlinkSync("stage.json", path.join(folder, "stage.json"))],
      ["pipe", (folder) => execFileSync("mkfifo", [path.join(folder, "stage.json")])],
      ["huge", (folder) => truncateSync(path.join(folder, "stage.json"), 2 ** 40)],
      ["forbidden", (folder) => chmodSync(folder, 0)],
    ];
    for (const [name, spoil] of spoiled) {
      mkdirSync(path.join(store, name));
      if (name === "huge") writeFileSync(path.join(store, name, "stage.json"), "");
      spoil(path.join(store, name));
    }
    writeFileSync(path.join(store, "file"), "");
    symlinkSync("nowhere", path.join(store, "dangling"));
    symlinkSync("looping", path.join(store, "looping"));
    const names = [...spoiled.map(([name]) => name), "file", "dangling", "looping"];

    const listed = (await said("runs", "list")).text.split("\n").map((line) => line.split("  ")[0]);
    expect(listed).toEqual([...names, ...ids].sort());
    expect((await said("runs", "show", ids[0]!)).status).toBe(0);
    await expect(said("runs", "show", "pipe")).rejects.toThrow(
      'The stage "pipe" in the run store is damaged',
    );
    const verified = await said("runs", "verify");
    expect(verified.status).toBe(1);
    for (const name of names)
      expect(verified.text).toMatch(new RegExp(`^${name} is damaged \\(.+\\): `, "m"));
    expect(verified.text).toContain(`2 of ${names.length + 2} stages are sound.`);
    expect((await said("runs", "compare")).text).toContain("records equal the ledger's");
    expect((await said("runs", "prune")).status).toBe(0);
    expect(readdirSync(store)).toEqual([]);
  });

  test("prunes stages that no experiment uses, or only lists them", async () => {
    mkdirSync(path.join(store, ".damaged", "something"), { recursive: true });
    mkdirSync(path.join(store, ".unfinished", "something"), { recursive: true });
    const dry = await said("runs", "prune", "--dry-run");
    expect(dry.text).toContain("Would remove 2 stages and 2 leftovers");
    expect(readdirSync(store)).toHaveLength(4);
    const { text } = await said("runs", "prune");
    expect(text).toContain("Removed 2 stages and 2 leftovers");
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

test("lists the tunings if the named one does not exist", async () => {
  await expect(said("tune", "nothing")).rejects.toThrow(/^There is no tuning "nothing"; there are 07-/);
});
