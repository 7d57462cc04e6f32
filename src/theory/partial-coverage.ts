import type { CompletionSpace } from "./completion-space.ts";
import type { Probabilities } from "./counterexample.ts";
import { logSoftmax } from "./distributions.ts";
import { localRewards, policyClass } from "./function-classes.ts";
import { type Comparison, preferenceProbability } from "./preferences.ts";
import { maximumLikelihood } from "./rlhf-vs-mle.ts";

/*
 * The slides' example of partial coverage with a reference policy that does write ξ3, with a probability called coverage:
 * how RLHF and DPO divide probability between the three completions as coverage grows from zero.
 */

const SPACE: CompletionSpace = { prompts: 1, actions: 3, horizon: 1 };
/** True rewards: ξ3 is worth no more than ξ2. */
const REWARDS = [1, 0, 0] as const;
/** Policies with the logits θ, 0, 2θ: what raises ξ1 above ξ2 raises ξ3 twice as much. */
const FEATURES = [[1], [0], [2]];

/** Where both methods put their probability at one coverage and one β. */
export interface CoverageOptima {
  readonly coverage: number;
  readonly beta: number;
  /** Of all policies: π_ref exp(r / β), normalised. */
  readonly rlhf: Probabilities;
  /** Of the policies with logits θ, 0, 2θ, by maximum likelihood. */
  readonly dpo: Probabilities;
}

/**
 * The optima of RLHF and DPO when π_ref writes ξ3 with probability `coverage`, and ξ1 and ξ2 equally often otherwise. The
 * data are preferences between two different samples of π_ref, as many as it gives, by Bradley and Terry: with coverage 0
 * none is about ξ3. Throws unless 0 ≤ coverage < 1 and β > 0.
 */
export function coverageOptima(coverage: number, beta: number): CoverageOptima {
  if (!(coverage >= 0 && coverage < 1))
    throw new Error(`The coverage must be from 0 to below 1, not ${coverage}.`);
  if (!(beta > 0)) throw new Error(`β must be above 0, not ${beta}.`);
  const reference = [(1 - coverage) / 2, (1 - coverage) / 2, coverage];
  const logReference = reference.map(Math.log);
  const rlhf = logSoftmax(logReference.map((logp, at) => logp + REWARDS[at]! / beta));
  // With coverage 0, ξ3 is in no comparison, so that the finite stand-in for log P_ref = −∞ has no effect.
  const local = localRewards(
    policyClass(SPACE, FEATURES),
    logReference.map((logp) => Math.max(logp, -1e3)),
    beta,
  );
  const { theta } = maximumLikelihood(local, comparisonsOf(reference));
  return {
    ...{ coverage, beta },
    rlhf: probabilities(rlhf),
    dpo: probabilities(policyClass(SPACE, FEATURES).values(theta)),
  };
}

/** The preferences between two samples of a reference policy, each order with its probability as its weight. */
function comparisonsOf(reference: readonly number[]): Comparison[] {
  return reference
    .flatMap((p, chosen) =>
      reference.map((q, rejected) => ({
        chosen,
        rejected,
        weight: p * q * preferenceProbability(REWARDS[chosen]! - REWARDS[rejected]!),
      })),
    )
    .filter(({ chosen, rejected, weight }) => chosen !== rejected && weight > 0);
}

function probabilities(logps: readonly number[]): Probabilities {
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = logps.map(Math.exp);
  return [first, second, third];
}

/** `coverageOptima` at every combination of coverages and βs. */
export function coverageGrid(coverages: readonly number[], betas: readonly number[]): CoverageOptima[] {
  return coverages.flatMap((coverage) => betas.map((beta) => coverageOptima(coverage, beta)));
}
