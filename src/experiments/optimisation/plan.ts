import { arms, type Label, variant } from "../../results/labels.ts";
import { arm, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";

/** The learning rates tried beside the default, as factors of it. */
export const learningRates = [
  { name: "lr × 1/3", factor: 1 / 3 },
  { name: "lr × 3", factor: 3 },
  { name: "lr × 9", factor: 9 },
] as const;

/** An arm trained at another learning rate. */
export const atLearningRate = (label: Label, { name }: (typeof learningRates)[number]): Label =>
  variant(label, name);

/** Online DPO from SFT with three times the steps, on more prompts. */
export const morePrompts = variant(arms.onlineSft, "more prompts");
/** Online DPO from SFT for three epochs on the same samples: as many steps. */
export const threeEpochs = variant(arms.onlineSft, "3 epochs");

/** Prompts of demonstrations added per prompt of pairs. */
const MORE_PROMPTS = 2;
const TEMPERATURE = 0.7;

/** Whether online training only optimises better: more prompts and steps, other learning rates and temperatures. */
export function optimisationPlan(lab: Laboratory): Plan {
  const { config, sft } = lab;
  const scaled = (factor: number) => ({ learningRate: factor * config.preference.learningRate });
  const offlineAtRates = learningRates.map((rate) => atLearningRate(arms.dpo, rate));
  const onlineAtRates = learningRates.map((rate) => atLearningRate(arms.onlineSft, rate));
  const cooler = { temperature: TEMPERATURE };
  const coolSamples = `T = ${TEMPERATURE}`;
  return {
    arms: [
      arm(arms.sft, sft),
      arm(arms.dpo, lab.dpo(1)),
      arm(arms.dpo2x, lab.dpo(2)),
      arm(arms.dpo5x, lab.dpo(5)),
      arm(arms.dpo10x, lab.dpo(10)),
      ...learningRates.map((rate) => arm(atLearningRate(arms.dpo, rate), lab.dpo(1, scaled(rate.factor)))),
      arm(variant(arms.dpo, "logits divided"), lab.dpo(1, cooler)),
      arm(arms.onlineSft, lab.online(sft)),
      arm(morePrompts, lab.online(sft, { demonstrations: MORE_PROMPTS * config.sizes.pairs })),
      arm(threeEpochs, lab.online(sft, {}, { epochs: (1 + MORE_PROMPTS) * config.online.epochs })),
      ...learningRates.map((rate) =>
        arm(atLearningRate(arms.onlineSft, rate), lab.online(sft, {}, scaled(rate.factor))),
      ),
      arm(variant(arms.onlineSft, coolSamples), lab.online(sft, cooler)),
      arm(variant(arms.onlineSft, `${coolSamples}, logits divided`), lab.online(sft, cooler, cooler)),
    ],
    bestArms: [
      { label: variant(arms.dpo, "best learning rate"), candidates: [arms.dpo, ...offlineAtRates] },
      {
        label: variant(arms.dpo, "best learning rate or epochs"),
        candidates: [arms.dpo, arms.dpo2x, arms.dpo5x, arms.dpo10x, ...offlineAtRates],
      },
      {
        label: variant(arms.onlineSft, "best learning rate"),
        candidates: [arms.onlineSft, ...onlineAtRates],
      },
      {
        label: variant(arms.onlineSft, "best learning rate or epochs"),
        candidates: [arms.onlineSft, threeEpochs, ...onlineAtRates],
      },
    ],
    pairs: { offline: lab.pairs },
  };
}
