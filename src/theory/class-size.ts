import { normal, randomStream } from "../tensors/random.ts";
import { type CompletionSpace, treeSizes } from "./completion-space.ts";
import { totalVariation } from "./distributions.ts";
import { interactionFeatures } from "./features.ts";
import { linearRewards, policyClass } from "./function-classes.ts";
import { exactPreferences, sampledPreferences } from "./preferences.ts";
import { offlineMle, rlhf } from "./rlhf-vs-mle.ts";
import { gibbs } from "./soft-rl.ts";

/** One prompt, 16 completions of four binary tokens. */
const SPACE: CompletionSpace = { prompts: 1, actions: 2, horizon: 4 };
const FEATURES = interactionFeatures(SPACE);
/** Number of features that span every reward up to a constant, so that reward and policy class are isomorphic. */
export const isomorphicSize = treeSizes(SPACE).completions - 1;
/** Number of single-token features, in which the true rewards are linear. */
export const simpleSize = SPACE.horizon;

/** Rewards that are linear in the first `features` interaction features. */
const rewardClass = (features: number) => linearRewards(FEATURES.map((row) => row.slice(0, features)));

/** A true reward that is linear in single tokens, and its soft-optimal policy. */
function trueReward(seed: number, draw: number) {
  const stream = randomStream(seed, "theory", "class-size", draw);
  const weights = Array.from({ length: simpleSize }, () => normal(stream));
  const rewards = rewardClass(simpleSize).values(weights);
  return { rewards, policy: gibbs(SPACE, rewards), stream };
}

/** RLHF and offline maximum likelihood for one reward class and one draw of noisy preferences. */
export interface ClassGap {
  readonly draw: number;
  /** Dimension of the reward class. */
  readonly features: number;
  /** Total variation between the two policies. */
  readonly gap: number;
  /** Total variation of each from the soft-optimal policy of the true reward. */
  readonly rlhfError: number;
  readonly offlineError: number;
}

/**
 * RLHF with reward classes of 1 to `isomorphicSize` features, and offline maximum likelihood over all policies, on the
 * same data: for each of `draws` true rewards, every pair of completions is compared `times` times.
 */
export function gapsByClassSize(seed: number, draws: number, times = 4): ClassGap[] {
  return Array.from({ length: draws }, (_, draw) => {
    const { rewards, policy, stream } = trueReward(seed, draw);
    const comparisons = sampledPreferences(SPACE, rewards, times, stream);
    const offlineLogps = offlineMle(policyClass(SPACE), comparisons);
    return Array.from({ length: isomorphicSize }, (_, index) => {
      const features = index + 1;
      const rlhfLogps = rlhf(SPACE, rewardClass(features), comparisons);
      return {
        draw,
        features,
        gap: totalVariation(offlineLogps, rlhfLogps),
        rlhfError: totalVariation(policy, rlhfLogps),
        offlineError: totalVariation(policy, offlineLogps),
      };
    });
  }).flat();
}

/** The errors of RLHF and of offline maximum likelihood for one number of comparisons. */
export interface DataError {
  readonly draw: number;
  /** Comparisons per pair of completions; Infinity for the exact preference probabilities. */
  readonly times: number;
  /** Total variation from the soft-optimal policy of the true reward. RLHF fits single-token rewards. */
  readonly rlhfError: number;
  readonly offlineError: number;
}

/** The errors as the data grow. RLHF uses the class of single-token rewards, which contains the true reward. */
export function errorsByData(seed: number, draws: number, counts: readonly number[]): DataError[] {
  return Array.from({ length: draws }, (_, draw) => {
    const { rewards, policy, stream } = trueReward(seed, draw);
    return counts.map((times) => {
      const comparisons =
        times === Infinity
          ? exactPreferences(SPACE, rewards)
          : sampledPreferences(SPACE, rewards, times, stream);
      return {
        draw,
        times,
        rlhfError: totalVariation(policy, rlhf(SPACE, rewardClass(simpleSize), comparisons)),
        offlineError: totalVariation(policy, offlineMle(policyClass(SPACE), comparisons)),
      };
    });
  }).flat();
}
