/** Splits one pre-token into the tokens of a BPE model. */
export type BpeEncoder = (word: string) => string[];

/** Words up to this length are remembered, and so many of them. */
const REMEMBERED = { length: 256, words: 50_000 } as const;
/** Ids are below it, so that a pair of them is one exact number. */
const IDS = 2 ** 20;

/**
 * The BPE of a vocabulary and its merges in the order of their ranks: as long as two adjacent tokens can be merged, merges
 * the pair of the lowest rank (ties: the leftmost). Characters that are not in the vocabulary stay as they are. A word of
 * n characters takes O(n log n) time. Every id must be below 2^20, and every merge's tokens in the vocabulary.
 */
export function bpeEncoder(
  vocabulary: Readonly<Record<string, number>>,
  merges: readonly (readonly [string, string])[],
): BpeEncoder {
  const ids = new Map(Object.entries(vocabulary));
  const tokens: string[] = [];
  for (const [token, id] of ids) tokens[id] = token;
  const ranks = new Map<number, number>();
  const merged = Int32Array.from(merges, ([left, right], rank) => {
    ranks.set(ids.get(left)! * IDS + ids.get(right)!, rank);
    return ids.get(left + right)!;
  });
  const remembered = new Map<string, string[]>();

  const encode = (word: string): string[] => {
    const characters = Array.from(word);
    const { length } = characters;
    const symbols = Int32Array.from(characters, (character) => ids.get(character) ?? -1);
    const next = Int32Array.from(symbols, (_, at) => at + 1);
    const previous = Int32Array.from(symbols, (_, at) => at - 1);
    const rankAt = (at: number): number | undefined => {
      const after = at < 0 ? length : next[at]!;
      return after === length || symbols[at]! < 0 || symbols[after]! < 0
        ? undefined
        : ranks.get(symbols[at]! * IDS + symbols[after]!);
    };
    // What may be merged, as rank × length + place: the order of numbers is that of merging.
    const queue = new MinHeap();
    const offer = (at: number): void => {
      const rank = rankAt(at);
      if (rank !== undefined) queue.push(rank * length + at);
    };
    for (let at = 0; at < length - 1; at++) offer(at);
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      const rank = Math.floor(entry / length);
      const at = entry - rank * length;
      // The pair may have been merged with others since.
      if (symbols[at] === MERGED || rankAt(at) !== rank) continue;
      const right = next[at]!;
      symbols[at] = merged[rank]!;
      symbols[right] = MERGED;
      next[at] = next[right]!;
      if (next[at]! < length) previous[next[at]!] = at;
      offer(previous[at]!);
      offer(at);
    }
    const found: string[] = [];
    for (let at = 0; at < length; at = next[at]!) {
      found.push(symbols[at]! < 0 ? characters[at]! : tokens[symbols[at]!]!);
    }
    return found;
  };

  return (word) => {
    if (word.length > REMEMBERED.length) return encode(word);
    let found = remembered.get(word);
    if (found === undefined) {
      found = encode(word);
      if (remembered.size >= REMEMBERED.words) remembered.clear();
      remembered.set(word, found);
    }
    return found;
  };
}

/** The symbol of a place that was merged into the one before it. */
const MERGED = -2;

/** A binary heap of numbers. */
class MinHeap {
  private readonly items: number[] = [];

  push(item: number): void {
    const { items } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  /** Removes the smallest number and returns it; undefined if there is none. */
  pop(): number | undefined {
    const { items } = this;
    const smallest = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return smallest;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return smallest;
  }
}
