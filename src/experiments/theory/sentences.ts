import { mean, tInterval } from "../../evaluation/statistics.ts";
import { shortNumber } from "../../report/charts/values.ts";
import { type ClassGap, type DataError, isomorphicSize, simpleSize } from "../../theory/class-size.ts";
import type { StepsGap } from "../../theory/violated-conditions.ts";
import type { WalkComplexity } from "../../theory/walks.ts";

/* Sentences about the theory's figures, computed from their numbers. */

/** A divergence as text; values within rounding error of zero count as zero. */
const nats = (value: number) => (Math.abs(value) < 1e-9 ? "0 to within 1e-9" : shortNumber(value));

/**
 * The distance between the policies of RLHF and offline maximum likelihood with the smallest, the simple and the
 * isomorphic reward class, and the class with which RLHF errs least.
 */
export function classSizeSentence(rows: readonly ClassGap[]): string {
  const at = (features: number) => rows.filter((row) => row.features === features);
  const gap = (features: number) => shortNumber(mean(at(features).map((row) => row.gap)));
  const sizes = [...new Set(rows.map(({ features }) => features))];
  const errors = sizes.map((size) => mean(at(size).map(({ rlhfError }) => rlhfError)));
  const best = Math.min(...errors);
  const offline = mean(at(isomorphicSize).map(({ offlineError }) => offlineError));
  return (
    `Over ${at(1).length} draws the policies of RLHF and offline maximum likelihood are on average ${gap(1)} apart in ` +
    `total variation with 1 feature, ${gap(simpleSize)} with the ${simpleSize} that the true reward uses, and ${gap(isomorphicSize)} with all ` +
    `${isomorphicSize}. RLHF is nearest to the true reward's policy with ${sizes[errors.indexOf(best)]} features, at ` +
    `${shortNumber(best)}; offline maximum likelihood is at ${shortNumber(offline)}.`
  );
}

/** The offline error less RLHF's at each number of comparisons, with 95 % t-intervals. */
export function dataSentences(rows: readonly DataError[]): string[] {
  const counts = [...new Set(rows.map(({ times }) => times))];
  return counts.map((times) => {
    const own = rows.filter((row) => row.times === times);
    if (times === Infinity) {
      const most = (error: (row: DataError) => number) => shortNumber(Math.max(...own.map(error)));
      return `With exact preference probabilities, the errors are at most ${most((row) => row.rlhfError)} (RLHF) and ${most((row) => row.offlineError)} (offline).`;
    }
    const { mean: centre, low, high } = tInterval(own.map((row) => row.offlineError - row.rlhfError));
    const [middle, ...ends] = [centre, low, high].map(shortNumber);
    return `With ${times} comparison${times === 1 ? "" : "s"} of every two completions, the offline error less RLHF's is ${middle}, 95 % interval [${ends.join(", ")}] over ${own.length} draws.`;
  });
}

/** The KL between the policies of offline and RLHF after each number of gradient steps. */
export function stepsSentence(gaps: readonly StepsGap[]): string {
  const all = gaps.map(({ steps, gap }) => `${nats(gap)} after ${steps}`);
  return `KL(offline ‖ RLHF) by gradient steps, nats: ${all.join("; ")}.`;
}

/** The complexity of the reward and the policy at the first and the last horizon. Throws if there are no rows. */
export function complexitySentence(name: string, rows: readonly WalkComplexity[]): string {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (first === undefined || last === undefined) throw new Error(`There are no rows for "${name}".`);
  const change = (measure: (row: WalkComplexity) => number) => {
    const [from, to] = [measure(first), measure(last)];
    return from === to ? `${from} at both` : `${from} to ${to}`;
  };
  return (
    `${name}, from horizon ${first.horizon} to ${last.horizon}: leaves of the reward's tree ` +
    `${change((row) => row.rewardLeaves)}, of the policy's ${change((row) => row.policyLeaves)}; states of the automaton ` +
    `that computes the reward ${change((row) => row.rewardStates)}, Q* ${change((row) => row.qStates)}, the policy ` +
    `${change((row) => row.policyStates)}.`
  );
}
