import { normal, randomStream } from "../tensors/random.ts";
import { linearRewards, policyClass } from "./classes.ts";
import type { Space } from "./completions.ts";
import { totalVariation } from "./distributions.ts";
import { interactionFeatures } from "./features.ts";
import { exactPreferences, sampledPreferences } from "./preferences.ts";
import { offline, rlhf } from "./roads.ts";
import { gibbs } from "./soft-rl.ts";

/** One prompt, 16 completions of four tokens out of two. */
const SPACE: Space = { prompts: 1, actions: 2, horizon: 4 };
const FEATURES = interactionFeatures(SPACE);
/** Features that tell every reward: from here on the classes are isomorphic. */
export const isomorphicSize = FEATURES[0]!.length;
/** Features of single tokens, in which the true reward of every draw lies. */
export const simpleSize = SPACE.horizon;

const rewardsOf = (features: number) => linearRewards(FEATURES.map((row) => row.slice(0, features)));

/** A true reward in single tokens, and its soft-optimal policy. */
function truth(seed: number, draw: number) {
  const stream = randomStream(seed, "theory", "class-size", draw);
  const simple = rewardsOf(simpleSize);
  const rewards = simple.values(Array.from({ length: simpleSize }, () => normal(stream)));
  return { rewards, policy: gibbs(SPACE, rewards), stream };
}

/** The two roads' policies for one reward class and one draw of noisy preferences. */
export interface ClassGap {
  readonly draw: number;
  /** The dimension of the reward class. */
  readonly features: number;
  /** The total variation between the two. */
  readonly gap: number;
  /** The total variation of RLHF, and of offline, from the soft-optimal policy of the true reward. */
  readonly rlhfError: number;
  readonly offlineError: number;
}

/**
 * RLHF with reward classes that grow from one feature to all of them, beside offline maximum likelihood over all
 * policies: `draws` true rewards, linear in single tokens, every two completions compared `times` times.
 */
export function gapsByClassSize(seed: number, draws: number, times = 4): ClassGap[] {
  return Array.from({ length: draws }, (_, draw) => {
    const { rewards, policy, stream } = truth(seed, draw);
    const comparisons = sampledPreferences(SPACE, rewards, times, stream);
    const direct = offline(policyClass(SPACE), comparisons);
    return Array.from({ length: isomorphicSize }, (_, at) => {
      const online = rlhf(SPACE, rewardsOf(at + 1), comparisons);
      return {
        draw,
        features: at + 1,
        gap: totalVariation(direct, online),
        rlhfError: totalVariation(policy, online),
        offlineError: totalVariation(policy, direct),
      };
    });
  }).flat();
}

/** The errors of the two roads with a number of comparisons. */
export interface DataError {
  readonly draw: number;
  /** How often every two completions were compared; Infinity where the probabilities themselves are given. */
  readonly times: number;
  /** The total variation from the soft-optimal policy of the true reward; RLHF is over single tokens. */
  readonly rlhfError: number;
  readonly offlineError: number;
}

/** The errors of both roads as data grow, RLHF with the reward class of single tokens, which holds the truth. */
export function errorsByData(seed: number, draws: number, counts: readonly number[]): DataError[] {
  return Array.from({ length: draws }, (_, draw) => {
    const { rewards, policy, stream } = truth(seed, draw);
    return counts.map((times) => {
      const comparisons =
        times === Infinity
          ? exactPreferences(SPACE, rewards)
          : sampledPreferences(SPACE, rewards, times, stream);
      return {
        draw,
        times,
        rlhfError: totalVariation(policy, rlhf(SPACE, rewardsOf(simpleSize), comparisons)),
        offlineError: totalVariation(policy, offline(policyClass(SPACE), comparisons)),
      };
    });
  }).flat();
}
