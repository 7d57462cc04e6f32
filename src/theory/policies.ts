import { normal, type RandomStream } from "../tensors/random.ts";
import { promptsOf, type Space, sizesOf } from "./completions.ts";
import { entropy, logSoftmax } from "./distributions.ts";

/**
 * A policy that writes token by token: log π(a | prefix) in nats for every edge, [prompts × edges]. Its
 * distribution over completions is P_π(ξ) = Π_h π(a_h | s_h).
 */
export type Policy = readonly number[];

/** The policy whose next tokens have these logits, [prompts × edges]. */
export function policyOf(space: Space, logits: readonly number[]): Policy {
  const { actions } = space;
  return Array.from({ length: logits.length / actions }, (_, prefix) =>
    logSoftmax(logits.slice(prefix * actions, (prefix + 1) * actions)),
  ).flat();
}

/** A policy with independent normal logits of standard deviation `scale`. */
export function randomPolicy(space: Space, stream: RandomStream, scale = 1): Policy {
  const length = space.prompts * sizesOf(space).edges;
  return policyOf(
    space,
    Array.from({ length }, () => scale * normal(stream)),
  );
}

/** log P_π of every completion, [prompts × completions]: the sum of log π along its tokens. */
export function completionLogps(space: Space, policy: Policy): number[] {
  return promptsOf(space, policy).flatMap((own) => nodeLogps(space, own).slice(sizesOf(space).prefixes));
}

/**
 * The gradient in the logits of a policy, [prompts × edges], of a function whose gradient in log P_π of the
 * completions is `gradient`: for the edge into node n from node m, Σ over completions below n less π times
 * Σ over those below m.
 */
export function logitGradient(space: Space, policy: Policy, gradient: readonly number[]): number[] {
  const { prefixes, edges } = sizesOf(space);
  const perPrompt = promptsOf(space, gradient);
  return promptsOf(space, policy).flatMap((own, prompt) => {
    const below = [...new Array<number>(prefixes).fill(0), ...perPrompt[prompt]!];
    for (let edge = edges - 1; edge >= 0; edge--) below[parentOf(space, edge)]! += below[edge + 1]!;
    return own.map((logp, edge) => below[edge + 1]! - Math.exp(logp) * below[parentOf(space, edge)]!);
  });
}

/** H(π) of each prompt by the chain rule: the entropy of the next token, weighted by how often its prefix is met. */
export function policyEntropies(space: Space, policy: Policy): number[] {
  const { actions } = space;
  const { prefixes } = sizesOf(space);
  return promptsOf(space, policy).map((own) =>
    nodeLogps(space, own)
      .slice(0, prefixes)
      .reduce((sum, logp, prefix) => {
        const next = own.slice(prefix * actions, (prefix + 1) * actions);
        return logp === -Infinity ? sum : sum + Math.exp(logp) * entropy(next);
      }, 0),
  );
}

/** The node that an edge leaves. */
export function parentOf({ actions }: Space, edge: number): number {
  return Math.floor(edge / actions);
}

/** log-probability of meeting each node of one prompt's tree. */
function nodeLogps(space: Space, policy: Policy): number[] {
  const logps = [0];
  for (const [edge, logp] of policy.entries()) logps.push(logps[parentOf(space, edge)]! + logp);
  return logps;
}
