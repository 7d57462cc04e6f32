import { checkWhole } from "../evaluation/checks.ts";

/**
 * Prompts, each with all completions of `horizon` tokens from an alphabet of `actions` tokens: small enough to
 * enumerate.
 *
 * The prefixes and completions of a prompt form a tree whose nodes are numbered level by level: node 0 is the empty
 * prefix, and token a leads from node n to node n · actions + a + 1. The edge into node n has the number n − 1. Tables
 * over edges (logits, log π, Q) and over completions (rewards, log P) are flat, one prompt after another.
 */
export interface CompletionSpace {
  readonly prompts: number;
  readonly actions: number;
  readonly horizon: number;
}

/** Sizes of one prompt's tree. */
export interface TreeSizes {
  /** Number of prefixes that are followed by another token, including the empty prefix. */
  readonly prefixes: number;
  readonly completions: number;
  /** Number of pairs of a prefix and a next token. */
  readonly edges: number;
}

/** Limit on the number of completions over all prompts. */
const MAX_COMPLETIONS = 100_000;

/** The sizes of each prompt's tree. Throws if there are no prompts, fewer than 2 tokens, no steps, or too many completions. */
export function treeSizes({ prompts, actions, horizon }: CompletionSpace): TreeSizes {
  checkWhole("prompts", prompts, 1);
  checkWhole("actions", actions, 2);
  checkWhole("horizon", horizon, 1);
  const completions = actions ** horizon;
  if (prompts * completions > MAX_COMPLETIONS)
    throw new Error(
      `${prompts} prompts with ${actions}^${horizon} completions exceed the limit of ${MAX_COMPLETIONS} completions: ` +
        "take a shorter horizon or fewer tokens.",
    );
  const prefixes = (completions - 1) / (actions - 1);
  return { prefixes, completions, edges: prefixes * actions };
}

/** The tokens, 0 to actions − 1, of a prompt's completion number `index`. */
export function completionTokens({ actions, horizon }: CompletionSpace, index: number): number[] {
  return Array.from(
    { length: horizon },
    (_, step) => Math.floor(index / actions ** (horizon - 1 - step)) % actions,
  );
}

/** Splits a flat table into one list per prompt. Throws if its length is not a multiple of the number of prompts. */
export function splitByPrompt<T>({ prompts }: CompletionSpace, table: readonly T[]): T[][] {
  const length = table.length / prompts;
  checkWhole(`The length of the table divided by ${prompts} prompts`, length, 1);
  return Array.from({ length: prompts }, (_, prompt) => table.slice(prompt * length, (prompt + 1) * length));
}
