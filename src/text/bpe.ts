/** What byte-level BPE learns: tokens in the order of their ids, and merges in the order of their ranks. */
export interface Bpe {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/** GPT-2's division of text into pieces that no token crosses, with Unicode's definition of white space. */
export const PIECES =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|" +
  "\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+";

/**
 * A printable character for each byte, as GPT-2 writes tokens: printable Latin-1 bytes stand for
 * themselves, the others for U+0100 onwards in order.
 */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

/**
 * Learns byte-level BPE (Sennrich et al. 2016, on bytes as in GPT-2) from texts: the vocabulary is
 * `specialTokens`, then the 256 bytes, then the most frequent pair of neighbours merged again and again
 * (ties: the pair of smaller ids) up to `vocabSize` tokens, or fewer where no pair occurs twice.
 */
export function trainBpe(texts: Iterable<string>, vocabSize: number, specialTokens: readonly string[]): Bpe {
  const tokens = [...specialTokens, ...[...BYTE_CHARACTERS].sort()];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: [string, string][] = [];
  const words = countPieces(texts).map(({ piece, count }) => ({
    count,
    symbols: Array.from(Buffer.from(piece, "utf8"), (byte) => ids.get(BYTE_CHARACTERS[byte]!)!),
  }));
  const pairs = new PairCounts();
  words.forEach(({ symbols, count }, word) => {
    pairs.add(symbols, word, count);
  });
  while (tokens.length < vocabSize) {
    const best = pairs.mostFrequent();
    if (best === undefined || best.count < 2) break;
    const { left, right } = best;
    const token = tokens[left]! + tokens[right]!;
    if (!ids.has(token)) ids.set(token, tokens.push(token) - 1);
    const merged = ids.get(token)!;
    merges.push([tokens[left]!, tokens[right]!]);
    for (const index of best.words) {
      const word = words[index]!;
      pairs.add(word.symbols, index, -word.count);
      word.symbols = mergePair(word.symbols, left, right, merged);
      pairs.add(word.symbols, index, word.count);
    }
    pairs.drop(best);
  }
  return { tokens, merges };
}

function countPieces(texts: Iterable<string>): { piece: string; count: number }[] {
  const counts = new Map<string, number>();
  const pattern = new RegExp(PIECES, "gu");
  for (const text of texts) {
    for (const piece of text.match(pattern) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return Array.from(counts, ([piece, count]) => ({ piece, count }));
}

function mergePair(symbols: readonly number[], left: number, right: number, merged: number): number[] {
  const result: number[] = [];
  for (let at = 0; at < symbols.length; at++) {
    if (symbols[at] === left && symbols[at + 1] === right) {
      result.push(merged);
      at++;
    } else {
      result.push(symbols[at]!);
    }
  }
  return result;
}

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** The words that held the pair at some time: each that holds it now is among them. */
  readonly words: Set<number>;
  slot: number;
}

/** How often each pair of neighbouring tokens occurs, kept up to date while words change. */
class PairCounts {
  private readonly byKey = new Map<number, Pair>();
  private readonly live: Pair[] = [];

  /** Adds `count` (taken away where negative) for each pair of neighbours in a word. */
  add(symbols: readonly number[], word: number, count: number): void {
    for (let at = 0; at + 1 < symbols.length; at++) {
      const [left, right] = [symbols[at]!, symbols[at + 1]!];
      const key = left * 2 ** 24 + right;
      let pair = this.byKey.get(key);
      if (pair === undefined) {
        pair = { left, right, count: 0, words: new Set(), slot: this.live.length };
        this.byKey.set(key, pair);
        this.live.push(pair);
      }
      pair.count += count;
      if (count > 0) pair.words.add(word);
    }
  }

  /** The pair that occurs most often, of equals the one with the smaller ids. */
  mostFrequent(): Pair | undefined {
    let best: Pair | undefined;
    for (const pair of this.live) {
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

  /** Forgets a pair that is merged wherever it occurred. */
  drop(pair: Pair): void {
    const last = this.live.pop()!;
    if (last !== pair) {
      this.live[pair.slot] = last;
      last.slot = pair.slot;
    }
    this.byKey.delete(pair.left * 2 ** 24 + pair.right);
  }
}

function precedes(a: Pair, b: Pair): boolean {
  return a.left < b.left || (a.left === b.left && a.right < b.right);
}
