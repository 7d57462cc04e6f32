import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyEdits,
  type Edit,
  madeOffset,
  offsetOf,
  originalOffset,
  type Piece,
  positionOf,
} from "../../kernel/session/edits.ts";

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

  test("a place of the source has as much that is kept before it in the result", () => {
    const keptBefore = (pieces: Piece[], place: number, side: 0 | 1) =>
      pieces.reduce((sum, piece) => sum + Math.max(0, Math.min(piece[2], place - piece[side])), 0);
    fc.assert(
      fc.property(edited, ({ text, edits }) => {
        const { pieces } = applyEdits(text, edits);
        for (let at = 0; at <= text.length; at++) {
          const place = madeOffset(pieces, at);
          const inside = pieces.some(([, start, length]) => start < at && at < start + length);
          if (place === undefined) expect(inside).toBe(false);
          else expect(keptBefore(pieces, place, 0)).toBe(keptBefore(pieces, at, 1));
        }
      }),
    );
  });

  test("what was taken away has no place in the result, what was replaced has", () => {
    const { pieces } = applyEdits("ab cd ef", [
      { start: 0, end: 2, text: "" },
      { start: 3, end: 5, text: "x" },
    ]);
    expect([0, 2, 3, 4, 5].map((at) => madeOffset(pieces, at))).toEqual([undefined, 0, 1, undefined, 2]);
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
