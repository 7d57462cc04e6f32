import { normal, permutation, type RandomStream, uniform } from "../tensors/random.ts";
import { localRewards, policyClass, tabularRewards } from "./classes.ts";
import { type Space, sizesOf } from "./completions.ts";
import { logSoftmax, totalVariation } from "./distributions.ts";
import { type Instances, type Measures, overInstances } from "./instances.ts";
import { type Comparison, preferenceLoss } from "./preferences.ts";
import { maximumLikelihood, rlhf } from "./roads.ts";

/** One prompt, 16 completions. */
const SPACE: Space = { prompts: 1, actions: 2, horizon: 4 };

/**
 * Every completion compared with one other only, the pairs drawn at random: nothing joins the pairs, so the
 * likelihood says nothing of how probability is shared among them. An odd completion is left out.
 */
export function matchedPreferences(space: Space, stream: RandomStream): Comparison[] {
  const order = permutation(stream, sizesOf(space).completions);
  return Array.from({ length: Math.floor(order.length / 2) }, (_, pair) => {
    const [one, other] = [order[2 * pair]!, order[2 * pair + 1]!];
    const wins = 0.5 + 4 * uniform(stream);
    return [
      { chosen: one, rejected: other, weight: wins },
      { chosen: other, rejected: one, weight: 5 - wins },
    ];
  }).flat();
}

/** The two roads where comparisons fall into pairs that nothing joins, both started from zero. */
export function coverageMeasures(run: Instances): Measures {
  return overInstances("coverage", run, (stream) => {
    const comparisons = matchedPreferences(SPACE, stream);
    const direct = maximumLikelihood(localRewards(policyClass(SPACE)), comparisons);
    const online = rlhf(SPACE, tabularRewards(SPACE), comparisons);
    const change = (logps: readonly number[]) =>
      Math.abs(preferenceLoss(logps, comparisons).value - direct.loss);
    const shifts = Array.from({ length: 10 }, () => {
      const moved = [...direct.values];
      for (const [at, { chosen, rejected }] of comparisons.entries()) {
        if (at % 2 === 1) continue;
        const amount = normal(stream);
        moved[chosen]! += amount;
        moved[rejected]! += amount;
      }
      return change(logSoftmax(moved));
    });
    return {
      "off-data-mass": Math.max(...shifts),
      "same-optima": change(online),
      "not-unique": totalVariation(online, direct.values),
    };
  });
}
