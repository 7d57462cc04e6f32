import { checkSameLength } from "../evaluation/checks.ts";
import { promptsOf, type Space, sizesOf } from "./completions.ts";
import { expectation, logSoftmax, logSumExp } from "./distributions.ts";
import { completionLogps, type Policy, parentOf, policyEntropies, policyOf } from "./policies.ts";

/** What soft value iteration finds. */
export interface SoftOptimum {
  /** Q*(prefix, a) = log Σ exp(r) over the completions that begin so, [prompts × edges]. */
  readonly q: readonly number[];
  /** log Z of each prompt, which is the soft-optimal return. */
  readonly logZ: readonly number[];
  /** π*_r(a | prefix) = exp(Q* − V*). */
  readonly policy: Policy;
}

/**
 * The policy that maximises E_π[r] + H(π), prefix by prefix from the last token back: V* = log Σ_a exp Q*. `rewards`
 * are those of the completions, [prompts × completions]; −Infinity forbids one.
 */
export function softOptimal(space: Space, rewards: readonly number[]): SoftOptimum {
  const { actions } = space;
  const { prefixes } = sizesOf(space);
  checkRewards(space, rewards);
  const trees = promptsOf(space, rewards).map((own) => {
    const values = [...new Array<number>(prefixes).fill(0), ...own];
    for (let prefix = prefixes - 1; prefix >= 0; prefix--)
      values[prefix] = logSumExp(values.slice(prefix * actions + 1, (prefix + 1) * actions + 1));
    return { q: values.slice(1), logZ: values[0]! };
  });
  const q = trees.flatMap((tree) => tree.q);
  return { q, logZ: trees.map((tree) => tree.logZ), policy: policyOf(space, q) };
}

/** P*_r of the completions, proportional to exp(r): log-probabilities, [prompts × completions]. */
export function gibbs(space: Space, rewards: readonly number[]): number[] {
  checkRewards(space, rewards);
  return promptsOf(space, rewards).flatMap(logSoftmax);
}

/** E_π[r] + H(π) of each prompt, the entropy by the chain rule over tokens. */
export function softReturns(space: Space, policy: Policy, rewards: readonly number[]): number[] {
  checkRewards(space, rewards);
  const completions = promptsOf(space, completionLogps(space, policy));
  const own = promptsOf(space, rewards);
  return policyEntropies(space, policy).map(
    (entropy, prompt) => expectation(completions[prompt]!, own[prompt]!) + entropy,
  );
}

/**
 * The reward r / β + log P_ref, whose soft-optimal policy maximises E_π[r] − β KL(P_π ‖ P_ref). `rewards` and the
 * reference's log-probabilities are those of the completions.
 */
export function regularised(
  rewards: readonly number[],
  reference: readonly number[],
  beta: number,
): number[] {
  checkSameLength("rewards", rewards, "reference", reference);
  return rewards.map((reward, at) => reward / beta + reference[at]!);
}

/**
 * Policy gradient with exact expectations: `steps` steps of size `rate` up the gradient of E_π[r] + H(π) in the
 * logits, from the uniform policy.
 */
export function ascend(space: Space, rewards: readonly number[], steps: number, rate: number): Policy {
  let logits = new Array<number>(space.prompts * sizesOf(space).edges).fill(0);
  for (let step = 0; step < steps; step++) {
    const gradient = softReturnGradient(space, policyOf(space, logits), rewards);
    logits = logits.map((logit, edge) => logit + rate * gradient[edge]!);
  }
  return policyOf(space, logits);
}

/**
 * The gradient of E_π[r] + H(π), summed over prompts, in the policy's logits: for each edge the probability of
 * taking it times its soft advantage Q_π − log π − V_π.
 */
export function softReturnGradient(space: Space, policy: Policy, rewards: readonly number[]): number[] {
  const { prefixes, edges } = sizesOf(space);
  const perPrompt = promptsOf(space, rewards);
  return promptsOf(space, policy).flatMap((own, prompt) => {
    const values = [...new Array<number>(prefixes).fill(0), ...perPrompt[prompt]!];
    for (let edge = edges - 1; edge >= 0; edge--)
      values[parentOf(space, edge)]! += Math.exp(own[edge]!) * (values[edge + 1]! - own[edge]!);
    const reach = [1];
    for (const [edge, logp] of own.entries()) reach.push(reach[parentOf(space, edge)]! * Math.exp(logp));
    return own.map(
      (logp, edge) => reach[edge + 1]! * (values[edge + 1]! - logp - values[parentOf(space, edge)]!),
    );
  });
}

function checkRewards(space: Space, rewards: readonly number[]): void {
  const expected = space.prompts * sizesOf(space).completions;
  if (rewards.length !== expected)
    throw new Error(
      `rewards must have one number for each of the ${expected} completions, not ${rewards.length}.`,
    );
}
