import type { Features } from "./classes.ts";
import { type Space, sizesOf, tokensOf } from "./completions.ts";

/**
 * Which token stands at which step, one feature for each but token 0, the same for all prompts:
 * [prompts × completions] rows of horizon · (actions − 1).
 */
export function tokenFeatures(space: Space): Features {
  const { prompts, actions } = space;
  const rows = Array.from({ length: sizesOf(space).completions }, (_, completion) =>
    tokensOf(space, completion).flatMap((token) =>
      Array.from({ length: actions - 1 }, (_, other) => (token === other + 1 ? 1 : 0)),
    ),
  );
  return Array.from({ length: prompts }, () => rows).flat();
}

/**
 * All interactions of two tokens, from single steps up: for each non-empty set of steps, smaller sets first, the
 * product of −1 for token 0 and +1 for token 1 over the set. As many as the horizon are as good as `tokenFeatures`;
 * all of them, one less than the completions, tell every reward of a single prompt up to a constant. Throws where there
 * are more than two tokens or one prompt.
 */
export function interactionFeatures(space: Space): Features {
  const { prompts, actions, horizon } = space;
  if (actions !== 2 || prompts !== 1)
    throw new Error(`Interactions are of 2 tokens and 1 prompt, not of ${actions} and ${prompts}.`);
  const size = (set: number) => set.toString(2).replaceAll("0", "").length;
  const sets = Array.from({ length: 2 ** horizon - 1 }, (_, at) => at + 1).sort(
    (a, b) => size(a) - size(b) || a - b,
  );
  return Array.from({ length: sizesOf(space).completions }, (_, completion) => {
    const signs = tokensOf(space, completion).map((token) => 2 * token - 1);
    return sets.map((set) =>
      signs.reduce((product, sign, step) => (set & (1 << step) ? product * sign : product), 1),
    );
  });
}
