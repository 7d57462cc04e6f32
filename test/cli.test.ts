import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cli } from "../src/cli.ts";
import { describeFailure } from "../src/command-line.ts";
import { laboratory } from "../src/experiments/laboratory.ts";
import { ledgerFolder } from "../src/experiments/results-source.ts";
import { keyEnvConfig } from "../src/experiments/settings.ts";
import { UsageError } from "../src/files/usage-error.ts";
import { visibleLine } from "../src/files/visible-text.ts";
import { execute } from "../src/pipeline/execute.ts";
import { stageId, withAncestors } from "../src/pipeline/stage-id.ts";
import { openStore } from "../src/pipeline/store.ts";
import { writeLedger } from "../src/results/ledger.ts";
import { temporaryFolder } from "./temporary.ts";

// Nothing is trained or written.
vi.mock("../src/pipeline/execute.ts", () => ({ execute: vi.fn(async () => {}) }));
vi.mock(import("../src/experiments/seals.ts"), async (original) => ({
  ...(await original()),
  sealBeforeRuns: vi.fn(),
  sealAfterRuns: vi.fn(() => ({ sealed: [], waiting: [], complete: [] })),
}));
vi.mock(import("../src/results/ledger.ts"), async (original) => ({
  ...(await original()),
  writeLedger: vi.fn(),
}));

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
  test("lists every stage with its time and device, and shows one with its inputs", async () => {
    const { text } = await said("runs", "list");
    expect(text.split("\n")).toHaveLength(2);
    expect(text).toMatch(new RegExp(`${stageId(sft)}  \\d+ KB  2026-11-21 10:00  7 s  a card`));
    const shown = JSON.parse((await said("runs", "show", stageId(pairs))).text);
    expect(shown).toMatchObject({ id: stageId(pairs), inputs: [stageId(sft)], provenance });
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
    await expect(said("runs", "show", "pipe")).rejects.toThrow(/^pipe in .* is damaged: see/);
    const verified = await said("runs", "verify");
    expect(verified.status).toBe(1);
    for (const name of names)
      expect(verified.text).toMatch(new RegExp(`^${name} is damaged \\(.+\\): `, "m"));
    expect(verified.text).toContain(`2 of ${names.length + 2} stages are sound.`);
    expect((await said("runs", "compare")).text).toContain("are equal");
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
    expect(await said()).toEqual(await said("--help"));
    expect((await said("train", "--seed", "x", "-h")).text).toMatch(/^Usage: npx allroads train \[options\]/);
  });

  test.each([
    ["run", 'There is no command "run": did you mean "runs"?'],
    [
      "frobnicate",
      'There is no command "frobnicate": there are setup, train, ledger, tune, simulate, readme, judge, runs, jobs, seals.',
    ],
    ["__proto__", 'There is no command "__proto__": there are setup, '],
    ["runs", "allroads runs needs one more word: see allroads --help."],
    ["runs lst", 'There is no command "runs lst": did you mean "runs list"?'],
    ["runs constructor", 'There is no command "runs constructor": there are runs list, runs show, '],
    ["runs list more", 'Unexpected argument "more": see allroads --help.'],
    ["train 01", 'Unexpected argument "01": see allroads --help.'],
    ["--preset gpu", "Name a command: see allroads --help."],
    ["train --preset huge", 'There is no preset "huge": there are smoke, laptop, gpu.'],
    ["train --preset lap", 'There is no preset "lap": did you mean "laptop"?'],
    ["train --preset __proto__", 'There is no preset "__proto__"'],
    ["train --preset", "--preset needs a value: see allroads --help."],
    ["train --preset --only 01", "--preset needs a value: see allroads --help."],
    ["train --preset=", "--preset needs a value: see allroads --help."],
    ["train --presets gpu", "allroads train has no option --presets: did you mean --preset?"],
    ["train --__proto__", "allroads train has no option --__proto__: see allroads --help."],
    ["train -x", "allroads train has no option -x: see allroads --help."],
    ["train --seed x", '--seed is "x": give a whole number from 0.'],
    ["train --seed -1", '--seed is "-1": give a whole number from 0.'],
    ["train --seed 1.5", '--seed is "1.5": give a whole number from 0.'],
    ["train --seed 7", "No experiment uses seed 7 at the preset laptop: there are 21, "],
    ["train --only nonsense", 'There is no notebook or experiment "nonsense": there are 00-theory, '],
    ["train --only 01-mian-comparison", 'did you mean "01-main-comparison"?'],
    ["ledger --only nonsense", 'There is no notebook or experiment "nonsense"'],
    ["ledger --only 14", "The ledger has no results of 14: name a notebook with a registration."],
    ["ledger --preset gpu", "allroads ledger has no option --preset: see allroads --help."],
    ["readme --seed 21", "allroads readme has no option --seed: see allroads --help."],
    ["tune", "Name what to tune: 07-h5-generalisation, "],
    ["tune nothing", 'There is no tuning "nothing": there are 07-h5-generalisation, '],
    ["tune 09", 'There is no tuning "09": did you mean "09-ablation-rm-size"?'],
    ["tune __proto__", 'There is no tuning "__proto__": there are 07-h5-generalisation, '],
    ["tune 09-ablation-rm-size more", 'Unexpected argument "more": see allroads --help.'],
    ["readme more", 'Unexpected argument "more": see allroads --help.'],
    ["runs show", "Name a stage by its id: see allroads runs list."],
    ["runs show nothing", 'There is no stage "nothing": see allroads runs list.'],
    ["runs show sft-seed3", 'There is no stage "sft-seed3": did you mean "sft-seed3-'],
    ["runs compare --seed 7", "No experiment uses seed 7 at the preset laptop"],
    ["runs prune --dry-run=yes", "--dry-run takes no value: see allroads --help."],
    ["runs prune --dryrun", "allroads runs prune has no option --dryrun: did you mean --dry-run?"],
    ["runs audit --stages some", '--stages is "some": give a whole number from 0.'],
    ["seals", "allroads seals needs one more word: see allroads --help."],
    ["seals check --only 14", "The ledger has no results of 14: name a notebook with a registration."],
    ["seals accept", "Say what was changed in the code: allroads seals accept --reason TEXT."],
    ["runs verify --dry-run", "allroads runs verify has no option --dry-run: see allroads --help."],
  ])("refuses %s with one sentence", async (line, sentence) => {
    const error = await said(...line.split(" ")).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    const { text, status } = describeFailure(error);
    expect(text).toContain(sentence);
    expect(text).not.toContain("\n");
    expect(status).toBe(2);
  });

  test("trains what --only and --seed name, at the preset", async () => {
    const { text } = await said("train", "--only", "10-replication", "--seed", "46", "--preset", "laptop");
    const [[, stages = []] = []] = vi.mocked(execute).mock.calls.slice(-1);
    expect(new Set(stages.map(({ setting }) => setting.seed))).toEqual(new Set([46]));
    expect(text).toContain(`${withAncestors(stages).length} stages are in ${store} (`);
    expect(text).toMatch(
      /^Training \d+ stages takes about \d+ min on \d+ workers?, .* are read from committed results at the laptop preset/,
    );
  });

  test("says which records it has written into the ledger", async () => {
    const { text } = await said(
      "ledger",
      "--only",
      "10-replication",
      "--only",
      "03-h1-on-policy-feedback.yaml",
    );
    const [call] = vi.mocked(writeLedger).mock.calls.slice(-1);
    expect(text).toContain(
      `Wrote the ${withAncestors(call?.[1] ?? []).length} records of 03-h1-on-policy-feedback, 10-replication into ` +
        `${ledgerFolder()}; the records of other experiments stayed.`,
    );
  });

  test("has nothing to train for a notebook without registered experiments, and says so", async () => {
    const text = "There is nothing to train: no registered experiment belongs to 00-theory, 14.";
    expect(await said("train", "--only", "00-theory", "--only", "14")).toEqual({ status: 0, text });
  });

  test("shows characters of names in the run store that are not seen", async () => {
    mkdirSync(path.join(store, "title\u001b]0;x\u0007\u202e\n"));
    for (const argv of [["list"], ["verify"], ["prune", "--dry-run"]]) {
      const { text } = await said("runs", ...argv);
      expect(text).toContain("title\\x1b]0;x\\x07\\u202e\\n");
      for (const line of text.split("\n")) expect(visibleLine(line)).toBe(line);
    }
  });
});

test("checks the seals of a notebook's verdicts", async () => {
  const { status, text } = await said("seals", "check", "--only", "06-h4-data.yaml");
  expect(text).toMatch(/^(\d+) of \1 verdicts are as they were sealed\.$/);
  expect(status).toBe(0);
});

test("audits as many rows as asked, and says how to draw the same again", async () => {
  const { status, text } = await said("runs", "audit", "--stages", "0", "--seed", "7");
  expect(status).toBe(0);
  expect(text).toContain("allroads runs audit --stages 0 --seed 7 draws the same.");
});
