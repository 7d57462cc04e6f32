/** A trained byte-level BPE: tokens in the order of their ids, and merges in the order of their ranks. */
export interface Bpe {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/** GPT-2's pre-tokenisation pattern, with Unicode's definition of white space. No token crosses a match's boundary. */
export const PRE_TOKEN_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|" +
  "\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+";

/**
 * GPT-2's printable character for each byte: printable Latin-1 bytes are themselves, the others are U+0100 onwards in
 * order.
 */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

/**
 * Trains byte-level BPE (Sennrich et al. 2016, on bytes as in GPT-2). The vocabulary is `specialTokens`, then the 256
 * bytes, then merges. Each step merges the most frequent pair of adjacent tokens (ties: the pair with the smaller ids),
 * until there are `vocabSize` tokens or no pair occurs twice.
 */
export function trainBpe(texts: Iterable<string>, vocabSize: number, specialTokens: readonly string[]): Bpe {
  const bytes = [...BYTE_CHARACTERS].sort();
  const tokens = [...specialTokens, ...bytes];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: [string, string][] = [];
  const byteIds = BYTE_CHARACTERS.map((character) => specialTokens.length + bytes.indexOf(character));
  const words = countWords(texts).map(
    ({ text, count }): Word => ({
      count,
      symbols: Array.from(Buffer.from(text, "utf8"), (byte) => byteIds[byte]!),
    }),
  );
  const pairs = new PairCounts();
  for (const word of words) {
    for (let at = 0; at + 1 < word.symbols.length; at++) pairs.add(word, word.symbols, at, word.count);
  }
  while (tokens.length < vocabSize) {
    const best = pairs.mostFrequent();
    if (best === undefined || best.count < 2) break;
    const { left, right } = best;
    const [first, second] = [tokens[left]!, tokens[right]!];
    const token = first + second;
    const merged = ids.get(token) ?? tokens.push(token) - 1;
    ids.set(token, merged);
    merges.push([first, second]);
    for (const word of best.words) mergePair(word, left, right, merged, pairs);
    pairs.remove(best);
  }
  return { tokens, merges };
}

/** A pre-token of the texts, as token ids. */
interface Word {
  /** How often it occurs. */
  readonly count: number;
  symbols: readonly number[];
}

function countWords(texts: Iterable<string>): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  const pattern = new RegExp(PRE_TOKEN_PATTERN, "gu");
  for (const text of texts) {
    for (const word of text.match(pattern) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return Array.from(counts, ([text, count]) => ({ text, count }));
}

/** Merges a pair in a word, and counts the pairs that this removes and makes: a long word has many others. */
function mergePair(word: Word, left: number, right: number, merged: number, pairs: PairCounts): void {
  const { symbols, count } = word;
  const result: number[] = [];
  const places: number[] = [];
  let counted = -1;
  for (let at = 0; at < symbols.length; at++) {
    if (symbols[at] !== left || symbols[at + 1] !== right) {
      result.push(symbols[at]!);
      continue;
    }
    for (let pair = Math.max(counted + 1, at - 1); pair <= at + 1 && pair + 1 < symbols.length; pair++) {
      pairs.add(word, symbols, pair, -count);
      counted = pair;
    }
    places.push(result.push(merged) - 1);
    at++;
  }
  if (places.length === 0) return;
  word.symbols = result;
  counted = -1;
  for (const place of places) {
    for (let pair = Math.max(counted + 1, place - 1); pair <= place && pair + 1 < result.length; pair++) {
      pairs.add(word, result, pair, count);
      counted = pair;
    }
  }
}

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** A superset of the words that contain the pair: those that have contained it at any time. */
  readonly words: Set<Word>;
  /** Index in `PairCounts.pairs`. */
  slot: number;
}

/** Counts of pairs of adjacent tokens, updated while words change. */
class PairCounts {
  private readonly byKey = new Map<number, Pair>();
  private readonly pairs: Pair[] = [];

  /** Adds `count`, which may be negative, for the pair of a word's symbols that begins at `at`. */
  add(word: Word, symbols: readonly number[], at: number, count: number): void {
    const [left, right] = [symbols[at]!, symbols[at + 1]!];
    const key = left * 2 ** 24 + right;
    let pair = this.byKey.get(key);
    if (pair === undefined) {
      pair = { left, right, count: 0, words: new Set(), slot: this.pairs.length };
      this.byKey.set(key, pair);
      this.pairs.push(pair);
    }
    pair.count += count;
    if (count > 0) pair.words.add(word);
  }

  /** The most frequent pair (ties: the one with the smaller ids). */
  mostFrequent(): Pair | undefined {
    let best: Pair | undefined;
    for (const pair of this.pairs) {
      if (
        best === undefined ||
        pair.count > best.count ||
        (pair.count === best.count && precedes(pair, best))
      ) {
        best = pair;
      }
    }
    return best;
  }

  /** Removes a pair that has been merged everywhere. */
  remove(pair: Pair): void {
    const last = this.pairs.pop();
    if (last !== undefined && last !== pair) {
      this.pairs[pair.slot] = last;
      last.slot = pair.slot;
    }
    this.byKey.delete(pair.left * 2 ** 24 + pair.right);
  }
}

function precedes(a: Pair, b: Pair): boolean {
  return a.left < b.left || (a.left === b.left && a.right < b.right);
}
