import type { GridEdge } from "../results/grid-edges.ts";
import type { Label } from "../results/labels.ts";
import type { Preset } from "../results/presets.ts";
import type { Estimated } from "./estimates.ts";
import type { UnmetNeed } from "./needs.ts";
import type { Hypothesis, Primary, Registration } from "./registration.ts";
import type { Status } from "./rules.ts";

/** What a check of a hypothesis against its seal found; see `judgeSealed`. */
export type SealState =
  /** Nothing that was compared differs. */
  | { readonly kind: "intact"; readonly compared: "everything" | "all but rows" | "rules and code" }
  /** What the verdict depends on is not what was sealed; each change is a sentence without a full stop. */
  | { readonly kind: "broken"; readonly changes: readonly string[] }
  /** Computed with other settings or on other seeds than those that were sealed. */
  | { readonly kind: "other experiment"; readonly changes: readonly string[] }
  /** The ledger has no such registration. */
  | { readonly kind: "unsealed" };

/** What was found of one hypothesis. */
export interface Finding {
  readonly registration: Registration;
  readonly hypothesis: Hypothesis;
  readonly status: Status;
  readonly estimates: readonly Estimated[];
  /** The confidence of the estimates' intervals. */
  readonly level: number;
  readonly unmet: readonly UnmetNeed[];
  /** Arms and scorers of the hypothesis or its needs that the plan has but some seed has no results of. */
  readonly missing: readonly Label[];
  /** The finding of the hypothesis that this one strengthens, if any. */
  readonly strengthened?: Finding;
  /** The seeds of the results. */
  readonly seeds: readonly number[];
  /** What the finding says of the paper's claim; undefined if the registration does not say it. */
  readonly stance?: "for" | "against" | "undecided";
  /** The smallest level at which Student's test alone decides in either direction; 1 if it cannot be tested. */
  readonly p?: number;
  /** The smallest level of its family at which Holm's procedure decides it. */
  readonly adjustedP?: number;
  /**
   * The probability that this test decides for the hypothesis if the true value is the smallest effect of interest or, with
   * a margin, zero, with the observed spread over seeds. Absent if it was not tested.
   */
  readonly power?: number;
  /** How the test was made; absent with the bootstrap. */
  readonly test?: TestDetails;
  /** Absent if no seal was looked for. */
  readonly seal?: SealState;
}

/** How Student's test of one hypothesis was made. */
export interface TestDetails {
  /** The preset that was run. */
  readonly preset: Preset;
  /** How many hypotheses the family has. */
  readonly family: number;
  /** Primary hypotheses of other registrations that have no p-value yet and count as undecided. */
  readonly pending: readonly Primary[];
  /** Seeds on which the curves of the estimate do not overlap. */
  readonly withoutOverlap: readonly number[];
  /** Grids, among those from which its arms and scorers were chosen, that are too short. */
  readonly edges: readonly GridEdge[];
}
