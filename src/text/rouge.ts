import { porterStem } from "./porter.ts";

/** ROUGE-L of a prediction against a target; all values in [0, 1]. */
export interface RougeScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * ROUGE-L (Lin 2004) as in Google's `rouge-score` 0.1.2: P = LCS / |prediction|, R = LCS / |target| and
 * F1 = 2PR / (P + R), where LCS is the length of the longest common subsequence of the texts' `rougeTokens`. All three
 * are 0 if either text has no tokens.
 */
export function rougeL(target: string, prediction: string, { stem = false } = {}): RougeScore {
  return rougeLOfWords(rougeTokens(target, stem), rougeTokens(prediction, stem));
}

/** `rougeL` of texts that have been split into words, which may be token ids. */
export function rougeLOfWords<T>(target: readonly T[], prediction: readonly T[]): RougeScore {
  const common = longestCommonSubsequence(target, prediction);
  if (common === 0) return { precision: 0, recall: 0, f1: 0 };
  const precision = common / prediction.length;
  const recall = common / target.length;
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}

/**
 * The words that ROUGE compares: runs of a-z and 0-9 in the lower-cased text. With `stem`, words of more than three
 * characters are replaced by their Porter stems.
 */
export function rougeTokens(text: string, stem = false): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return stem ? words.map((word) => (word.length > 3 ? porterStem(word) : word)) : words;
}

/** Length of the longest common subsequence, in O(|a| |b|) time and O(|b|) memory. */
export function longestCommonSubsequence<T>(a: readonly T[], b: readonly T[]): number {
  const lengths = new Uint32Array(b.length + 1);
  for (const item of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = lengths[j]!;
      lengths[j] = item === b[j - 1] ? diagonal + 1 : Math.max(above, lengths[j - 1]!);
      diagonal = above;
    }
  }
  return lengths.at(-1) ?? 0;
}
