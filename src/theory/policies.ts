import { normal, type RandomStream } from "../tensors/random.ts";
import { type CompletionSpace, splitByPrompt, treeSizes } from "./completion-space.ts";
import { entropy, logSoftmax } from "./distributions.ts";

/**
 * A token-level policy: log π(a | prefix) in nats, [prompts × edges]. Its distribution over completions is
 * P_π(ξ) = Π_h π(a_h | s_h).
 */
export type Policy = readonly number[];

/** The policy with these next-token logits, [prompts × edges]. */
export function policyFromLogits(space: CompletionSpace, logits: readonly number[]): Policy {
  const { actions } = space;
  return Array.from({ length: logits.length / actions }, (_, prefix) =>
    logSoftmax(logits.slice(prefix * actions, (prefix + 1) * actions)),
  ).flat();
}

/** A policy with independent normal logits of standard deviation `scale`. */
export function randomPolicy(space: CompletionSpace, stream: RandomStream, scale = 1): Policy {
  const length = space.prompts * treeSizes(space).edges;
  return policyFromLogits(
    space,
    Array.from({ length }, () => scale * normal(stream)),
  );
}

/** log P_π of every completion, [prompts × completions]: the sum of log π over its tokens. */
export function completionLogps(space: CompletionSpace, policy: Policy): number[] {
  const { prefixes } = treeSizes(space);
  return splitByPrompt(space, policy).flatMap((tree) => nodeLogps(space, tree).slice(prefixes));
}

/**
 * Backpropagates through `completionLogps`. `gradient` is the gradient of a function with respect to log P_π of the
 * completions, [prompts × completions]; the result is its gradient with respect to the policy's logits,
 * [prompts × edges]. For the edge from node m to node n that is S(n) − π S(m), where S(n) is the sum of `gradient` over
 * the completions below node n.
 */
export function logitGradient(space: CompletionSpace, policy: Policy, gradient: readonly number[]): number[] {
  const { prefixes, edges } = treeSizes(space);
  const gradients = splitByPrompt(space, gradient);
  return splitByPrompt(space, policy).flatMap((tree, prompt) => {
    const sums = [...new Array<number>(prefixes).fill(0), ...gradients[prompt]!];
    for (let edge = edges - 1; edge >= 0; edge--) sums[parentNode(space, edge)]! += sums[edge + 1]!;
    return tree.map((logp, edge) => sums[edge + 1]! - Math.exp(logp) * sums[parentNode(space, edge)]!);
  });
}

/** H(π) of each prompt by the chain rule: next-token entropies weighted by the probability of their prefix. */
export function policyEntropies(space: CompletionSpace, policy: Policy): number[] {
  const { actions } = space;
  const { prefixes } = treeSizes(space);
  return splitByPrompt(space, policy).map((tree) =>
    nodeLogps(space, tree)
      .slice(0, prefixes)
      .reduce((sum, logp, prefix) => {
        const next = tree.slice(prefix * actions, (prefix + 1) * actions);
        return logp === -Infinity ? sum : sum + Math.exp(logp) * entropy(next);
      }, 0),
  );
}

/** The node from which an edge leads. */
export function parentNode({ actions }: CompletionSpace, edge: number): number {
  return Math.floor(edge / actions);
}

/** The log-probability of reaching each node of one prompt's tree. */
function nodeLogps(space: CompletionSpace, tree: Policy): number[] {
  const logps = [0];
  for (const [edge, logp] of tree.entries()) logps.push(logps[parentNode(space, edge)]! + logp);
  return logps;
}
