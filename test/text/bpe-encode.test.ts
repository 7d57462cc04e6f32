import { readFileSync } from "node:fs";
import { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bpeEncoder } from "../../src/text/bpe-encode.ts";
import { tokenizerFromJson } from "../../src/text/tokenizer.ts";

const json = JSON.parse(readFileSync(new URL("fixtures/tokenizer-neox.json", import.meta.url), "utf8"));

describe("bpeEncoder", () => {
  test("merges the pair of the lowest rank first, and of equal ones the leftmost", () => {
    const vocabulary = { a: 0, b: 1, ab: 2, bb: 3, abb: 4, aa: 5 };
    const encode = bpeEncoder(vocabulary, [
      ["b", "b"],
      ["a", "a"],
      ["a", "bb"],
    ]);
    expect(encode("aabbb")).toEqual(["aa", "bb", "b"]);
    expect(encode("aaabb")).toEqual(["aa", "abb"]);
    expect(encode("axbb")).toEqual(["a", "x", "bb"]);
    expect(encode("")).toEqual([]);
  });

  test("gives the ids of the tokenizers library for all text, long words included", () => {
    const ours = tokenizerFromJson(json);
    const library = new HubTokenizer(
      { ...json, post_processor: null },
      { clean_up_tokenization_spaces: false },
    );
    const letters = fc.array(fc.constantFrom("a", "ar", "the", "relation", "ship", "é", "😀", "1", " "));
    fc.assert(
      fc.property(letters, fc.integer({ min: 1, max: 60 }), (parts, times) => {
        const text = parts.join("").repeat(times);
        const expected = text === "" ? [] : library.encode(text, { add_special_tokens: false }).ids;
        expect(ours.encode(text)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("takes time that grows with the length of a word only", () => {
    const { encode, decode } = tokenizerFromJson(json);
    for (const word of ["relationship".repeat(34_000), "a".repeat(400_000)]) {
      const begin = performance.now();
      const ids = encode(word);
      expect(performance.now() - begin).toBeLessThan(5000);
      expect(decode(ids) === word).toBe(true);
    }
  });
});
