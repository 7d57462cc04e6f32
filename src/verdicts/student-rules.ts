import { sampleSd } from "../evaluation/statistics.ts";
import { intervalProbability, pAbove } from "../evaluation/student.ts";
import type { Rule } from "./rules.ts";

/*
 * The tests behind the rules when intervals are Student's t over seeds. Superiority is a two-sided test against zero;
 * equivalence is two one-sided tests against the ends of the margin, and non-inferiority one. A test decides at a level
 * exactly if the interval of the confidence that belongs to this level satisfies or contradicts the rule, so that the
 * interval which is shown is the one that decides. Each of the two wrong decisions has at most the level as probability.
 */

/** The confidence of the interval that decides at a level: 1 − alpha for superiority, 1 − 2 alpha for the rules with a margin. */
export function decidingConfidence({ kind }: Rule, alpha: number): number {
  return kind === "equivalence" || kind === "non-inferiority" ? 1 - 2 * alpha : 1 - alpha;
}

/**
 * The smallest level at which a rule is satisfied or contradicted by the values, one for each seed. Throws for a bound,
 * which exact values are compared with.
 */
export function pValue(rule: Rule, values: readonly number[]): number {
  const negative = values.map((value) => -value);
  const above = (bound: number) => pAbove(values, bound);
  const below = (bound: number) => pAbove(negative, -bound);
  switch (rule.kind) {
    case "superiority":
    case "ordering":
      return Math.min(1, 2 * Math.min(above(0), below(0)));
    case "equivalence": {
      const { margin } = rule;
      return Math.min(Math.max(above(-margin), below(margin)), above(margin), below(-margin));
    }
    case "non-inferiority":
      return Math.min(above(-rule.margin), below(-rule.margin));
    case "bound":
      throw new Error("A bound is a rule for exact values: no test of it is made.");
  }
}

/**
 * The probability that a rule is satisfied by an interval of this confidence on as many seeds, with the spread of
 * `values`, if the true value is `effect` for superiority, or zero for the rules with a margin.
 */
export function powerOf(rule: Rule, values: readonly number[], confidence: number, effect: number): number {
  const plan = { values: values.length, sd: sampleSd(values), confidence, mean: 0 };
  switch (rule.kind) {
    case "superiority":
    case "ordering":
      return intervalProbability({ ...plan, mean: effect, above: 0 });
    case "equivalence":
      return intervalProbability({ ...plan, above: -rule.margin, below: rule.margin });
    case "non-inferiority":
      return intervalProbability({ ...plan, above: -rule.margin });
    case "bound":
      throw new Error("A bound is a rule for exact values: no test of it is made.");
  }
}
