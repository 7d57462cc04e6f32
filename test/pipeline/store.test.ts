import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { fileSystem } from "../../src/files/file-system.ts";
import { stageId } from "../../src/pipeline/stage-id.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { temporaryFolder } from "../temporary.ts";

/** Hooks into the file system, and counts of what was read and removed. */
const spied = vi.hoisted(() => ({
  onRename: (_from: string) => {},
  removed: [] as string[],
  read: [] as string[],
}));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    renameSync(from: string, to: string) {
      spied.onRename(from);
      fs.renameSync(from, to);
    },
    rmSync(name: string, options: object) {
      spied.removed.push(name);
      fs.rmSync(name, options);
    },
    readFileSync(name: string, encoding: BufferEncoding) {
      spied.read.push(String(name));
      return fs.readFileSync(name, encoding);
    },
  };
});

const { sft: stage } = laboratory(keyEnvConfig("smoke"), 3);
const provenance = { device: "", tensorflow: "", node: "", seconds: 1, finished: "", code: "" };
const result = { metrics: [{ step: 1 }] } as never;

test("a result that another process stores meanwhile stays in place throughout, since others may be reading it", () => {
  const store = openStore(temporaryFolder("store"));
  const folder = path.join(store.folder, stageId(stage));
  spied.onRename = (from) => {
    if (!existsSync(folder)) cpSync(from, folder, { recursive: true });
  };
  store.write(stage, result, provenance);
  spied.onRename = () => {};
  expect(store.read(stage)?.metrics).toEqual([{ step: 1 }]);
  expect(spied.removed).not.toContain(folder);
  expect(readdirSync(store.folder)).toEqual([stageId(stage)]);
});

test("an opened store checks a result's digests once, however often it is read", () => {
  const { folder } = openStore(temporaryFolder("store"));
  openStore(folder).write(stage, result, provenance);
  const store = openStore(folder);
  spied.read.length = 0;
  for (let time = 0; time < 3; time++) expect(store.has(stage)).toBe(true);
  const manifests = spied.read.filter((name) => name.endsWith("stage.json"));
  expect(manifests).toHaveLength(1);
  expect(spied.read.filter((name) => name.endsWith("result.json"))).toHaveLength(1);
});

test("a damaged result is not read, and is replaced when it is computed again", () => {
  const { folder } = openStore(temporaryFolder("store"));
  openStore(folder).write(stage, result, provenance);
  const file = path.join(folder, stageId(stage), "result.json");
  const intact = readFileSync(file, "utf8");
  writeFileSync(file, intact.replace("1", "2"));
  const store = openStore(folder);
  expect(store.read(stage)).toBeUndefined();
  expect(() => store.get(stage)).toThrow(/lacks a sound sft stage: run the experiment again/);
  store.write(stage, result, provenance);
  expect(readFileSync(file, "utf8")).toBe(intact);
  expect(store.read(stage)?.provenance).toEqual(provenance);
});

test("a damaged result is set aside with a sentence to the user, and no longer blocks its stage", () => {
  const { folder } = openStore(temporaryFolder("store"));
  const own = path.join(folder, stageId(stage));
  for (const spoil of [
    () => writeFileSync(path.join(own, "stage.json"), "{}"),
    () => rmSync(path.join(own, "result.json")),
    () => {
      rmSync(own, { recursive: true });
      writeFileSync(own, "a file");
    },
    () => {
      rmSync(own, { recursive: true });
      symlinkSync("nowhere", own);
    },
  ]) {
    openStore(folder).write(stage, result, provenance);
    spoil();
    const notices: string[] = [];
    const store = openStore(folder, (text) => notices.push(text));
    expect(store.has(stage)).toBe(false);
    expect(notices).toEqual([]);
    store.makeWay(stage);
    expect(notices).toEqual([
      expect.stringMatching(
        /^sft-seed3-\w+ in the run store .* cannot be used \(.+\): it was moved to \.damaged\/.*, and the stage is computed anew\.$/,
      ),
    ]);
    store.write(stage, result, provenance);
    expect(store.read(stage)?.metrics).toEqual([{ step: 1 }]);
  }
  expect(readdirSync(path.join(folder, ".damaged"))).toHaveLength(4);
});

test("files in the places of the store's own folders are set aside", () => {
  const { folder } = openStore(temporaryFolder("store"));
  const notices: string[] = [];
  const store = openStore(folder, (text) => notices.push(text));
  for (const name of [".unfinished", ".damaged"]) writeFileSync(path.join(folder, name), "a file");
  store.write(stage, result, provenance);
  expect(store.read(stage)?.metrics).toEqual([{ step: 1 }]);
  expect(notices).toEqual([expect.stringContaining("it is not a folder that can be written")]);
});

test("a result that is removed after it was found is missing, not an error", () => {
  const { folder } = openStore(temporaryFolder("store"));
  openStore(folder).write(stage, result, provenance);
  const store = openStore(folder);
  expect(store.has(stage)).toBe(true);
  rmSync(path.join(folder, stageId(stage)), { recursive: true });
  expect(store.read(stage)).toBeUndefined();
  expect(store.has(stage)).toBe(false);
});

test("a result is not taken for damaged if it cannot be read because the machine is short of something", () => {
  const { folder } = openStore(temporaryFolder("store"));
  openStore(folder).write(stage, result, provenance);
  const read = fileSystem.readFileSync;
  for (const code of ["EMFILE", "ENOMEM"]) {
    fileSystem.readFileSync = () => {
      throw Object.assign(new Error(`${code}: too many`), { code });
    };
    const store = openStore(folder);
    expect(() => store.makeWay(stage)).toThrow(
      /cannot be used \(E\w+: too many\): run the same command again\.$/,
    );
    fileSystem.readFileSync = read;
    expect(store.read(stage)?.metrics).toEqual([{ step: 1 }]);
  }
});

test("a read that fails once is tried again", () => {
  const { folder } = openStore(temporaryFolder("store"));
  openStore(folder).write(stage, result, provenance);
  const read = fileSystem.readFileSync;
  let calls = 0;
  fileSystem.readFileSync = ((name: string) => {
    if (++calls === 1) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
    return read(name);
  }) as typeof read;
  expect(openStore(folder).has(stage)).toBe(true);
  fileSystem.readFileSync = read;
});
