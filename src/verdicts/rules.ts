import type { Interval } from "../evaluation/statistics.ts";

/** What a rule makes of intervals. */
export type Decision = "supported" | "refuted" | "not shown";

/**
 * What can be said of a hypothesis. Uninformative: it could not be tested. Incomplete: not all registered seeds have been
 * run.
 */
export type Status = Decision | "uninformative" | "incomplete";

/** The ends of an interval; those of an exact value are equal. */
export type Ends = Pick<Interval, "low" | "high">;

/**
 * What the intervals of a hypothesis must satisfy, in the unit of what is measured:
 * - superiority: every difference is above zero
 * - equivalence: every difference is within ± `margin`
 * - non-inferiority: every difference is above −`margin`
 * - ordering: every difference of two consecutive members of an order is above zero
 * - bound: every value is at most, or at least, `value`
 */
export type Rule =
  | { readonly kind: "superiority" | "ordering" }
  | { readonly kind: "equivalence" | "non-inferiority"; readonly margin: number }
  | BoundRule;

/** Every value must be at most, or at least, a bound. */
export interface BoundRule {
  readonly kind: "bound";
  readonly side: "at most" | "at least";
  readonly value: number;
}

/**
 * Supported if every interval satisfies the rule, refuted if any interval lies entirely on the other side, otherwise not
 * shown. An interval that only touches zero or a margin is on neither side; a bound includes its own value. Throws if
 * there are no intervals.
 */
export function decide(rule: Rule, intervals: readonly Ends[]): Decision {
  if (intervals.length === 0) throw new Error(`A rule of ${rule.kind} needs at least one interval.`);
  if (intervals.every((one) => satisfies(rule, one))) return "supported";
  return intervals.some((one) => contradicts(rule, one)) ? "refuted" : "not shown";
}

/** Whether a whole interval satisfies a rule. */
export function satisfies(rule: Rule, { low, high }: Ends): boolean {
  switch (rule.kind) {
    case "superiority":
    case "ordering":
      return low > 0;
    case "equivalence":
      return low > -rule.margin && high < rule.margin;
    case "non-inferiority":
      return low > -rule.margin;
    case "bound":
      return rule.side === "at most" ? high <= rule.value : low >= rule.value;
  }
}

/** Whether a whole interval lies on the other side of zero, the margin or the bound. */
export function contradicts(rule: Rule, { low, high }: Ends): boolean {
  switch (rule.kind) {
    case "superiority":
    case "ordering":
      return high < 0;
    case "equivalence":
      return low > rule.margin || high < -rule.margin;
    case "non-inferiority":
      return high < -rule.margin;
    case "bound":
      return rule.side === "at most" ? low > rule.value : high < rule.value;
  }
}

/** The side of zero on which an interval lies; one that touches zero lies across it. */
export function sideOfZero({ low, high }: Ends): "above" | "below" | "across" {
  return low > 0 ? "above" : high < 0 ? "below" : "across";
}
