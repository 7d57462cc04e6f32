import { checkSameLength } from "../evaluation/checks.ts";
import { promptsOf, type Space, sizesOf } from "./completions.ts";
import { logSoftmax } from "./distributions.ts";
import { completionLogps, logitGradient, policyOf } from "./policies.ts";

/** A parametrised class of functions on completions: rewards, or the log-probabilities of policies. */
export interface SmoothClass {
  readonly parameters: number;
  /** The function with these parameters, [prompts × completions]. */
  readonly values: (theta: readonly number[]) => number[];
  /** The gradient in the parameters of what has this gradient in the function's values. */
  readonly pull: (theta: readonly number[], gradient: readonly number[]) => number[];
}

/** Rows of numbers, one for each completion or edge: [rows × features]. */
export type Features = readonly (readonly number[])[];

/** Every reward: one parameter for each completion. */
export function tabularRewards(space: Space): SmoothClass {
  const parameters = space.prompts * sizesOf(space).completions;
  return { parameters, values: (theta) => [...theta], pull: (_, gradient) => [...gradient] };
}

/** The rewards Φθ. `features` are those of the completions. Throws where there are none. */
export function linearRewards(features: Features): SmoothClass {
  const parameters = features[0]?.length ?? 0;
  if (parameters === 0) throw new Error("features are empty: give at least one for each completion.");
  return {
    parameters,
    values: (theta) => features.map((row) => row.reduce((sum, x, at) => sum + x * theta[at]!, 0)),
    pull: (_, gradient) => pulled(features, gradient),
  };
}

/**
 * Policies as log P_π of the completions: every one, with one logit for each edge, or those whose logits are Ψθ,
 * where `features` are given for each edge, [prompts × edges].
 */
export function policyClass(space: Space, features?: Features): SmoothClass {
  const logits = features ? linearRewards(features) : undefined;
  const policyAt = (theta: readonly number[]) => policyOf(space, logits?.values(theta) ?? theta);
  return {
    parameters: logits?.parameters ?? space.prompts * sizesOf(space).edges,
    values: (theta) => completionLogps(space, policyAt(theta)),
    pull: (theta, gradient) => {
      const own = logitGradient(space, policyAt(theta), gradient);
      return features ? pulled(features, own) : own;
    },
  };
}

/** Policies that choose every token alike, whatever came before and whatever the prompt. */
export function memorylessPolicies(space: Space): SmoothClass {
  const { actions, prompts } = space;
  const edges = Array.from({ length: prompts * sizesOf(space).edges }, (_, edge) => edge % actions);
  return policyClass(
    space,
    edges.map((token) => Array.from({ length: actions }, (_, other) => (other === token ? 1 : 0))),
  );
}

/** Π(R): the soft-optimal policies of a reward class, as log P*_r = r − log Z of the completions. */
export function softOptimalPolicies(space: Space, rewards: SmoothClass): SmoothClass {
  const values = (theta: readonly number[]) => promptsOf(space, rewards.values(theta)).flatMap(logSoftmax);
  return {
    parameters: rewards.parameters,
    values,
    pull: (theta, gradient) => {
      const perPrompt = promptsOf(space, gradient);
      const own = promptsOf(space, values(theta)).flatMap((logps, prompt) => {
        const total = perPrompt[prompt]!.reduce((sum, slope) => sum + slope, 0);
        return logps.map((logp, at) => perPrompt[prompt]![at]! - Math.exp(logp) * total);
      });
      return rewards.pull(theta, own);
    },
  };
}

/**
 * The local rewards of a policy class: r_π = log P_π, or β (log P_π − log P_ref) where a reference is given by
 * its log-probabilities of the completions (DPO's implicit reward).
 */
export function localRewards(policies: SmoothClass, reference?: readonly number[], beta = 1): SmoothClass {
  return {
    parameters: policies.parameters,
    values: (theta) => policies.values(theta).map((logp, at) => beta * (logp - (reference?.[at] ?? 0))),
    pull: (theta, gradient) =>
      policies.pull(
        theta,
        gradient.map((slope) => beta * slope),
      ),
  };
}

function pulled(features: Features, gradient: readonly number[]): number[] {
  checkSameLength("features", features, "the gradient", gradient);
  const sum = new Array<number>(features[0]!.length).fill(0);
  for (const [row, slope] of gradient.entries())
    for (const [at, x] of features[row]!.entries()) sum[at]! += slope * x;
  return sum;
}
