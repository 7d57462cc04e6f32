import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestCommonSubsequence, rougeL, rougeTokens } from "../../src/text/rouge.ts";

type Parts = [precision: number, recall: number, f1: number];
const fixture = new URL("fixtures/rouge.json", import.meta.url);
const pairs: [target: string, prediction: string, plain: Parts, stemmed: Parts][] = JSON.parse(
  readFileSync(fixture, "utf8"),
);

const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
const words = fc
  .array(fc.oneof(fc.constantFrom("flies", "Flying", "a", "argued", "arguing", "42"), fc.string()))
  .map((parts) => parts.join(" "));

describe("rougeL", () => {
  test.each([
    ["without stemming", false],
    ["with stemming", true],
  ] as const)("equals rouge-score on 500 pairs %s", (_, stem) => {
    expect(pairs).toHaveLength(500);
    for (const [target, prediction, plain, stemmed] of pairs) {
      const { precision, recall, f1 } = rougeL(target, prediction, { stem });
      const expected = stem ? stemmed : plain;
      const error = Math.max(...[precision, recall, f1].map((part, i) => Math.abs(part - expected[i]!)));
      expect(error, JSON.stringify([target, prediction])).toBeLessThan(1e-9);
    }
  });

  test("does not stem by default", () => {
    expect(rougeL("she argued", "she is arguing").f1).toBeCloseTo(0.4, 12);
    expect(rougeL("she argued", "she is arguing", { stem: true }).f1).toBeCloseTo(0.8, 12);
  });

  test("lies within [0, 1], has a symmetric F1, and swaps precision and recall with its arguments", () => {
    fc.assert(
      fc.property(words, words, fc.boolean(), (a, b, stem) => {
        const there = rougeL(a, b, { stem });
        const back = rougeL(b, a, { stem });
        expect(back).toEqual({ precision: there.recall, recall: there.precision, f1: there.f1 });
        for (const part of Object.values(there)) expect(part >= 0 && part <= 1).toBe(true);
      }),
    );
  });

  test("is 1 for a text against itself and 0 against a text without words", () => {
    fc.assert(
      fc.property(words, fc.boolean(), (text, stem) => {
        const whole = rougeTokens(text).length > 0 ? 1 : 0;
        expect(rougeL(text, text, { stem })).toEqual({ precision: whole, recall: whole, f1: whole });
        expect(rougeL(text, "?!", { stem }).f1).toBe(0);
      }),
    );
  });
});

describe("rougeTokens", () => {
  test("keeps runs of ASCII letters and digits of the lower-cased text", () => {
    expect(rougeTokens("TL;DR: my_boss (24F) can't…")).toEqual(["tl", "dr", "my", "boss", "24f", "can", "t"]);
  });

  test("finds ASCII letters in only two other characters, the dotted I and the Kelvin sign, as Python does", () => {
    const found: string[] = [];
    for (let code = 0x80; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (rougeTokens(character).length > 0) found.push(character);
    }
    expect(found).toEqual(["\u0130", "\u212a"]);
  });

  test("stems words of more than three characters only", () => {
    expect(rougeTokens("ties was skies boxes", true)).toEqual(["tie", "was", "sky", "box"]);
  });
});

describe("longestCommonSubsequence", () => {
  test("equals brute force over all subsequences", () => {
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        const subsets = Array.from({ length: 2 ** a.length }, (_, mask) =>
          a.filter((_, i) => mask & (1 << i)),
        );
        const common = subsets.filter((subset) => isSubsequence(subset, b));
        expect(longestCommonSubsequence(a, b)).toBe(Math.max(...common.map(({ length }) => length)));
      }),
    );
  });
});

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let matched = 0;
  for (const item of whole) if (item === part[matched]) matched++;
  return matched === part.length;
}
