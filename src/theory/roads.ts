import { localRewards, type SmoothClass } from "./classes.ts";
import { promptsOf, type Space } from "./completions.ts";
import { expectation } from "./distributions.ts";
import { minimise } from "./minimise.ts";
import { completionLogps } from "./policies.ts";
import { type Comparison, preferenceLoss } from "./preferences.ts";
import { regularised, softOptimal } from "./soft-rl.ts";

/** A member of a class that was found by optimisation. */
export interface Fit {
  readonly theta: readonly number[];
  /** Its values on the completions, [prompts × completions]. */
  readonly values: readonly number[];
  /** What was minimised, nats. */
  readonly loss: number;
}

/** The reference policy and β of RLHF and DPO; without it RLHF has an entropy bonus instead. */
export interface Regularisation {
  /** log P_ref of the completions. */
  readonly reference: readonly number[];
  readonly beta: number;
}

/**
 * The reward of `rewards` under which the comparisons are most likely: the forward KL projection of the data onto
 * Bradley and Terry's model. Starts from zero, or from `start`. Throws where there is no maximiser.
 */
export function maximumLikelihood(
  rewards: SmoothClass,
  comparisons: readonly Comparison[],
  start: readonly number[] = new Array<number>(rewards.parameters).fill(0),
): Fit {
  const { at, value } = minimise((theta) => {
    const loss = preferenceLoss(rewards.values(theta), comparisons);
    return { value: loss.value, gradient: rewards.pull(theta, loss.gradient) };
  }, start);
  return { theta: at, values: rewards.values(at), loss: value };
}

/**
 * The member of `policies` with the highest E_π[r] + H(π), averaged over prompts: the reverse KL projection of P*_r
 * onto the class (Lemma 2.1), from the parameters zero.
 */
export function softOptimalAmong(space: Space, policies: SmoothClass, rewards: readonly number[]): Fit {
  const perPrompt = promptsOf(space, rewards);
  const { at, value } = minimise((theta) => {
    const logps = policies.values(theta);
    const gain = promptsOf(space, logps).map((own, prompt) =>
      own.map((logp, completion) => perPrompt[prompt]![completion]! - logp),
    );
    const returns = promptsOf(space, logps).map((own, prompt) => expectation(own, gain[prompt]!));
    const slopes = gain.flat().map((each, at) => -(Math.exp(logps[at]!) * each) / space.prompts);
    return {
      value: -returns.reduce((sum, each) => sum + each, 0) / space.prompts,
      gradient: policies.pull(theta, slopes),
    };
  }, new Array<number>(policies.parameters).fill(0));
  return { theta: at, values: policies.values(at), loss: value };
}

/**
 * The road by a reward model: the maximum-likelihood reward of `rewards`, then its soft-optimal policy among all
 * policies, by value iteration. log P of the completions.
 */
export function rlhf(
  space: Space,
  rewards: SmoothClass,
  comparisons: readonly Comparison[],
  regularisation?: Regularisation,
): number[] {
  const { values } = maximumLikelihood(rewards, comparisons);
  const soft = regularisation ? regularised(values, regularisation.reference, regularisation.beta) : values;
  return completionLogps(space, softOptimal(space, soft).policy);
}

/**
 * The direct road: the policy of `policies` whose own log-probabilities, as local rewards, make the comparisons
 * most likely; with a reference it is DPO's optimum. log P of the completions.
 */
export function offline(
  policies: SmoothClass,
  comparisons: readonly Comparison[],
  regularisation?: Regularisation,
): number[] {
  const local = localRewards(policies, regularisation?.reference, regularisation?.beta);
  return policies.values(maximumLikelihood(local, comparisons).theta);
}
