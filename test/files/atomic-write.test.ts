import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFileAtomically } from "../../src/files/atomic-write.ts";

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

  test("removes the temporary file and throws if the file cannot be replaced", () => {
    const occupied = path.join(folder, "occupied");
    mkdirSync(occupied);
    expect(() => writeFileAtomically(occupied, bytes("text"))).toThrow();
    expect(readdirSync(folder)).toEqual(["occupied"]);
  });
});
