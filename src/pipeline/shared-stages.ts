import type { Credit } from "../models/batch.ts";
import type { ScorerSpec } from "./scorers.ts";
import type { PolicyStage, Stage } from "./stage.ts";

/*
 * Stages whose results several others of a seed need: completions of a policy, and their log-probabilities. What a stage
 * shares follows from its other fields, so it is no part of its definition, and the ledger's ids do not depend on it.
 */

/** Completions that a policy draws for the prompts of a setting. */
export interface SamplesStage
  extends Stage<{
    readonly result: { readonly completions: readonly (readonly (readonly number[])[])[] };
    readonly record: { readonly completions: number };
  }> {
  readonly kind: "samples";
  readonly policy: PolicyStage;
  /** The preference prompts, or those of a held-out split. */
  readonly prompts: "preference" | "validation" | "evaluation";
  /** How many of the prompts are used, from the first on or from `skip` on; default all. */
  readonly first?: number;
  /** How many of the preference prompts are left out before the first that is used; default none. */
  readonly skip?: number;
  /** How many of the demonstrations' prompts are used as well; default none. */
  readonly demonstrations?: number;
  /** Names the random stream. */
  readonly purpose: string;
  /** Per prompt. */
  readonly completions: number;
  readonly temperature: number;
}

/** A stage whose completions are scored: samples, or pairs of completions that `policy` drew. */
export type ScoredStage = Stage & { readonly policy: PolicyStage };

/**
 * Log-probabilities of completions under a policy: of samples in their order, or of pairs, the chosen and the rejected
 * completion in turn.
 */
export interface LogpsStage
  extends Stage<{
    readonly result: { readonly logps: readonly number[] };
    readonly record: { readonly completions: number };
  }> {
  readonly kind: "logps";
  readonly policy: PolicyStage;
  /** Samples or pairs. */
  readonly of: Stage;
  readonly credit?: Credit;
  readonly temperature?: number;
}

/** What a verification and a stage of online pairs say about the samples that they judge. */
type SamplingStage = Stage &
  Pick<SamplesStage, "policy" | "completions" | "temperature"> &
  (
    | { readonly kind: "verification"; readonly split: "validation" | "evaluation"; readonly prompts: number }
    | ({ readonly kind: "online-pairs" } & Pick<SamplesStage, "first" | "skip" | "demonstrations">)
  );

/** What a preference stage says about its reference. */
interface ReferringStage extends Stage {
  readonly kind: "preference";
  readonly policy: PolicyStage;
  readonly pairs: Stage;
  readonly reference?: PolicyStage;
  readonly options: Pick<LogpsStage, "credit" | "temperature"> & { readonly reference: "start" | "none" };
}

/** The samples that a verification judges or online pairs are made from. */
export function samplesOf(stage: SamplingStage): SamplesStage {
  const { policy, completions, temperature, setting } = stage;
  const drawn = { kind: "samples", setting, policy, completions, temperature } as const;
  if (stage.kind === "online-pairs") {
    const { first, skip, demonstrations } = stage;
    return { ...drawn, prompts: "preference", first, skip, demonstrations, purpose: "online-pairs" };
  }
  const { split, prompts: first } = stage;
  const purpose = split === "evaluation" ? "verification" : `verification-${split}`;
  return { ...drawn, prompts: split, first, purpose };
}

/** The reference's log-probabilities of the pairs of a preference stage, unless it trains without a reference. */
export function referenceLogpsOf(stage: ReferringStage): LogpsStage | undefined {
  const { setting, policy, pairs, reference = policy, options } = stage;
  if (options.reference === "none") return undefined;
  const { credit, temperature } = options;
  return { kind: "logps", setting, policy: reference, of: pairs, credit, temperature };
}

/**
 * The log-probabilities that a scorer of `of` needs and that do not depend on the scorer: the reference's, for the implicit
 * reward of a fine-tuned policy, or the sampler's, for the likelihood.
 */
export function scorerLogpsOf(scorer: ScorerSpec, of: ScoredStage): LogpsStage | undefined {
  const logps = (policy: PolicyStage): LogpsStage => ({ kind: "logps", setting: of.setting, policy, of });
  if (scorer === "likelihood") return logps(of.policy);
  if (typeof scorer === "string" || !("kind" in scorer) || scorer.kind !== "preference") return undefined;
  const { policy, reference = policy, options } = scorer as ReferringStage;
  return options.reference === "none" ? undefined : logps(reference);
}

/** The shared stages that a stage reads beside its parents. */
export function sharedInputs(stage: Stage): Stage[] {
  return needed(stage as SharingStage).filter((one) => one !== undefined);
}

type SharingStage =
  | (SamplingStage & { readonly scorer: ScorerSpec })
  | (Stage & { readonly kind: "relabelled-pairs"; readonly scorer: ScorerSpec; readonly pairs: ScoredStage })
  | ReferringStage;

function needed(stage: SharingStage): (SamplesStage | LogpsStage | undefined)[] {
  switch (stage.kind) {
    case "verification":
    case "online-pairs": {
      const samples = samplesOf(stage);
      return [samples, scorerLogpsOf(stage.scorer, samples)];
    }
    case "relabelled-pairs":
      return [scorerLogpsOf(stage.scorer, stage.pairs)];
    case "preference":
      return [referenceLogpsOf(stage)];
    default:
      return [];
  }
}

/** Whether a stage is one that others share, which a ledger may lack. */
export const isShared = ({ kind }: Stage): boolean => kind === "samples" || kind === "logps";
