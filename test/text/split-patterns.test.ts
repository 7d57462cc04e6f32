import { expect, test } from "vitest";
import { SPLIT_PATTERNS } from "../../src/text/split-patterns.ts";
import { tokenizerFromJson } from "../../src/text/tokenizer.ts";
import { changedTokenizer } from "./small-tokenizer.ts";

const withPattern = (Regex: string) =>
  changedTokenizer((json) => {
    json.pre_tokenizer = {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, use_regex: false },
      ],
    };
  });

/** Texts of 4,000 characters, on which a pattern of cubic or exponential time would not end. */
const texts = [" ", "\n", " \n", "a", "aA", "1", "'", "!", "中", "e\u0301", " a1!"].map((unit) => {
  return `x${unit.repeat(4000 / unit.length)}!A`;
});

test.each([...SPLIT_PATTERNS])(
  "the pattern %s splits every text in bounded time and loses nothing",
  (pattern) => {
    const tokenizer = tokenizerFromJson(withPattern(pattern));
    const begin = performance.now();
    for (const text of texts) expect(tokenizer.decode(tokenizer.encode(text)) === text).toBe(true);
    expect(performance.now() - begin).toBeLessThan(30_000);
  },
);

test.each(["(a+)+$", "(\\p{L}+ ?)*!", ".*.*.*x", "", "(", "\\p{L}+|\\s"])(
  "another pattern, %s, is refused",
  (pattern) => {
    expect(() => tokenizerFromJson(withPattern(pattern), { source: "x.json" })).toThrow(
      /^The tokenizer x\.json is not as expected: `pre_tokenizer.pretokenizers.0.pattern.Regex`: is not a known pattern, and [^\n]*\.$/,
    );
  },
);
