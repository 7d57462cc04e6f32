import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine, quoted } from "../../src/files/printable.ts";

test("any text becomes one line without control, formatting or unpaired surrogate characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const shown of [oneLine(text), quoted(text)]) expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
  expect(oneLine("a\u001b]0;title\u0007\r\n\u202eb\ud800 é😀")).toBe(
    "a\\u{1b}]0;title\\u{7}\\u{d}\\u{a}\\u{202e}b\\u{d800} é😀",
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
