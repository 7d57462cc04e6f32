import { minimize } from "./bfgs.ts";
import { type CompletionSpace, splitByPrompt } from "./completion-space.ts";
import { expectation } from "./distributions.ts";
import { type FunctionClass, localRewards } from "./function-classes.ts";
import { completionLogps } from "./policies.ts";
import { type Comparison, preferenceLoss } from "./preferences.ts";
import { klRegularisedRewards, softOptimal } from "./soft-rl.ts";

/** A member of a function class, found by optimisation. */
export interface Fit {
  readonly theta: readonly number[];
  /** Its values, [prompts × completions]. */
  readonly values: readonly number[];
  /** The minimised loss, nats. */
  readonly loss: number;
}

/** The reference policy and β of RLHF and DPO. Without it RLHF has an entropy bonus instead. */
export interface KlRegularisation {
  /** log P_ref, [prompts × completions]. */
  readonly reference: readonly number[];
  readonly beta: number;
}

/**
 * Maximum-likelihood reward of the class `rewards` under the Bradley-Terry model. The optimiser starts at `start`,
 * default zero. Throws if there is no maximiser.
 */
export function maximumLikelihood(
  rewards: FunctionClass,
  comparisons: readonly Comparison[],
  start: readonly number[] = new Array<number>(rewards.parameters).fill(0),
): Fit {
  const { at, value } = minimize((theta) => {
    const loss = preferenceLoss(rewards.values(theta), comparisons);
    return { value: loss.value, gradient: rewards.vjp(theta, loss.gradient) };
  }, start);
  return { theta: at, values: rewards.values(at), loss: value };
}

/**
 * The member of `policies` that maximises E_π[r] + H(π), averaged over prompts: the reverse-KL projection of P*_r onto
 * the class (Lemma 2.1). The optimiser starts at zero.
 */
export function softOptimalInClass(
  space: CompletionSpace,
  policies: FunctionClass,
  rewards: readonly number[],
): Fit {
  const promptRewards = splitByPrompt(space, rewards);
  const { at, value } = minimize((theta) => {
    const logps = policies.values(theta);
    const promptLogps = splitByPrompt(space, logps);
    const softRewards = promptLogps.map((own, prompt) =>
      own.map((logp, completion) => promptRewards[prompt]![completion]! - logp),
    );
    const returns = promptLogps.map((own, prompt) => expectation(own, softRewards[prompt]!));
    const slopes = softRewards.flat().map((reward, at) => -(Math.exp(logps[at]!) * reward) / space.prompts);
    return {
      value: -returns.reduce((sum, each) => sum + each, 0) / space.prompts,
      gradient: policies.vjp(theta, slopes),
    };
  }, new Array<number>(policies.parameters).fill(0));
  return { theta: at, values: policies.values(at), loss: value };
}

/**
 * RLHF: fits the maximum-likelihood reward of the class `rewards`, then takes its soft-optimal policy among all policies
 * by value iteration. Returns log P of the completions, [prompts × completions].
 */
export function rlhf(
  space: CompletionSpace,
  rewards: FunctionClass,
  comparisons: readonly Comparison[],
  regularisation?: KlRegularisation,
): number[] {
  const { values } = maximumLikelihood(rewards, comparisons);
  const softRewards = regularisation
    ? klRegularisedRewards(values, regularisation.reference, regularisation.beta)
    : values;
  return completionLogps(space, softOptimal(space, softRewards).policy);
}

/**
 * Offline maximum likelihood: the policy of the class `policies` whose local reward, its log-probability, makes the
 * comparisons most likely; with a reference, the optimum of DPO. Returns log P of the completions,
 * [prompts × completions].
 */
export function offlineMle(
  policies: FunctionClass,
  comparisons: readonly Comparison[],
  regularisation?: KlRegularisation,
): number[] {
  const rewards = localRewards(policies, regularisation?.reference, regularisation?.beta);
  return policies.values(maximumLikelihood(rewards, comparisons).theta);
}
