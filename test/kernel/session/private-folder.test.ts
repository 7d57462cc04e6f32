import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import {
  cacheFolder,
  checkPrivateFolder,
  openPrivateFolder,
  readOwnFile,
  writeOwnFile,
} from "../../../kernel/session/private-folder.ts";
import { temporaryFolder } from "../../temporary.ts";
import { giveToOtherUser, otherProcessProblem, otherUserProblem, runAsOtherUser } from "../other-user.ts";

/** A folder in a new temporary folder, with these modes. */
function folderIn(parentMode: number, mode: number): { parent: string; folder: string } {
  const parent = temporaryFolder("private");
  const folder = path.join(parent, "folder");
  mkdirSync(folder);
  chmodSync(folder, mode);
  chmodSync(parent, parentMode);
  return { parent, folder };
}

describe("a private folder", () => {
  test.each([
    ["its parent is closed to others", 0o700],
    ["others can read its parent", 0o755],
    ["others can write to its parent, but not rename what they do not own", 0o1777],
  ])("is used if %s", (_, parentMode) => {
    expect(() => checkPrivateFolder(folderIn(parentMode, 0o700).folder)).not.toThrow();
  });

  test.each([0o777, 0o770, 0o707, 0o755, 0o701, 0o1777])("is not used with the mode %o", (mode) => {
    const { folder } = folderIn(0o700, mode);
    expect(() => checkPrivateFolder(folder)).toThrow(`${folder} is open to other users`);
  });

  test.each([0o777, 0o775, 0o757])("is not used if its parent has the mode %o", (parentMode) => {
    const { parent, folder } = folderIn(parentMode, 0o700);
    expect(() => checkPrivateFolder(folder)).toThrow(`${parent} can be written to by other users`);
  });

  test("is not used if it is a link or a file", () => {
    const { parent, folder } = folderIn(0o700, 0o700);
    symlinkSync(folder, path.join(parent, "link"));
    expect(() => checkPrivateFolder(path.join(parent, "link"))).toThrow("is not a folder");
    writeFileSync(path.join(parent, "file"), "");
    expect(() => checkPrivateFolder(path.join(parent, "file"))).toThrow("is not a folder");
  });

  test("is not used if it, or a folder above it, belongs to another user", ({ skip }) => {
    skip(otherUserProblem !== undefined, otherUserProblem);
    const { parent, folder } = folderIn(0o755, 0o700);
    giveToOtherUser(folder);
    expect(() => checkPrivateFolder(folder)).toThrow(`${folder} belongs to another user`);
    const above = folderIn(0o755, 0o700);
    giveToOtherUser(above.parent);
    expect(() => checkPrivateFolder(above.folder)).toThrow(`${above.parent} belongs to another user`);
    expect(parent).not.toBe(above.parent);
  });

  test("is created closed to others, and opened again", () => {
    const umask = process.umask(0);
    const parent = temporaryFolder("private");
    try {
      const folder = openPrivateFolder(path.join(parent, "a", "b"), "name");
      expect(lstatSync(folder).mode & 0o777).toBe(0o700);
      expect(lstatSync(path.join(parent, "a")).mode & 0o777).toBe(0o700);
      expect(openPrivateFolder(path.join(parent, "a", "b"), "name")).toBe(folder);
    } finally {
      process.umask(umask);
    }
  });

  test("is found by its path without links, which others could change", () => {
    const parent = temporaryFolder("private");
    mkdirSync(path.join(parent, "real"));
    symlinkSync(path.join(parent, "real"), path.join(parent, "link"));
    expect(openPrivateFolder(path.join(parent, "link"), "name")).toBe(path.join(parent, "real", "name"));
  });

  test("of another user who came first is not used, and own ones are closed to them", ({ skip }) => {
    skip(otherProcessProblem !== undefined, otherProcessProblem);
    const parent = temporaryFolder("private");
    chmodSync(parent, 0o1777);
    expect(
      runAsOtherUser(`mkdir -m 700 '${parent}/theirs' && ln -s '${parent}/theirs' '${parent}/link'`),
    ).toBe(true);
    expect(() => openPrivateFolder(parent, "theirs")).toThrow("belongs to another user");
    expect(() => openPrivateFolder(parent, "link")).toThrow("is not a folder");
    const own = openPrivateFolder(parent, "own");
    for (const command of [`ls '${own}'`, `touch '${own}/x'`, `mv '${own}' '${parent}/moved'`])
      expect(runAsOtherUser(command)).toBe(false);
  });
});

describe("the cache folder", () => {
  test("is in the user's folder for caches", () => {
    const home = temporaryFolder("cache");
    const warnings: string[] = [];
    const folder = cacheFolder((text) => warnings.push(text), { XDG_CACHE_HOME: path.join(home, "c") }, home);
    expect(folder).toBe(path.join(home, "c", "allroads-kernel"));
    expect(warnings).toEqual([]);
  });

  test("is in the temporary folder if the other cannot be created or is open to others", () => {
    const home = temporaryFolder("cache");
    writeFileSync(path.join(home, "file"), "");
    mkdirSync(path.join(home, "open"));
    chmodSync(path.join(home, "open"), 0o777);
    for (const name of ["file", "open"]) {
      const folder = cacheFolder(expect.unreachable, { XDG_CACHE_HOME: path.join(home, name) }, home);
      expect(folder && path.dirname(folder)).toBe(home);
    }
  });

  test("is not used if neither place can be trusted, which is said in one sentence", () => {
    const home = temporaryFolder("cache");
    chmodSync(home, 0o777);
    const warnings: string[] = [];
    expect(cacheFolder((text) => warnings.push(text), { XDG_CACHE_HOME: home }, home)).toBeUndefined();
    const reason = `${home} can be written to by other users`;
    expect(warnings).toEqual([`The kernel starts without its cache: ${reason}, and ${reason}.`]);
  });
});

describe("a file of the user", () => {
  test("is written for the user only, and read", () => {
    const file = path.join(temporaryFolder("file"), "data");
    writeOwnFile(file, Buffer.from("one"));
    writeOwnFile(file, Buffer.from("two"));
    expect(lstatSync(file).mode & 0o777).toBe(0o600);
    expect(readOwnFile(file).toString()).toBe("two");
  });

  test("is not read if others can write to it", () => {
    const file = path.join(temporaryFolder("file"), "data");
    writeFileSync(file, "text");
    for (const mode of [0o666, 0o620, 0o602]) {
      chmodSync(file, mode);
      expect(() => readOwnFile(file)).toThrow("can be written to by other users");
    }
  });

  test("is not read if it is a link, a folder or a pipe", () => {
    const folder = temporaryFolder("file");
    const file = path.join(folder, "data");
    writeFileSync(file, "text");
    symlinkSync(file, path.join(folder, "link"));
    expect(() => readOwnFile(path.join(folder, "link"))).toThrow();
    expect(() => readOwnFile(folder)).toThrow();
    if (spawnSync("mkfifo", [path.join(folder, "pipe")]).status === 0)
      expect(() => readOwnFile(path.join(folder, "pipe"))).toThrow("is not a file");
  });

  test("is not read if it, or the file behind a hard link, belongs to another user", ({ skip }) => {
    skip(otherUserProblem !== undefined, otherUserProblem);
    const folder = temporaryFolder("file");
    const file = path.join(folder, "data");
    writeFileSync(file, "text", { mode: 0o644 });
    giveToOtherUser(file);
    linkSync(file, path.join(folder, "hard-link"));
    for (const name of ["data", "hard-link"])
      expect(() => readOwnFile(path.join(folder, name))).toThrow("belongs to another user");
  });

  test("is never read from what is put in its place meanwhile", async () => {
    const folder = temporaryFolder("file");
    const [file, own, forged] = ["data", "own", "forged"].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(own, "own");
    writeFileSync(forged, "forged");
    writeFileSync(file, "own");
    // Puts a link to the forged file in the place of the own one and back, all the time.
    const swapping = `
      const fs = require("node:fs");
      const { file, forged } = require("node:worker_threads").workerData;
      for (;;) {
        fs.symlinkSync(forged, file + ".new");
        fs.renameSync(file + ".new", file);
        fs.writeFileSync(file + ".new", "own");
        fs.renameSync(file + ".new", file);
      }`;
    const worker = new Worker(swapping, { eval: true, workerData: { file, forged }, execArgv: [] });
    const seen = new Set<string>();
    try {
      for (const end = Date.now() + 500; Date.now() < end; )
        try {
          seen.add(readOwnFile(file).toString());
        } catch {
          seen.add("refused");
        }
    } finally {
      await worker.terminate();
    }
    expect([...seen].sort()).toEqual(["own", "refused"]);
  });
});
