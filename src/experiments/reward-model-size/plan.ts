import { type NeoXConfig, parameterCount } from "../../models/gpt-neox.ts";
import type { RewardStage } from "../../pipeline/reward-model.ts";
import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory, LaboratoryConfig } from "../laboratory.ts";
import { neoxConfig } from "../settings.ts";

/** A reward model's size: the width and attention heads of its decoder, which has as many layers as the policy's. */
export interface RewardModelSize {
  readonly width: number;
  readonly heads: number;
}

/**
 * The sizes of reward models with the learning rate that is used, and all that were tried, in factors of two: the best
 * is neither the lowest nor the highest of them.
 */
export const rewardModelSizes = [
  { width: 16, heads: 2, learningRate: 1.2e-2, tried: [1.5e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2] },
  { width: 24, heads: 2, learningRate: 6e-3, tried: [1.5e-3, 3e-3, 6e-3, 1.2e-2] },
  { width: 48, heads: 2, learningRate: 1.5e-3, tried: [7.5e-4, 1.5e-3, 3e-3, 6e-3] },
  { width: 96, heads: 4, learningRate: 7.5e-4, tried: [3.75e-4, 7.5e-4, 1.5e-3, 3e-3, 6e-3] },
] as const;

/** Bits per number to which the weight changes made by fine-tuning are rounded, the finest first. */
export const roundingBits = [8, 6, 4, 3, 2] as const;
/** The scorers whose weight changes are rounded. */
export const roundedScorers: readonly Label[] = [scorers.global, scorers.local, scorers.dpo];

/** The reward model of a width. */
export function rewardModelOfWidth(width: number): Label {
  return variant(scorers.global, `d = ${width}`);
}

/** Online DPO from SFT, labelled by the reward model of a width. */
export function onlineArmOfWidth(width: number): Label {
  return variant(arms.onlineSft, `RM of d = ${width}`);
}

/** A scorer whose weight changes are rounded. */
export function roundedScorer(scorer: Label, bits: number): Label {
  return variant(scorer, `${bits} bits`);
}

/**
 * One policy and its samples, judged and labelled by reward models below, at and above its size. Each reward model
 * starts from an SFT model of its own size, trained on the same demonstrations. Scorers of the policy's size are also
 * judged with their weight changes rounded, for their description length.
 */
export function rewardModelSizePlan(lab: Laboratory): Plan {
  const { sft, reward } = lab;
  const [dpo, local] = [lab.dpo(1), lab.localReward(4)];
  const models = rewardModelSizes.map((size) => ({
    width: size.width,
    reward: rewardOfSize(lab, size, size.learningRate),
  }));
  const ownSize = [
    judged(scorers.global, lab.verification(reward)),
    judged(scorers.local, lab.verification(local)),
    judged(scorers.dpo, lab.verification(dpo)),
  ];
  return {
    arms: [
      arm(arms.sft, sft),
      arm(arms.dpo, dpo),
      ...models.map((one) => arm(onlineArmOfWidth(one.width), lab.online(sft, { scorer: one.reward }))),
    ],
    scorers: [
      judged(scorers.gold, lab.verification("gold")),
      ...ownSize,
      ...models.map((one) => judged(rewardModelOfWidth(one.width), lab.verification(one.reward))),
      ...ownSize.flatMap(({ label, stage }) =>
        roundingBits.map((bits) => judged(roundedScorer(label, bits), { ...stage, bits, completions: 4 })),
      ),
    ],
    pairs: { offline: lab.pairs },
  };
}

/** The number of parameters of a reward model of this size. */
export function rewardModelParameters(config: LaboratoryConfig, size: RewardModelSize): number {
  return parameterCount(modelOfSize(config, size), "reward");
}

/** The global reward model of this size, trained at this learning rate. */
export function rewardOfSize(lab: Laboratory, size: RewardModelSize, learningRate: number): RewardStage {
  return lab.rewardWith({ policy: lab.sftWith(modelOfSize(lab.config, size)), learningRate });
}

function modelOfSize({ task, model }: LaboratoryConfig, { width, heads }: RewardModelSize): NeoXConfig {
  return neoxConfig(task, width, model.num_hidden_layers, heads);
}
