import { parameterCount } from "../../models/gpt-neox.ts";
import type { RewardStage, ScorerSpec } from "../../pipeline/stage.ts";
import type { Plan } from "../../results/collect.ts";
import { variantId } from "../../results/variants.ts";
import { type Laboratory, type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { keyEnvConfig, neoxConfig } from "../settings.ts";
import type { Tuning } from "../tuning.ts";

/**
 * The reward models of notebook 09 by the width of their decoder, two layers each, as the policy: the learning rate
 * that is used and all that were tried, in steps of two; the best lies inside of them.
 */
export const rewardModelSizes = [
  { width: 16, heads: 2, learningRate: 1.2e-2, tried: [1.5e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2] },
  { width: 24, heads: 2, learningRate: 6e-3, tried: [1.5e-3, 3e-3, 6e-3, 1.2e-2] },
  { width: 48, heads: 2, learningRate: 1.5e-3, tried: [7.5e-4, 1.5e-3, 3e-3, 6e-3] },
  { width: 96, heads: 4, learningRate: 7.5e-4, tried: [3.75e-4, 7.5e-4, 1.5e-3, 3e-3, 6e-3] },
] as const;

/** To how many bits per number the changes that fine-tuning made are rounded, the finest first. */
export const changePrecisions = [8, 6, 4, 3, 2] as const;
/** The verifiers whose changes are rounded. */
export const roundedScorers = ["global", "local", "dpo"] as const;

/** The id of the reward model of a width. */
export function rewardModelId(width: number): string {
  return variantId("global", `d = ${width}`);
}

/** The id of online DPO from SFT with the labels of the reward model of a width. */
export function onlineArmId(width: number): string {
  return variantId("online-sft", `RM of d = ${width}`);
}

/** The id of a verifier whose change by fine-tuning is rounded. */
export function roundedId(scorer: string, bits: number): string {
  return variantId(scorer, `${bits} bits`);
}

/**
 * One policy and its samples, judged and trained by reward models below, at and above its size. Each reward model
 * starts from an SFT model of its own size on the same demonstrations. Verifiers of the policy's size are also judged
 * with the change that fine-tuning made to them rounded: a description length.
 */
export function rewardModelSizePlan(lab: Laboratory): Plan {
  const { sft } = lab;
  const dpo = lab.dpo(1);
  const models = rewardModelSizes.map((size) => ({ ...size, reward: rewardOfSize(lab, size) }));
  const scorers = { global: lab.reward, local: lab.local({ epochs: 4 }), dpo };
  const judged = (entries: Readonly<Record<string, ScorerSpec>>) =>
    Object.fromEntries(Object.entries(entries).map(([id, scorer]) => [id, lab.verification(scorer)]));
  const rounded = roundedScorers.flatMap((id) =>
    changePrecisions.map((bits) => [
      roundedId(id, bits),
      lab.verification(scorers[id], { bits, completions: 4 }),
    ]),
  );
  return {
    arms: {
      sft,
      dpo,
      ...Object.fromEntries(
        models.map(({ width, reward }) => [onlineArmId(width), lab.online(sft, { scorer: reward })]),
      ),
    },
    scorers: {
      ...judged({ gold: "gold", ...scorers }),
      ...judged(Object.fromEntries(models.map(({ width, reward }) => [rewardModelId(width), reward]))),
      ...Object.fromEntries(rounded),
    },
    pairs: { offline: lab.pairs },
  };
}

/** How the learning rate of each size was chosen: by the annotator's labels of pairs on validation prompts. */
export const rewardModelSizeTuning: Tuning = {
  seeds: [0, 1, 2, 3, 4],
  plan(seed) {
    const lab = laboratory(keyEnvConfig("laptop"), seed);
    const { validation } = lab.setting.sizes;
    const scorers = rewardModelSizes.flatMap((size) =>
      size.tried.map((learningRate) => {
        const reward = rewardOfSize(lab, { ...size, learningRate });
        const judged = lab.verification(reward, { split: "validation", prompts: validation, completions: 4 });
        return [tunedId(size.width, learningRate), judged];
      }),
    );
    return { arms: {}, scorers: Object.fromEntries(scorers) };
  },
};

/** The id of a reward model of a width that is trained at a learning rate. */
export function tunedId(width: number, learningRate: number): string {
  return variantId(rewardModelId(width), `learning rate ${learningRate}`);
}

/** How many parameters the reward model of a width has in an environment. */
export function rewardModelParameters(
  config: LaboratoryConfig,
  { width, heads }: Omit<Size, "learningRate">,
) {
  return parameterCount(modelOfSize(config, { width, heads }), "reward");
}

interface Size {
  readonly width: number;
  readonly heads: number;
  readonly learningRate: number;
}

function rewardOfSize(lab: Laboratory, { learningRate, ...size }: Size): RewardStage {
  return lab.rewardOf({ policy: lab.sftOf(modelOfSize(lab.config, size)), options: { learningRate } });
}

function modelOfSize({ task, model }: LaboratoryConfig, { width, heads }: Omit<Size, "learningRate">) {
  return neoxConfig(task, width, model.num_hidden_layers, heads);
}
