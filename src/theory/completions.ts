import { checkWhole } from "../evaluation/checks.ts";

/**
 * Prompts, each with every completion of `horizon` tokens out of `actions`: small enough to enumerate.
 *
 * A prompt's prefixes and completions are the nodes of a tree, numbered level by level: 0 is the empty prefix and
 * token a leads from node n to node n · actions + a + 1. The edge into node n is therefore edge n − 1. Tables over
 * edges (logits, log π, Q) and over completions (rewards, log P) are flat, prompt after prompt.
 */
export interface Space {
  readonly prompts: number;
  readonly actions: number;
  readonly horizon: number;
}

/** How many of each a prompt has. */
export interface Sizes {
  /** Prefixes that another token follows, the empty one among them. */
  readonly prefixes: number;
  readonly completions: number;
  /** Pairs of a prefix and a next token. */
  readonly edges: number;
}

/** The most completions over all prompts that are enumerated. */
const MOST = 100_000;

/** The sizes of `space`. Throws where it has no prompt, fewer than two tokens, no step, or too many completions. */
export function sizesOf({ prompts, actions, horizon }: Space): Sizes {
  checkWhole("prompts", prompts, 1);
  checkWhole("actions", actions, 2);
  checkWhole("horizon", horizon, 1);
  const completions = actions ** horizon;
  if (prompts * completions > MOST)
    throw new Error(
      `${prompts} prompts with ${actions}^${horizon} completions are more than the ${MOST} that are enumerated: ` +
        "take a shorter horizon or fewer tokens.",
    );
  const prefixes = (completions - 1) / (actions - 1);
  return { prefixes, completions, edges: prefixes * actions };
}

/** The tokens of completion `index` of a prompt, from 0 to actions − 1. */
export function tokensOf({ actions, horizon }: Space, index: number): number[] {
  return Array.from(
    { length: horizon },
    (_, step) => Math.floor(index / actions ** (horizon - 1 - step)) % actions,
  );
}

/** A flat table cut into its prompts. Throws where its length is not that of `prompts` equal parts. */
export function promptsOf<T>({ prompts }: Space, table: readonly T[]): T[][] {
  const length = table.length / prompts;
  checkWhole(`The length of the table divided by ${prompts} prompts`, length, 1);
  return Array.from({ length: prompts }, (_, prompt) => table.slice(prompt * length, (prompt + 1) * length));
}
