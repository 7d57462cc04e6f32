import { checkSameLength } from "../evaluation/checks.ts";
import { type CompletionSpace, splitByPrompt, treeSizes } from "./completion-space.ts";
import { expectation, logSoftmax, logSumExp } from "./distributions.ts";
import { completionLogps, type Policy, parentNode, policyEntropies, policyFromLogits } from "./policies.ts";

/** The result of soft value iteration. */
export interface SoftOptimum {
  /** Q*(prefix, a) = log Σ exp(r) over the completions that start with the prefix and a, [prompts × edges]. */
  readonly q: readonly number[];
  /** log Z of each prompt, which equals the soft-optimal return. */
  readonly logZ: readonly number[];
  /** π*_r(a | prefix) = exp(Q* − V*). */
  readonly policy: Policy;
}

/**
 * The policy that maximises E_π[r] + H(π), by soft value iteration from the last token to the first:
 * V* = log Σ_a exp Q*. `rewards` are [prompts × completions]; −Infinity forbids a completion.
 */
export function softOptimal(space: CompletionSpace, rewards: readonly number[]): SoftOptimum {
  const { actions } = space;
  const { prefixes } = treeSizes(space);
  checkRewards(space, rewards);
  const trees = splitByPrompt(space, rewards).map((leafValues) => {
    const values = [...new Array<number>(prefixes).fill(0), ...leafValues];
    let logZ = 0;
    // The loop ends with the root, whose value is log Z.
    for (let prefix = prefixes - 1; prefix >= 0; prefix--) {
      logZ = logSumExp(values.slice(prefix * actions + 1, (prefix + 1) * actions + 1));
      values[prefix] = logZ;
    }
    return { q: values.slice(1), logZ };
  });
  const q = trees.flatMap((tree) => tree.q);
  return { q, logZ: trees.map((tree) => tree.logZ), policy: policyFromLogits(space, q) };
}

/** The Gibbs distribution P*_r ∝ exp(r) over completions: log-probabilities, [prompts × completions]. */
export function gibbs(space: CompletionSpace, rewards: readonly number[]): number[] {
  checkRewards(space, rewards);
  return splitByPrompt(space, rewards).flatMap(logSoftmax);
}

/** The soft return E_π[r] + H(π) of each prompt, with the entropy by the chain rule over tokens. */
export function softReturns(space: CompletionSpace, policy: Policy, rewards: readonly number[]): number[] {
  checkRewards(space, rewards);
  const logps = splitByPrompt(space, completionLogps(space, policy));
  const promptRewards = splitByPrompt(space, rewards);
  return policyEntropies(space, policy).map(
    (entropy, prompt) => expectation(logps[prompt]!, promptRewards[prompt]!) + entropy,
  );
}

/**
 * The reward r / β + log P_ref, whose soft-optimal policy maximises E_π[r] − β KL(P_π ‖ P_ref). `rewards` and
 * `reference` (log P_ref) are [prompts × completions].
 */
export function klRegularisedRewards(
  rewards: readonly number[],
  reference: readonly number[],
  beta: number,
): number[] {
  checkSameLength("rewards", rewards, "reference", reference);
  return rewards.map((reward, at) => reward / beta + reference[at]!);
}

/**
 * Exact policy gradient: `steps` ascent steps of size `rate` on E_π[r] + H(π) in the logits, starting from the
 * uniform policy.
 */
export function ascendSoftReturn(
  space: CompletionSpace,
  rewards: readonly number[],
  steps: number,
  rate: number,
): Policy {
  let logits = new Array<number>(space.prompts * treeSizes(space).edges).fill(0);
  for (let step = 0; step < steps; step++) {
    const gradient = softReturnGradient(space, policyFromLogits(space, logits), rewards);
    logits = logits.map((logit, edge) => logit + rate * gradient[edge]!);
  }
  return policyFromLogits(space, logits);
}

/**
 * The gradient of E_π[r] + H(π), summed over prompts, with respect to the policy's logits, [prompts × edges]: the
 * probability of each edge times its soft advantage Q_π − log π − V_π.
 */
export function softReturnGradient(
  space: CompletionSpace,
  policy: Policy,
  rewards: readonly number[],
): number[] {
  const { prefixes, edges } = treeSizes(space);
  const promptRewards = splitByPrompt(space, rewards);
  return splitByPrompt(space, policy).flatMap((tree, prompt) => {
    const values = [...new Array<number>(prefixes).fill(0), ...promptRewards[prompt]!];
    for (let edge = edges - 1; edge >= 0; edge--)
      values[parentNode(space, edge)]! += Math.exp(tree[edge]!) * (values[edge + 1]! - tree[edge]!);
    const reach = [1];
    for (const [edge, logp] of tree.entries()) reach.push(reach[parentNode(space, edge)]! * Math.exp(logp));
    return tree.map(
      (logp, edge) => reach[edge + 1]! * (values[edge + 1]! - logp - values[parentNode(space, edge)]!),
    );
  });
}

function checkRewards(space: CompletionSpace, rewards: readonly number[]): void {
  const expected = space.prompts * treeSizes(space).completions;
  if (rewards.length !== expected)
    throw new Error(
      `rewards must have one number for each of the ${expected} completions, not ${rewards.length}.`,
    );
}
