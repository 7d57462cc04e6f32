import fc from "fast-check";
import { expect, test } from "vitest";
import { BYTE_CHARACTERS, PRE_TOKEN_PATTERN, trainBpe } from "../../src/text/bpe.ts";

/** Merges learnt by counting all pairs of all words anew at every step. */
function plainMerges(texts: readonly string[], steps: number): [string, string][] {
  const tokens = [...BYTE_CHARACTERS].sort();
  const words = texts
    .flatMap((text) => text.match(new RegExp(PRE_TOKEN_PATTERN, "gu")) ?? [])
    .map((word) => Array.from(Buffer.from(word), (byte) => BYTE_CHARACTERS[byte]!));
  const merges: [string, string][] = [];
  const rank = ([left, right]: readonly string[]) => tokens.indexOf(left!) * 1e6 + tokens.indexOf(right!);
  while (merges.length < steps) {
    const counts = new Map<string, number>();
    for (const word of words)
      for (let at = 0; at + 1 < word.length; at++) {
        const pair = `${word[at]} ${word[at + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    const [best] = [...counts].sort(([a, m], [b, n]) => n - m || rank(a.split(" ")) - rank(b.split(" ")));
    if (best === undefined || best[1] < 2) break;
    const [left, right] = best[0].split(" ") as [string, string];
    merges.push([left, right]);
    if (!tokens.includes(left + right)) tokens.push(left + right);
    for (const word of words)
      for (let at = 0; at + 1 < word.length; at++)
        if (word[at] === left && word[at + 1] === right) word.splice(at, 2, left + right);
  }
  return merges;
}

test("trainBpe learns the merges that counting anew at every step gives", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "aa", "ab", "ba", " ", "é"), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), (parts) => {
      const texts = parts.map((part) => part.join(""));
      const { merges, tokens } = trainBpe(texts, 268, []);
      // Where training stopped before 268 tokens, there should be no further merge.
      expect(merges).toEqual(plainMerges(texts, tokens.length < 268 ? merges.length + 1 : merges.length));
    }),
    { numRuns: 300 },
  );
});
