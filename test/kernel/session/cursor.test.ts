import fc from "fast-check";
import { expect, test } from "vitest";
import { codePointsBefore, utf16Offset } from "../../../kernel/session/cursor.ts";

test("converting a cursor to a UTF-16 offset and back gives the cursor", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(30), (text, index) => {
      const cursor = Math.min(index, [...text].length);
      expect(codePointsBefore(text, utf16Offset(text, cursor))).toBe(cursor);
    }),
  );
});

test("a code point outside the basic plane counts as two UTF-16 units", () => {
  expect(utf16Offset("😀.a", 2)).toBe(3);
});
