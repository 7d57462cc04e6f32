import { spawnSync } from "node:child_process";
import {
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test, vi } from "vitest";
import {
  createLink,
  isLinked,
  readJson,
  readText,
  removeLeftovers,
  replaceFolder,
  temporaryName,
  writeAtomically,
} from "../../../kernel/setup/files.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

vi.mock("node:fs", { spy: true });

const folder = useTemporaryFolder();

test("writeAtomically creates the folder, replaces the file and leaves nothing else", () => {
  const file = folder.at("deep", "file.txt");
  writeAtomically(file, "old");
  writeAtomically(file, "new");
  expect(readText(file)).toBe("new");
  expect(readdirSync(folder.at("deep"))).toEqual(["file.txt"]);
});

test("readJson returns null for a missing file and for invalid JSON", () => {
  folder.put("cut.json", '{"a": ');
  expect(readJson(folder.at("cut.json"))).toBe(null);
  expect(readJson(folder.at("missing.json"))).toBe(null);
});

test("links are relative, so that the folder can be moved", () => {
  folder.put("one/target.txt", "here");
  createLink(folder.at("one", "deep", "link"), folder.at("one", "target.txt"));
  expect(isLinked(folder.at("one", "deep", "link"), folder.at("one", "target.txt"))).toBe(true);
  renameSync(folder.at("one"), folder.at("two"));
  expect(readFileSync(folder.at("two", "deep", "link"), "utf8")).toBe("here");
});

test("createLink replaces a folder and an older link; a dangling link is not linked", () => {
  folder.put("target", "new");
  folder.put("link/inside", "old folder");
  const link = folder.at("link");
  createLink(link, folder.at("target"));
  expect(readFileSync(link, "utf8")).toBe("new");
  rmSync(folder.at("target"));
  expect(isLinked(link, folder.at("target"))).toBe(false);
  rmSync(link);
  symlinkSync("/elsewhere", link);
  folder.put("target", "newer");
  createLink(link, folder.at("target"));
  expect(readFileSync(link, "utf8")).toBe("newer");
});

test("temporary names contain the host and the process, and are never equal", () => {
  const names = Array.from({ length: 100 }, () => temporaryName("/a/file"));
  expect(new Set(names).size).toBe(100);
  for (const name of names)
    expect(name).toMatch(new RegExp(`^/a/file\\.[\\w-]+\\.${process.pid}\\.[0-9a-f]{12}\\.tmp$`));
  expect(names[0]).toContain(
    os
      .hostname()
      .replaceAll(/[^A-Za-z0-9-]/g, "-")
      .slice(0, 64),
  );
});

test("a file is on the disk before it gets its name, and the name is on the disk at the end", () => {
  vi.clearAllMocks();
  writeAtomically(folder.at("deep", "file.txt"), "text");
  const opened = vi.mocked(openSync).mock;
  const synced = vi.mocked(fsyncSync).mock;
  const files = synced.calls.map(([handle]) => {
    const index = opened.results.findLastIndex(({ value }) => value === handle);
    return path.basename(String(opened.calls[index]?.[0]));
  });
  expect(synced.calls).toHaveLength(2);
  const [fileSync = 0, folderSync = 0] = synced.invocationCallOrder;
  const [rename = 0] = vi.mocked(renameSync).mock.invocationCallOrder;
  expect([fileSync < rename, rename < folderSync]).toEqual([true, true]);
  // The second handle can have the number of the first, which is closed by then.
  expect(files[1]).toBe("deep");
  expect(String(vi.mocked(writeFileSync).mock.calls[0]?.[0])).toBe(String(synced.calls[0]?.[0]));
});

test("on a full disk the old file stays and nothing is left behind", () => {
  folder.put("file.txt", "old");
  const module = new URL("../../../kernel/setup/files.mjs", import.meta.url).href;
  const script = `
    import { writeAtomically } from ${JSON.stringify(module)};
    try {
      writeAtomically("file.txt", "x".repeat(1e6));
    } catch (error) {
      process.stdout.write(error.code);
    }`;
  // The shell limits the size of files, in kilobytes.
  const command = ["-c", 'ulimit -f 100 && exec "$0" --input-type=module -e "$1"', process.execPath, script];
  const { stdout } = spawnSync("bash", command, { cwd: folder.at(), encoding: "utf8" });
  expect(stdout).toBe("EFBIG");
  expect(readdirSync(folder.at())).toEqual(["file.txt"]);
  expect(readText(folder.at("file.txt"))).toBe("old");
});

test("a folder is replaced by another one", () => {
  folder.put("old/a", "");
  folder.put("new/b", "");
  replaceFolder(folder.at("new"), folder.at("old"));
  expect(readdirSync(folder.at())).toEqual(["old"]);
  expect(readdirSync(folder.at("old"))).toEqual(["b"]);
});

test("what an interrupted process left is removed after an hour", () => {
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  for (const [name, hours] of [
    ["setup.lock.host.1.ab.tmp", 2],
    ["setup.lock.host.2.ab.tmp", 0.5],
    ["other.tmp", 2],
    ["setup.lock", 2],
  ] as const) {
    folder.put(name, "");
    utimesSync(folder.at(name), hoursAgo(hours), hoursAgo(hours));
  }
  mkdirSync(folder.at("setup.lock.folder.tmp"));
  utimesSync(folder.at("setup.lock.folder.tmp"), hoursAgo(2), hoursAgo(2));
  symlinkSync("/nowhere", folder.at("setup.lock.link.tmp"));
  removeLeftovers(folder.at(), ["setup."]);
  expect(readdirSync(folder.at()).sort()).toEqual([
    "other.tmp",
    "setup.lock",
    "setup.lock.host.2.ab.tmp",
    "setup.lock.link.tmp",
  ]);
  removeLeftovers(folder.at("missing"), [""]);
});
