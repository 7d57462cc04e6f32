import fc from "fast-check";
import { expect, test } from "vitest";
import { quoted } from "../../src/files/quoted.ts";
import { visibleLine } from "../../src/files/visible-text.ts";

test("any text becomes one line of characters that are seen", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(visibleLine(quoted(text))).toBe(quoted(text));
    }),
  );
});

test("a value is shown as JSON, and what is long is cut", () => {
  expect([quoted('a "b"'), quoted([1, null]), quoted(undefined)]).toEqual([
    '"a \\"b\\""',
    "[1,null]",
    "missing",
  ]);
  expect(quoted("x".repeat(1000))).toBe(`"${"x".repeat(80)}…"`);
  expect(quoted(Array(1000).fill(7))).toBe(`[${"7,".repeat(39)}7…`);
});
