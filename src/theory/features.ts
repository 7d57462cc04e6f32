import { type CompletionSpace, completionTokens, treeSizes } from "./completion-space.ts";
import type { Features } from "./function-classes.ts";

/**
 * One-hot tokens per step, without token 0, and the same for all prompts: [prompts × completions] rows of
 * horizon · (actions − 1) features.
 */
export function tokenFeatures(space: CompletionSpace): Features {
  const { prompts, actions } = space;
  const rows = Array.from({ length: treeSizes(space).completions }, (_, completion) =>
    completionTokens(space, completion).flatMap((token) =>
      Array.from({ length: actions - 1 }, (_, other) => (token === other + 1 ? 1 : 0)),
    ),
  );
  return Array.from({ length: prompts }, () => rows).flat();
}

/**
 * Interaction features (the Walsh basis) of binary tokens for one prompt: for each non-empty set of steps, smaller sets
 * first, the product over the set of −1 for token 0 and +1 for token 1. The first `horizon` features span the same
 * rewards as `tokenFeatures` up to a constant; all 2^horizon − 1 features span every reward up to a constant. Throws if
 * there are more than two tokens or more than one prompt.
 */
export function interactionFeatures(space: CompletionSpace): Features {
  const { prompts, actions, horizon } = space;
  if (actions !== 2 || prompts !== 1)
    throw new Error(`Interaction features need 2 tokens and 1 prompt, not ${actions} and ${prompts}.`);
  const size = (set: number) => set.toString(2).replaceAll("0", "").length;
  const sets = Array.from({ length: 2 ** horizon - 1 }, (_, at) => at + 1).sort(
    (a, b) => size(a) - size(b) || a - b,
  );
  return Array.from({ length: treeSizes(space).completions }, (_, completion) => {
    const signs = completionTokens(space, completion).map((token) => 2 * token - 1);
    return sets.map((set) =>
      signs.reduce((product, sign, step) => (set & (1 << step) ? product * sign : product), 1),
    );
  });
}
