import { normal, permutation, type RandomStream, uniform } from "../tensors/random.ts";
import { type CompletionSpace, treeSizes } from "./completion-space.ts";
import { logSoftmax, totalVariation } from "./distributions.ts";
import { localRewards, policyClass, tabularRewards } from "./function-classes.ts";
import { type Comparison, preferenceLoss } from "./preferences.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";
import { maximumLikelihood, rlhf } from "./rlhf-vs-mle.ts";

/** One prompt, 16 completions. */
const SPACE: CompletionSpace = { prompts: 1, actions: 2, horizon: 4 };

/**
 * Comparisons of disjoint random pairs: each completion is compared with one other only, in both orders, so that the
 * likelihood does not depend on how probability is divided between the pairs. With an odd number of completions, one is
 * left out.
 */
export function disjointPreferences(space: CompletionSpace, stream: RandomStream): Comparison[] {
  const order = permutation(stream, treeSizes(space).completions);
  return Array.from({ length: Math.floor(order.length / 2) }, (_, pair) => {
    const [one, other] = [order[2 * pair]!, order[2 * pair + 1]!];
    const wins = 0.5 + 4 * uniform(stream);
    return [
      { chosen: one, rejected: other, weight: wins },
      { chosen: other, rejected: one, weight: 5 - wins },
    ];
  }).flat();
}

/** RLHF and offline maximum likelihood on disjoint pairs of comparisons, both optimised from zero. */
export function coverageMeasures(run: RandomInstances): Measures {
  return measureInstances("coverage", run, (stream) => {
    const comparisons = disjointPreferences(SPACE, stream);
    const offline = maximumLikelihood(localRewards(policyClass(SPACE)), comparisons);
    const rlhfLogps = rlhf(SPACE, tabularRewards(SPACE), comparisons);
    const lossChange = (logps: readonly number[]) =>
      Math.abs(preferenceLoss(logps, comparisons).value - offline.loss);
    // Adds a random constant to the log-probabilities of each pair.
    const shifts = Array.from({ length: 10 }, () => {
      const shifted = [...offline.values];
      for (const [at, { chosen, rejected }] of comparisons.entries()) {
        if (at % 2 === 1) continue;
        const shift = normal(stream);
        shifted[chosen]! += shift;
        shifted[rejected]! += shift;
      }
      return lossChange(logSoftmax(shifted));
    });
    return {
      "off-data-mass": Math.max(...shifts),
      "same-optima": lossChange(rlhfLogps),
      "not-unique": totalVariation(rlhfLogps, offline.values),
    };
  });
}
