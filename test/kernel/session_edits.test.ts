import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits, type Edit, offsetOf, originalOffset, positionOf } from "../../kernel/session/edits.ts";

/** A text with edits that do not overlap. */
const edited = fc.string({ minLength: 1, maxLength: 60 }).chain((text) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: text.length }), { maxLength: 8 })
    .chain((places) => {
      const sorted = [...places].sort((a, b) => a - b);
      const pairs = sorted.flatMap((start, index) =>
        index % 2 === 0 ? [[start, sorted[index + 1] ?? start] as const] : [],
      );
      return fc.tuple(
        ...pairs.map(([start, end]) => fc.string().map((added): Edit => ({ start, end, text: added }))),
      );
    })
    .map((edits) => ({ text, edits: edits as Edit[] })),
);

describe("edits", () => {
  test("give what replacing from the last to the first gives", () => {
    fc.assert(
      fc.property(edited, ({ text, edits }) => {
        const wanted = [...edits]
          .reverse()
          .reduce((t, { start, end, text: by }) => t.slice(0, start) + by + t.slice(end), text);
        expect(applyEdits(text, edits).text).toBe(wanted);
      }),
    );
  });

  test("every kept character is found where it came from", () => {
    fc.assert(
      fc.property(edited, ({ text, edits }) => {
        const { text: made, pieces } = applyEdits(text, edits);
        for (const [start, , length] of pieces)
          for (let at = start; at < start + length; at++)
            expect(text[originalOffset(pieces, at)]).toBe(made[at]);
      }),
    );
  });

  test("insertions at one place keep their order", () => {
    const edits = ["a", "b", "c"].map((text) => ({ start: 1, end: 1, text }));
    expect(applyEdits("xy", edits).text).toBe("xabcy");
  });

  test("a position and its offset are one", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\n", "é"), { maxLength: 40 }), fc.nat(40), (parts, at) => {
        const text = parts.join("");
        const offset = Math.min(at, text.length);
        const { line, column } = positionOf(text, offset);
        expect(offsetOf(text, line, column)).toBe(offset);
      }),
    );
  });
});
