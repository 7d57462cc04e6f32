import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyEdits,
  type Edit,
  generatedOffset,
  offsetOf,
  originalOffset,
  positionOf,
  type Segment,
} from "../../../kernel/shared/edits.ts";

/** Texts with edits that do not overlap. */
const editedTexts = fc.string({ minLength: 1, maxLength: 60 }).chain((text) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: text.length }), { maxLength: 8 })
    .chain((offsets) => {
      const sorted = [...offsets].sort((a, b) => a - b);
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
  test("have the same result as replacing the ranges from last to first", () => {
    fc.assert(
      fc.property(editedTexts, ({ text, edits }) => {
        const expected = [...edits]
          .reverse()
          .reduce(
            (result, { start, end, text: inserted }) => result.slice(0, start) + inserted + result.slice(end),
            text,
          );
        expect(applyEdits(text, edits).text).toBe(expected);
      }),
    );
  });

  test("every unchanged character maps to itself in the original", () => {
    fc.assert(
      fc.property(editedTexts, ({ text, edits }) => {
        const { text: generated, segments } = applyEdits(text, edits);
        for (const [start, , length] of segments)
          for (let offset = start; offset < start + length; offset++)
            expect(text[originalOffset(segments, offset)]).toBe(generated[offset]);
      }),
    );
  });

  test("an offset in the original has as much unchanged text before it as its offset in the generated text", () => {
    const unchangedBefore = (segments: Segment[], offset: number, side: 0 | 1) =>
      segments.reduce((sum, segment) => sum + Math.max(0, Math.min(segment[2], offset - segment[side])), 0);
    fc.assert(
      fc.property(editedTexts, ({ text, edits }) => {
        const { segments } = applyEdits(text, edits);
        for (let offset = 0; offset <= text.length; offset++) {
          const generated = generatedOffset(segments, offset);
          const isInside = segments.some(([, start, length]) => start < offset && offset < start + length);
          if (generated === undefined) expect(isInside).toBe(false);
          else expect(unchangedBefore(segments, generated, 0)).toBe(unchangedBefore(segments, offset, 1));
        }
      }),
    );
  });

  test("deleted text has no offset in the generated text, replaced text has", () => {
    const { segments } = applyEdits("ab cd ef", [
      { start: 0, end: 2, text: "" },
      { start: 3, end: 5, text: "x" },
    ]);
    expect([0, 2, 3, 4, 5].map((offset) => generatedOffset(segments, offset))).toEqual([
      undefined,
      0,
      1,
      undefined,
      2,
    ]);
  });

  test("insertions at the same offset keep their order", () => {
    const edits = ["a", "b", "c"].map((text) => ({ start: 1, end: 1, text }));
    expect(applyEdits("xy", edits).text).toBe("xabcy");
  });

  test("converting an offset to a line and column and back gives the offset", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "\n", "é"), { maxLength: 40 }),
        fc.nat(40),
        (parts, index) => {
          const text = parts.join("");
          const offset = Math.min(index, text.length);
          const { line, column } = positionOf(text, offset);
          expect(offsetOf(text, line, column)).toBe(offset);
        },
      ),
    );
  });
});
