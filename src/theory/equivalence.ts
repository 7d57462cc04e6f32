import { normal, type RandomStream, uniform } from "../tensors/random.ts";
import {
  type Features,
  linearRewards,
  localRewards,
  policyClass,
  softOptimalPolicies,
  tabularRewards,
} from "./classes.ts";
import { type Space, sizesOf } from "./completions.ts";
import { largestDifference } from "./distributions.ts";
import { tokenFeatures } from "./features.ts";
import { type Instances, type Measures, overInstances, randomSpaces } from "./instances.ts";
import { completionLogps, randomPolicy } from "./policies.ts";
import { type Comparison, exactPreferences, randomRewards, sampledPreferences } from "./preferences.ts";
import { maximumLikelihood, offline, type Regularisation, rlhf } from "./roads.ts";
import { gibbs } from "./soft-rl.ts";

/** The largest difference of a completion's probability between the two roads, each optimised on its own. */
export function roadsApart(
  space: Space,
  comparisons: readonly Comparison[],
  regularisation?: Regularisation,
): number {
  const online = rlhf(space, tabularRewards(space), comparisons, regularisation);
  return largestDifference(online, offline(policyClass(space), comparisons, regularisation));
}

/**
 * Where the two roads meet: isomorphic classes with an entropy bonus and with a reference policy; preferences
 * without noise; and, for a small reward class, RLHF against maximum likelihood over Π(R_sim) (Theorem 3.1).
 */
export function equivalenceMeasures(run: Instances): Measures {
  return overInstances("equivalence", run, (stream, instance) => {
    const space = randomSpaces[instance % randomSpaces.length]!;
    const noisy = sampledPreferences(space, randomRewards(space, stream), 3, stream);
    const regularisation = {
      reference: completionLogps(space, randomPolicy(space, stream)),
      beta: 0.2 + 1.8 * uniform(stream),
    };
    return {
      isomorphic: roadsApart(space, noisy),
      "isomorphic-reference": roadsApart(space, noisy, regularisation),
      "infinite-data": infiniteData(space, stream),
      "theorem-3-1": smallClass(space, noisy, stream),
    };
  });
}

/** How far from the soft-optimal policy of a true reward in single tokens the roads end without sampling noise. */
function infiniteData(space: Space, stream: RandomStream): number {
  const features = tokenFeatures(space);
  const simple = linearRewards(features);
  const truth = simple.values(Array.from({ length: simple.parameters }, () => normal(stream)));
  const preferences = exactPreferences(space, truth);
  const goal = gibbs(space, truth);
  const ends = [
    rlhf(space, simple, preferences),
    rlhf(space, tabularRewards(space), preferences),
    offline(policyClass(space), preferences),
  ];
  return Math.max(...ends.map((end) => largestDifference(end, goal)));
}

/** RLHF over random features against the likelihood's maximiser over their soft-optimal policies. */
function smallClass(space: Space, preferences: readonly Comparison[], stream: RandomStream): number {
  const { completions } = sizesOf(space);
  const dimension = Math.max(1, Math.floor(completions / 2));
  const features: Features = Array.from({ length: space.prompts * completions }, () =>
    Array.from({ length: dimension }, () => normal(stream)),
  );
  const simple = linearRewards(features);
  const policies = softOptimalPolicies(space, simple);
  const start = Array.from({ length: dimension }, () => normal(stream));
  const { theta } = maximumLikelihood(localRewards(policies), preferences, start);
  return largestDifference(rlhf(space, simple, preferences), policies.values(theta));
}
