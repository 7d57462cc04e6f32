import { writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOfFile } from "../../src/files/read-lines.ts";
import { temporaryFolder } from "../temporary.ts";

test("gives the lines of any text, with characters across the pieces in which it is read", () => {
  const file = path.join(temporaryFolder("lines"), "a");
  const lines = fc.array(
    fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", "é".repeat(700_001))),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(lines, (texts) => {
      const text = texts.map((one) => one.replaceAll(/[\n\uFEFF]/g, "")).join("\n");
      writeFileSync(file, text);
      const read: number[] = [];
      const found = [...linesOfFile(file, 1e6, (bytes) => read.push(bytes.length))];
      expect(found.map((line) => line.text)).toEqual(text.split("\n"));
      expect(read.reduce((sum, size) => sum + size, 0)).toBe(Buffer.byteLength(text));
    }),
    { numRuns: 30 },
  );
});

test("gives the length of a line that is too long, but not its text", () => {
  const file = path.join(temporaryFolder("lines"), "a");
  writeFileSync(file, `a\n${"x".repeat(5_000_000)}\nb`);
  expect([...linesOfFile(file, 10)]).toEqual([
    { text: "a", length: 1 },
    { text: "", length: 5_000_000 },
    { text: "b", length: 1 },
  ]);
});

test("throws for bytes that are not UTF-8", () => {
  const file = path.join(temporaryFolder("lines"), "a");
  writeFileSync(file, Uint8Array.of(0x61, 0x0a, 0xff));
  expect(() => [...linesOfFile(file, 10)]).toThrow("it is not UTF-8 text");
});
