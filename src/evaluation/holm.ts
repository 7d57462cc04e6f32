/** What Holm's procedure says of one hypothesis of a family. */
export interface HolmStep {
  /** The smallest family-wise level at which the hypothesis is decided, as far as p-values go. */
  readonly adjusted: number;
  /**
   * The level of its own test. For a decided hypothesis that of its step, alpha / (m − k + 1) for the k-th smallest of m
   * p-values; for all others that of the first step that decides nothing.
   */
  readonly alpha: number;
  /** Whether the p-value, and all smaller ones, are below the levels of their steps. */
  readonly decided: boolean;
}

/**
 * Holm's step-down procedure (1979), which keeps the probability of any false decision in a family at `alpha` however its
 * tests depend on each other. Equal p-values are taken in the order given. Throws if one is not between 0 and 1.
 */
export function holm(ps: readonly number[], alpha: number): HolmStep[] {
  const wrong = ps.findIndex((p) => !(p >= 0 && p <= 1));
  if (wrong >= 0) throw new Error(`ps[${wrong}] must be a p-value from 0 to 1, not ${ps[wrong]}.`);
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p || a.index - b.index);
  const steps: HolmStep[] = [];
  let adjusted = 0;
  let stopped: number | undefined;
  for (const [rank, { p, index }] of order.entries()) {
    const left = ps.length - rank;
    adjusted = Math.max(adjusted, Math.min(1, left * p));
    if (stopped === undefined && !(p < alpha / left)) stopped = alpha / left;
    steps[index] = { adjusted, alpha: stopped ?? alpha / left, decided: stopped === undefined };
  }
  return steps;
}
