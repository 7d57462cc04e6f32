import type { VerificationStage } from "../../pipeline/stage.ts";
import type { Plan } from "../../results/collect.ts";
import type { Preset } from "../../results/presets.ts";
import { asVariants, variantId } from "../../results/variants.ts";
import { type Laboratory, laboratory } from "../laboratory.ts";
import { offlineArms, offlineEpochs } from "../main-comparison/plan.ts";
import { keyEnvConfig, ringConfig } from "../settings.ts";
import { twoWordsConfig } from "../two-words/plan.ts";

/** The steps of a walk in the ring. */
export const horizons = [1, 2, 3, 6, 9] as const;
/** The most clauses of a summary in KeyEnv. */
export const clauseCounts = [1, 2, 3, 5, 7] as const;

/** What the ids of a horizon's arms and verifiers end in. */
export const horizonVariant = (horizon: number): string => `H = ${horizon}`;
/** What the ids of the arms and verifiers of summaries of some length end in. */
export const clausesVariant = (clauses: number): string => `F = ${clauses}`;

/** DPO's implicit reward after as many epochs as a reward model has, at DPO's own learning rate. */
export const dpoAfterFive = variantId("dpo", "5 epochs");
/** The same trained as the reward model is: epochs, batches, learning rate and schedule. */
export const dpoAsReward = variantId("dpo", "trained as the RM");

/**
 * The ring at every horizon: offline and online arms, the reward model, and DPO's implicit reward after one epoch,
 * after five, and trained just as the reward model is.
 */
export function ringPlan(preset: Preset, seed: number): Plan {
  return joined(
    horizons.map((horizon) => {
      const lab = laboratory(ringConfig(preset, horizon), seed);
      const asReward = lab.dpo(lab.config.reward.epochs, lab.config.reward);
      return named(gapsOf(lab, { [dpoAsReward]: lab.verification(asReward) }), horizonVariant(horizon));
    }),
  );
}

/**
 * KeyEnv with summaries of up to 1, 2, 3, 5 and 7 clauses on the same posts; 5 are the main comparison's. One clause is
 * the task of the notebook on two words, whose writers do not favour important facts.
 */
export function clausesPlan(preset: Preset, seed: number): Plan {
  return joined(
    clauseCounts.map((clauses) => {
      const config =
        clauses === 1 ? twoWordsConfig(preset) : keyEnvConfig(preset, clauses === 5 ? {} : { clauses });
      return named(gapsOf(laboratory(config, seed)), clausesVariant(clauses));
    }),
  );
}

type Gaps = Required<Pick<Plan, "arms" | "bestArms" | "scorers" | "pairs">>;

/** What the policy gap and the verification gap of one task are read from. */
function gapsOf(lab: Laboratory, more: Readonly<Record<string, VerificationStage>> = {}): Gaps {
  const dpo = lab.dpo(1);
  return {
    arms: { sft: lab.sft, ...offlineArms(lab, offlineEpochs), "online-dpo": lab.online(dpo) },
    bestArms: { "dpo-best": Object.keys(offlineEpochs) },
    scorers: {
      global: lab.verification(lab.reward),
      dpo: lab.verification(dpo),
      [dpoAfterFive]: lab.verification(lab.dpo(5)),
      ...more,
    },
    pairs: { offline: lab.pairs },
  };
}

/** The same under the ids of variants. */
function named({ arms, bestArms, scorers, pairs }: Gaps, variant: string): Gaps {
  const members = Object.entries(bestArms).map(([id, of]): [string, string[]] => [
    id,
    of.map((member) => variantId(member, variant)),
  ]);
  return {
    arms: asVariants(arms, variant),
    bestArms: asVariants(Object.fromEntries(members), variant),
    scorers: asVariants(scorers, variant),
    pairs: asVariants(pairs, variant),
  };
}

function joined(parts: readonly Gaps[]): Plan {
  return {
    arms: Object.assign({}, ...parts.map(({ arms }) => arms)),
    bestArms: Object.assign({}, ...parts.map(({ bestArms }) => bestArms)),
    scorers: Object.assign({}, ...parts.map(({ scorers }) => scorers)),
    pairs: Object.assign({}, ...parts.map(({ pairs }) => pairs)),
  };
}
