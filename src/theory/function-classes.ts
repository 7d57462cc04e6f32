import { checkSameLength } from "../evaluation/checks.ts";
import { type CompletionSpace, splitByPrompt, treeSizes } from "./completion-space.ts";
import { logSoftmax } from "./distributions.ts";
import { completionLogps, logitGradient, policyFromLogits } from "./policies.ts";

/** A parametrised class of functions of completions: rewards, or log-probabilities of policies. */
export interface FunctionClass {
  /** Number of parameters. */
  readonly parameters: number;
  /** The function with parameters θ, [prompts × completions]. */
  readonly values: (theta: readonly number[]) => number[];
  /** Vector-Jacobian product: maps a gradient with respect to the values to the gradient with respect to θ. */
  readonly vjp: (theta: readonly number[], gradient: readonly number[]) => number[];
}

/** One row of features per completion or per edge, [rows × features]. */
export type Features = readonly (readonly number[])[];

/** All rewards: one parameter per completion. */
export function tabularRewards(space: CompletionSpace): FunctionClass {
  const parameters = space.prompts * treeSizes(space).completions;
  return { parameters, values: (theta) => [...theta], vjp: (_, gradient) => [...gradient] };
}

/** The linear rewards Φθ, with one row of `features` (Φ) per completion. Throws if there are no features. */
export function linearRewards(features: Features): FunctionClass {
  const parameters = features[0]?.length ?? 0;
  if (parameters === 0) throw new Error("features are empty: give at least one for each completion.");
  return {
    parameters,
    values: (theta) => features.map((row) => row.reduce((sum, x, at) => sum + x * theta[at]!, 0)),
    vjp: (_, gradient) => {
      checkSameLength("features", features, "the gradient", gradient);
      const sums = new Array<number>(parameters).fill(0);
      for (const [row, slope] of gradient.entries())
        for (const [at, x] of features[row]!.entries()) sums[at]! += slope * x;
      return sums;
    },
  };
}

/**
 * Policies as log P_π of the completions. Without `features` all policies, with one logit per edge; with `features`
 * (Ψ, [prompts × edges] rows) the policies with logits Ψθ.
 */
export function policyClass(space: CompletionSpace, features?: Features): FunctionClass {
  const logits = features && linearRewards(features);
  const policyAt = (theta: readonly number[]) => policyFromLogits(space, logits?.values(theta) ?? theta);
  return {
    parameters: logits?.parameters ?? space.prompts * treeSizes(space).edges,
    values: (theta) => completionLogps(space, policyAt(theta)),
    vjp: (theta, gradient) => {
      const byLogit = logitGradient(space, policyAt(theta), gradient);
      return logits ? logits.vjp(theta, byLogit) : byLogit;
    },
  };
}

/** Policies whose next-token distribution depends neither on the prefix nor on the prompt. */
export function memorylessPolicies(space: CompletionSpace): FunctionClass {
  const { actions, prompts } = space;
  const edges = Array.from({ length: prompts * treeSizes(space).edges }, (_, edge) => edge % actions);
  return policyClass(
    space,
    edges.map((token) => Array.from({ length: actions }, (_, other) => (other === token ? 1 : 0))),
  );
}

/** Π(R): the soft-optimal policies of a reward class, as log P*_r = r − log Z of the completions. */
export function softOptimalPolicies(space: CompletionSpace, rewards: FunctionClass): FunctionClass {
  const values = (theta: readonly number[]) =>
    splitByPrompt(space, rewards.values(theta)).flatMap(logSoftmax);
  return {
    parameters: rewards.parameters,
    values,
    vjp: (theta, gradient) => {
      const logps = splitByPrompt(space, values(theta));
      const byReward = splitByPrompt(space, gradient).flatMap((slopes, prompt) => {
        const total = slopes.reduce((sum, slope) => sum + slope, 0);
        return logps[prompt]!.map((logp, at) => slopes[at]! - Math.exp(logp) * total);
      });
      return rewards.vjp(theta, byReward);
    },
  };
}

/**
 * The local rewards of a policy class: r_π = log P_π or, given a reference's log-probabilities of the completions,
 * β (log P_π − log P_ref), DPO's implicit reward.
 */
export function localRewards(
  policies: FunctionClass,
  reference?: readonly number[],
  beta = 1,
): FunctionClass {
  return {
    parameters: policies.parameters,
    values: (theta) =>
      policies.values(theta).map((logp, at) => beta * (logp - (reference ? reference[at]! : 0))),
    vjp: (theta, gradient) =>
      policies.vjp(
        theta,
        gradient.map((slope) => beta * slope),
      ),
  };
}
