import { randomStream } from "../tensors/random.ts";
import { linearRewards, memorylessPolicies, policyClass, tabularRewards } from "./classes.ts";
import type { Space } from "./completions.ts";
import { klDivergence, totalVariation } from "./distributions.ts";
import { tokenFeatures } from "./features.ts";
import { type Instances, type Measures, overInstances } from "./instances.ts";
import { completionLogps } from "./policies.ts";
import { type Comparison, randomRewards, sampledPreferences } from "./preferences.ts";
import { maximumLikelihood, offline, rlhf, softOptimalAmong } from "./roads.ts";
import { ascend } from "./soft-rl.ts";

/** One prompt, 16 completions. */
const SPACE: Space = { prompts: 1, actions: 2, horizon: 4 };
/** One prompt, 9 completions of two out of three tokens. */
const WIDE: Space = { prompts: 1, actions: 3, horizon: 2 };
/** The size of a gradient step in the logits. */
const RATE = 1;

/**
 * How the equality of the two roads breaks, one condition at a time: a reward class of single tokens only; a policy
 * optimised for ten gradient steps only; memoryless policies only.
 */
export function differenceMeasures(run: Instances): Measures {
  return overInstances("differences", run, (stream) => {
    const noisy = sampledPreferences(SPACE, randomRewards(SPACE, stream), 3, stream);
    const direct = offline(policyClass(SPACE), noisy);
    const { values } = maximumLikelihood(tabularRewards(SPACE), noisy);
    const restricted = restrictedRoads(sampledPreferences(WIDE, randomRewards(WIDE, stream), 3, stream));
    return {
      "smaller-class": klDivergence(direct, rlhf(SPACE, linearRewards(tokenFeatures(SPACE)), noisy)),
      "few-steps": klDivergence(direct, afterSteps(values, 10)),
      "restricted-policies": totalVariation(restricted.rlhf, restricted.offline),
    };
  });
}

/** What is left between the two roads after a number of exact gradient steps of RLHF's policy. */
export interface StepsGap {
  readonly steps: number;
  /** KL(offline ‖ RLHF after so many steps), nats. */
  readonly gap: number;
}

/** The gap of one random instance after each of `counts` gradient steps on the fitted tabular reward. */
export function gapsAfterSteps(seed: number, counts: readonly number[]): StepsGap[] {
  const stream = randomStream(seed, "theory", "steps");
  const noisy = sampledPreferences(SPACE, randomRewards(SPACE, stream), 3, stream);
  const { values } = maximumLikelihood(tabularRewards(SPACE), noisy);
  const direct = offline(policyClass(SPACE), noisy);
  return counts.map((steps) => ({ steps, gap: klDivergence(direct, afterSteps(values, steps)) }));
}

const afterSteps = (rewards: readonly number[], steps: number) =>
  completionLogps(SPACE, ascend(SPACE, rewards, steps, RATE));

/** Both roads to memoryless policies: every reward is allowed, but the policy class is small. */
function restrictedRoads(comparisons: readonly Comparison[]) {
  const policies = memorylessPolicies(WIDE);
  const { values } = maximumLikelihood(tabularRewards(WIDE), comparisons);
  return {
    rlhf: softOptimalAmong(WIDE, policies, values).values,
    offline: offline(policies, comparisons),
  };
}
