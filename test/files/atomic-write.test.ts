import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryName, writeFileAtomically } from "../../src/files/atomic-write.ts";
import { fileSystem } from "../../src/files/file-system.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("writeFileAtomically", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "allroads-atomic-write-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("makes missing folders, replaces the file and leaves no temporary file", () => {
    const file = path.join(folder, "a", "b", "file.txt");
    for (const text of ["a first, longer text", "second", ""]) {
      writeFileAtomically(file, bytes(text));
      expect(readFileSync(file, "utf8")).toBe(text);
    }
    expect(readdirSync(path.dirname(file))).toEqual(["file.txt"]);
  });

  test("joins bytes that are given in parts", () => {
    const file = path.join(folder, "parts");
    writeFileAtomically(file, ["one, ", "", "two"].map(bytes));
    expect(readFileSync(file, "utf8")).toBe("one, two");
  });

  test("writes more than 2 GiB in pieces that every system can write", () => {
    const original = { ...fileSystem };
    const lengths: number[] = [];
    Object.assign(fileSystem, {
      writeSync: (_: number, __: Uint8Array, ___: number, length: number) => {
        lengths.push(length);
        return length;
      },
    });
    // Memory that is never touched takes no space.
    writeFileAtomically(path.join(folder, "large"), new Uint8Array(2.2e9));
    Object.assign(fileSystem, original);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(2.2e9);
    expect(Math.max(...lengths)).toBe(2 ** 30);
  });

  test("removes the temporary file and throws if the file cannot be replaced", () => {
    const occupied = path.join(folder, "occupied");
    mkdirSync(occupied);
    expect(() => writeFileAtomically(occupied, bytes("text"))).toThrow();
    expect(readdirSync(folder)).toEqual(["occupied"]);
  });

  test("flushes the file before it is renamed, and then its folder and those that were made", () => {
    const calls: string[] = [];
    const names = new Map<number, string>();
    const original = { ...fileSystem };
    Object.assign(fileSystem, {
      openSync(name: string, flags: string) {
        const handle = original.openSync(name, flags);
        names.set(handle, path.relative(folder, name).replace(/^(.*)\.file\..*tmp$/, "$1(temporary)") || ".");
        return handle;
      },
      fsyncSync: (handle: number) => calls.push(`flush ${names.get(handle)}`),
      renameSync(from: string, to: string) {
        calls.push(`rename to ${path.relative(folder, to)}`);
        original.renameSync(from, to);
      },
    });
    writeFileAtomically(path.join(folder, "a", "b", "file"), bytes("text"));
    Object.assign(fileSystem, original);
    expect(calls).toEqual(["flush a", "flush .", "flush a/b/(temporary)", "rename to a/b/file", "flush a/b"]);
  });

  test("leaves nothing if the disk is full, and the old file as it was", () => {
    const file = path.join(folder, "file");
    writeFileAtomically(file, bytes("old"));
    const original = { ...fileSystem };
    for (const name of ["openSync", "writeSync", "fsyncSync", "closeSync", "renameSync"] as const) {
      fileSystem[name] = (() => {
        throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      }) as never;
      expect(() => writeFileAtomically(file, bytes("new"))).toThrow("ENOSPC");
      Object.assign(fileSystem, original);
      expect(readdirSync(folder)).toEqual(["file"]);
      expect(readFileSync(file, "utf8")).toBe("old");
    }
  });

  test("writes aside under a name that names host and process and is never used twice", () => {
    const used = Array.from({ length: 1000 }, () => temporaryName("file"));
    expect(new Set(used).size).toBe(1000);
    for (const name of used)
      expect(name).toMatch(new RegExp(`^\\.file\\.[\\w-]+\\.${process.pid}\\.[0-9a-f]{12}\\.tmp$`));
  });
});
