import type { SeedResult } from "../results/collect.ts";
import { type Difference, type Label, sameLabel, sortLabels } from "../results/labels.ts";
import type { BootstrapInterval, Estimate, StudentInterval } from "./estimates.ts";
import type { BoundRule, Rule } from "./rules.ts";

/*
 * Pre-registered questions: the files in data/predictions, written and sealed before their test seeds were run. A
 * registration holds a claim and its hypotheses, each with the numbers that decide it and the rule that they must satisfy.
 */

/** A difference, with `less` minus another one, whose interval must be above a bound for a hypothesis to be testable. */
export interface DifferenceNeed extends Difference {
  readonly metric: string;
  readonly less?: Difference;
  /** Default 0. */
  readonly above?: number;
}

/** A bound that the mean of one arm or scorer must keep for a hypothesis to be testable. */
export interface LevelNeed {
  readonly metric: string;
  readonly label: Label;
  readonly side: "above" | "below";
  readonly bound: number;
}

/** What must hold for a hypothesis to be testable. */
export type Need = DifferenceNeed | LevelNeed;

/** What every hypothesis has. */
interface Statement {
  readonly id: string;
  readonly statement: string;
  readonly rule: Rule;
  readonly refutedBy?: string;
}

/** A hypothesis about estimates from trained models. */
export interface Hypothesis extends Statement {
  readonly estimates: readonly Estimate[];
  readonly needs: readonly Need[];
  /**
   * The id of the hypothesis that this one strengthens. It is supported only if both are, uninformative if the other is,
   * and never refuted.
   */
  readonly strengthens?: string;
  /** Whether it is one of the primary hypotheses of all registrations, which are corrected for as one family. */
  readonly primary?: boolean;
  /** What it says of the paper's claim if it is supported; if refuted, the opposite. */
  readonly ifSupported?: "for" | "against";
  /** The smallest effect of interest, in the measure's unit. */
  readonly smallestEffect?: number;
}

/** A hypothesis about exact values, one for each instance. */
export interface ExactHypothesis extends Statement {
  readonly rule: BoundRule;
  readonly source: string;
  /** What the values are, and their unit. */
  readonly measure: string;
}

/** What a label is used for: an arm is evaluated as a policy, a scorer ranks completions. */
export type Role = "arm" | "scorer";

/** An arm or a scorer that a registration names, in the roles that it has there. */
export interface RegisteredArm {
  readonly label: Label;
  readonly roles: readonly Role[];
  readonly description?: string;
}

/** The bootstrap of a registration. */
export interface BootstrapMethod extends BootstrapInterval {
  readonly method: "paired hierarchical bootstrap";
  readonly outer: "seeds";
  readonly inner: "prompts";
}

/** The tests of a registration: Student's t over seeds with Holm's correction. */
export interface StudentMethod extends StudentInterval {
  readonly over: "seeds";
  readonly correction: "holm";
}

/** A primary hypothesis, by registration and id, with its p-value if it is known. */
export interface Primary {
  readonly registration: string;
  readonly hypothesis: string;
  readonly p?: number;
}

/** The primary hypotheses of a registration. */
export function primariesOf({ id, hypotheses }: Registration): Primary[] {
  return hypotheses
    .filter(({ primary }) => primary)
    .map((hypothesis) => ({ registration: id, hypothesis: hypothesis.id }));
}

/** A registration whose hypotheses are decided by intervals over test seeds. */
export interface Registration {
  readonly id: string;
  /** The date of registration. */
  readonly registered: string;
  readonly claim: string;
  /** What the paper reports, with the source. */
  readonly reported: readonly { readonly statement: string; readonly source: string }[];
  readonly arms: readonly RegisteredArm[];
  readonly hypotheses: readonly Hypothesis[];
  /** Estimates that are reported and decide nothing, with what to mind when reading them. */
  readonly secondary: readonly {
    readonly estimates: readonly Estimate[];
    readonly caution?: string;
  }[];
  /** With Student's t hypotheses are decided by `judgeTests`. */
  readonly interval: BootstrapMethod | StudentMethod;
  readonly seeds: {
    /** With fewer seeds nothing is decided. With Student's t it takes all seeds of a preset, and there is no minimum. */
    readonly minimum?: number;
    /** Settings were chosen on these; they are never tested. */
    readonly tuning: readonly number[];
    readonly test: Readonly<Record<string, readonly number[]>>;
  };
}

/** A registration whose hypotheses are decided by exact values of random instances. */
export interface ExactRegistration {
  readonly id: string;
  readonly registered: string;
  readonly hypotheses: readonly ExactHypothesis[];
  /** Decides every random instance, together with the hypothesis's id and the instance's index. */
  readonly seed: number;
  /** Random instances per hypothesis, by preset. */
  readonly instances: Readonly<Record<string, number>>;
}

/** The arms, or the scorers, in results that a registration does not name in this role. */
export function unregistered(
  registration: Registration,
  results: readonly SeedResult[],
  role: Role = "arm",
): Label[] {
  const registered = registration.arms.filter(({ roles }) => roles.includes(role));
  const found = results.flatMap(({ arms, scorers }) =>
    role === "arm" ? arms.map(({ arm }) => arm) : scorers.map(({ scorer }) => scorer),
  );
  return sortLabels(found).filter((one) => !registered.some(({ label }) => sameLabel(label, one)));
}
