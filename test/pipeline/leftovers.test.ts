import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { remove } from "../../src/pipeline/inventory.ts";
import { openLease } from "../../src/pipeline/lease.ts";
import { leftovers } from "../../src/pipeline/leftovers.ts";
import { thisProcess } from "../../src/pipeline/owner.ts";
import { stageId } from "../../src/pipeline/stage-id.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { temporaryFolder } from "../temporary.ts";
import { tinyConfig } from "../tiny-config.ts";

const { sft } = laboratory(tinyConfig, 3);
const provenance = { device: "", tensorflow: "", node: "", seconds: 1, finished: "", code: "" };
const quick = { beat: 5, patience: 20 };

describe("what killed runs leave", () => {
  let store: string;
  beforeEach(() => {
    store = temporaryFolder("leftovers");
  });

  /** Puts files into the work folder of a stage. */
  function work(id: string, ...files: string[]): string {
    const folder = path.join(store, ".unfinished", id);
    mkdirSync(folder, { recursive: true });
    for (const name of files) writeFileSync(path.join(folder, name), "");
    return folder;
  }

  test("is nothing after a stage was stored, or in an empty store", async () => {
    openStore(store).write(sft, { metrics: [] } as never, provenance);
    expect(await leftovers(store, () => true)).toEqual({ unneeded: [], unfinished: [], running: [] });
    expect(readdirSync(store)).toEqual([stageId(sft)]);
  });

  test("is what was set aside, and what earlier versions wrote aside in processes that have ended", async () => {
    const ended = spawnSync("true").pid;
    mkdirSync(path.join(store, ".damaged", "something"), { recursive: true });
    const old = [`.sft-seed3-ab.${ended}.tmp`, `.sft-seed3-ab.${ended}.tmp.damaged`];
    for (const name of [...old, `.sft-seed3-ab.${process.pid}.tmp`, ".something-else"])
      mkdirSync(path.join(store, name));
    const { unneeded } = await leftovers(store, () => true);
    expect([...unneeded].sort()).toEqual([".damaged", ...old].sort());
    expect(remove(store, unneeded)).toEqual([]);
    expect(readdirSync(store).sort()).toEqual([`.sft-seed3-ab.${process.pid}.tmp`, ".something-else"].sort());
  });

  test("is the work of stored and of unused stages; checkpoints of used ones stay", async () => {
    openStore(store).write(sft, { metrics: [] } as never, provenance);
    work(stageId(sft), "checkpoint.safetensors");
    work("unused", "checkpoint.safetensors");
    work("used", "checkpoint.safetensors", ".checkpoint.safetensors.a.7.ab.tmp");
    work("used-without-checkpoint", "lease-1");
    const found = await leftovers(store, (id) => id !== "unused", quick);
    expect(found.unfinished).toEqual(["used"]);
    expect([...found.unneeded].sort()).toEqual(
      [
        `.unfinished/${stageId(sft)}`,
        ".unfinished/unused",
        ".unfinished/used-without-checkpoint",
        ".unfinished/used/.checkpoint.safetensors.a.7.ab.tmp",
      ].sort(),
    );
    expect(remove(store, found.unneeded)).toEqual([]);
    expect(readdirSync(path.join(store, ".unfinished"))).toEqual(["used"]);
    expect(readdirSync(path.join(store, ".unfinished", "used"))).toEqual(["checkpoint.safetensors"]);
  });

  test("is never the work of a live process, here or on another machine", async () => {
    const folders = ["here", "elsewhere", "ended", "silent"].map((id) => work(id, "checkpoint.safetensors"));
    const elsewhere = { host: "a", pid: 7, place: "a boot namespace" };
    const leases = [
      openLease(folders[0]!, { beat: 1e6 }),
      openLease(folders[1]!, { owner: elsewhere, beat: 5 }),
      openLease(folders[2]!, { owner: { ...thisProcess(), pid: spawnSync("true").pid }, beat: 1e6 }),
      openLease(folders[3]!, { owner: elsewhere, beat: 1e6 }),
    ];
    for (const lease of leases) expect(lease.take()).toBe(true);
    const found = await leftovers(store, () => false, { beat: 50, patience: 500 });
    expect([...found.running].sort()).toEqual(["elsewhere", "here"]);
    expect([...found.unneeded].sort()).toEqual([".unfinished/ended", ".unfinished/silent"]);
    for (const lease of leases) lease.release();
    expect(existsSync(folders[0]!)).toBe(true);
  });

  test("cannot always be removed: then the reason is given, and the rest is removed", () => {
    mkdirSync(path.join(store, "b"));
    const failed = remove(store, ["a", "b"]);
    expect(failed).toEqual([{ name: "a", reason: expect.stringContaining("ENOENT") }]);
    expect(readdirSync(store)).toEqual([]);
  });
});
