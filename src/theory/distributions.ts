import { checkSameLength } from "../evaluation/checks.ts";

/* Distributions are lists of log-probabilities in nats. An impossible outcome has log-probability −Infinity. */

/** log Σ exp(value); −Infinity if every value is −Infinity. */
export function logSumExp(values: readonly number[]): number {
  const max = Math.max(...values);
  if (max === -Infinity) return max;
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}

/** The distribution proportional to exp(logit). */
export function logSoftmax(logits: readonly number[]): number[] {
  const total = logSumExp(logits);
  return logits.map((logit) => logit - total);
}

/** E_p[value]. Outcomes of probability zero are skipped, so their values may be infinite. */
export function expectation(p: readonly number[], values: readonly number[]): number {
  checkSameLength("The distribution", p, "the values", values);
  return p.reduce((sum, logp, at) => (logp === -Infinity ? sum : sum + Math.exp(logp) * values[at]!), 0);
}

/** H(p) = −E_p[log p]. */
export function entropy(p: readonly number[]): number {
  return -expectation(p, p);
}

/** KL(p ‖ q) = E_p[log p − log q]; Infinity if p gives an outcome probability that q excludes. */
export function klDivergence(p: readonly number[], q: readonly number[]): number {
  checkSameLength("p", p, "q", q);
  return expectation(
    p,
    p.map((logp, at) => logp - q[at]!),
  );
}

/** Total variation distance ½ Σ |p − q|. */
export function totalVariation(p: readonly number[], q: readonly number[]): number {
  return differences(p, q).reduce((sum, difference) => sum + difference, 0) / 2;
}

/** max |p − q| over outcomes. */
export function largestDifference(p: readonly number[], q: readonly number[]): number {
  return Math.max(...differences(p, q));
}

function differences(p: readonly number[], q: readonly number[]): number[] {
  checkSameLength("p", p, "q", q);
  return p.map((logp, at) => Math.abs(Math.exp(logp) - Math.exp(q[at]!)));
}
