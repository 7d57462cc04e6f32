import { randomStream } from "../tensors/random.ts";
import type { CompletionSpace } from "./completion-space.ts";
import { klDivergence, totalVariation } from "./distributions.ts";
import { tokenFeatures } from "./features.ts";
import { linearRewards, memorylessPolicies, policyClass, tabularRewards } from "./function-classes.ts";
import { completionLogps } from "./policies.ts";
import { type Comparison, randomRewards, sampledPreferences } from "./preferences.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";
import { maximumLikelihood, offlineMle, rlhf, softOptimalInClass } from "./rlhf-vs-mle.ts";
import { ascendSoftReturn } from "./soft-rl.ts";

/** One prompt, 16 completions of four binary tokens. */
const SPACE: CompletionSpace = { prompts: 1, actions: 2, horizon: 4 };
/** One prompt, 9 completions of two ternary tokens. */
const TERNARY_SPACE: CompletionSpace = { prompts: 1, actions: 3, horizon: 2 };
/** Step size of gradient ascent in the logits. */
const RATE = 1;

/**
 * The gap between RLHF and offline maximum likelihood when one condition of their equivalence is violated: the reward
 * class has single-token features only; the policy takes only ten gradient steps; or policies are memoryless.
 */
export function violatedConditionMeasures(run: RandomInstances): Measures {
  return measureInstances("differences", run, (stream) => {
    const noisy = sampledPreferences(SPACE, randomRewards(SPACE, stream), 3, stream);
    const offlineLogps = offlineMle(policyClass(SPACE), noisy);
    const { values } = maximumLikelihood(tabularRewards(SPACE), noisy);
    const ternaryRewards = randomRewards(TERNARY_SPACE, stream);
    const memoryless = memorylessOptima(sampledPreferences(TERNARY_SPACE, ternaryRewards, 3, stream));
    return {
      "smaller-class": klDivergence(offlineLogps, rlhf(SPACE, linearRewards(tokenFeatures(SPACE)), noisy)),
      "few-steps": klDivergence(offlineLogps, logpsAfterSteps(values, 10)),
      "restricted-policies": totalVariation(memoryless.rlhf, memoryless.offline),
    };
  });
}

/** The gap after a number of exact policy-gradient steps of RLHF. */
export interface StepsGap {
  readonly steps: number;
  /** KL(offline ‖ RLHF after `steps` steps), nats. */
  readonly gap: number;
}

/** The gap of one random instance after each of `counts` policy-gradient steps on the fitted tabular reward. */
export function gapsAfterSteps(seed: number, counts: readonly number[]): StepsGap[] {
  const stream = randomStream(seed, "theory", "steps");
  const noisy = sampledPreferences(SPACE, randomRewards(SPACE, stream), 3, stream);
  const { values } = maximumLikelihood(tabularRewards(SPACE), noisy);
  const offlineLogps = offlineMle(policyClass(SPACE), noisy);
  return counts.map((steps) => ({ steps, gap: klDivergence(offlineLogps, logpsAfterSteps(values, steps)) }));
}

const logpsAfterSteps = (rewards: readonly number[], steps: number) =>
  completionLogps(SPACE, ascendSoftReturn(SPACE, rewards, steps, RATE));

/** RLHF with tabular rewards and offline maximum likelihood, both within the memoryless policies. */
function memorylessOptima(comparisons: readonly Comparison[]) {
  const policies = memorylessPolicies(TERNARY_SPACE);
  const { values } = maximumLikelihood(tabularRewards(TERNARY_SPACE), comparisons);
  return {
    rlhf: softOptimalInClass(TERNARY_SPACE, policies, values).values,
    offline: offlineMle(policies, comparisons),
  };
}
