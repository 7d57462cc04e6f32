import { normal, type RandomStream, uniform } from "../tensors/random.ts";
import { type CompletionSpace, treeSizes } from "./completion-space.ts";
import { largestDifference } from "./distributions.ts";
import { tokenFeatures } from "./features.ts";
import {
  type Features,
  linearRewards,
  localRewards,
  policyClass,
  softOptimalPolicies,
  tabularRewards,
} from "./function-classes.ts";
import { completionLogps, randomPolicy } from "./policies.ts";
import { type Comparison, exactPreferences, randomRewards, sampledPreferences } from "./preferences.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";
import { type KlRegularisation, maximumLikelihood, offlineMle, rlhf } from "./rlhf-vs-mle.ts";
import { gibbs } from "./soft-rl.ts";

/**
 * The largest difference in a completion's probability between RLHF with tabular rewards and offline maximum likelihood
 * over all policies, each optimised on its own.
 */
export function rlhfMleGap(
  space: CompletionSpace,
  comparisons: readonly Comparison[],
  regularisation?: KlRegularisation,
): number {
  const rlhfLogps = rlhf(space, tabularRewards(space), comparisons, regularisation);
  return largestDifference(rlhfLogps, offlineMle(policyClass(space), comparisons, regularisation));
}

/**
 * Conditions under which RLHF and offline maximum likelihood find the same policy: isomorphic classes, with an entropy
 * bonus or a reference policy; preferences without noise; and a small reward class R_sim, where RLHF is compared with
 * maximum likelihood over Π(R_sim) (Theorem 3.1).
 */
export function equivalenceMeasures(run: RandomInstances): Measures {
  return measureInstances("equivalence", run, (stream, space) => {
    const noisy = sampledPreferences(space, randomRewards(space, stream), 3, stream);
    const regularisation = {
      reference: completionLogps(space, randomPolicy(space, stream)),
      beta: 0.2 + 1.8 * uniform(stream),
    };
    return {
      isomorphic: rlhfMleGap(space, noisy),
      "isomorphic-reference": rlhfMleGap(space, noisy, regularisation),
      "infinite-data": infiniteDataError(space, stream),
      "theorem-3-1": theorem31Gap(space, noisy, stream),
    };
  });
}

/**
 * With preferences without noise and a true reward that is linear in single tokens: the largest distance of RLHF
 * (linear or tabular rewards) and of offline maximum likelihood from the true reward's soft-optimal policy.
 */
function infiniteDataError(space: CompletionSpace, stream: RandomStream): number {
  const linear = linearRewards(tokenFeatures(space));
  const trueRewards = linear.values(Array.from({ length: linear.parameters }, () => normal(stream)));
  const preferences = exactPreferences(space, trueRewards);
  const optimum = gibbs(space, trueRewards);
  const found = [
    rlhf(space, linear, preferences),
    rlhf(space, tabularRewards(space), preferences),
    offlineMle(policyClass(space), preferences),
  ];
  return Math.max(...found.map((logps) => largestDifference(logps, optimum)));
}

/** RLHF over random features compared with maximum likelihood over their soft-optimal policies. */
function theorem31Gap(
  space: CompletionSpace,
  preferences: readonly Comparison[],
  stream: RandomStream,
): number {
  const { completions } = treeSizes(space);
  const dimension = Math.max(1, Math.floor(completions / 2));
  const features: Features = Array.from({ length: space.prompts * completions }, () =>
    Array.from({ length: dimension }, () => normal(stream)),
  );
  const rewards = linearRewards(features);
  const policies = softOptimalPolicies(space, rewards);
  const start = Array.from({ length: dimension }, () => normal(stream));
  const { theta } = maximumLikelihood(localRewards(policies), preferences, start);
  return largestDifference(rlhf(space, rewards, preferences), policies.values(theta));
}
