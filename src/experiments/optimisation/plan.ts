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

/** An arm at every learning rate, the lowest first, with the rate as a factor of the default. */
export function byLearningRate(label: Label): { label: Label; factor: number }[] {
  const others = learningRates.map((rate) => ({ label: atLearningRate(label, rate), factor: rate.factor }));
  return [{ label, factor: 1 }, ...others].sort((a, b) => a.factor - b.factor);
}

/** The best learning rate of an arm on validation prompts. */
export const bestLearningRate = (label: Label): Label => variant(label, "best learning rate");
/** The best learning rate or number of epochs of an arm on validation prompts. */
export const bestRateOrEpochs = (label: Label): Label => variant(label, "best learning rate or epochs");

/** Online DPO from SFT with three times the steps, on more prompts. */
export const morePrompts = variant(arms.onlineSft, "more prompts");
/** Online DPO from SFT for three epochs on the same samples: as many steps. */
export const threeEpochs = variant(arms.onlineSft, "3 epochs");

/** Prompts of demonstrations added per prompt of pairs. */
const MORE_PROMPTS = 2;
const TEMPERATURE = 0.7;

/** Online DPO from SFT on samples at a lower temperature. */
export const coolSamples = variant(arms.onlineSft, `T = ${TEMPERATURE}`);
/** The same with a loss that divides the logits by that temperature. */
export const coolSamplesDivided = variant(coolSamples, "logits divided");
/** Offline DPO with such a loss. */
export const dpoDivided = variant(arms.dpo, "logits divided");

/** Whether online training only optimises better: more prompts and steps, other learning rates and temperatures. */
export function optimisationPlan(lab: Laboratory): Plan {
  const { config, sft } = lab;
  const scaled = (factor: number) => ({ learningRate: factor * config.preference.learningRate });
  const offlineAtRates = learningRates.map((rate) => atLearningRate(arms.dpo, rate));
  const onlineAtRates = learningRates.map((rate) => atLearningRate(arms.onlineSft, rate));
  const cooler = { temperature: TEMPERATURE };
  return {
    arms: [
      arm(arms.sft, sft),
      arm(arms.dpo, lab.dpo(1)),
      arm(arms.dpo2x, lab.dpo(2)),
      arm(arms.dpo5x, lab.dpo(5)),
      arm(arms.dpo10x, lab.dpo(10)),
      ...learningRates.map((rate) => arm(atLearningRate(arms.dpo, rate), lab.dpo(1, scaled(rate.factor)))),
      arm(dpoDivided, lab.dpo(1, cooler)),
      arm(arms.onlineSft, lab.online(sft)),
      arm(morePrompts, lab.online(sft, { demonstrations: MORE_PROMPTS * config.sizes.pairs })),
      arm(threeEpochs, lab.online(sft, {}, { epochs: (1 + MORE_PROMPTS) * config.online.epochs })),
      ...learningRates.map((rate) =>
        arm(atLearningRate(arms.onlineSft, rate), lab.online(sft, {}, scaled(rate.factor))),
      ),
      arm(coolSamples, lab.online(sft, cooler)),
      arm(coolSamplesDivided, lab.online(sft, cooler, cooler)),
    ],
    bestArms: [
      { label: bestLearningRate(arms.dpo), candidates: [arms.dpo, ...offlineAtRates] },
      {
        label: bestRateOrEpochs(arms.dpo),
        candidates: [arms.dpo, arms.dpo2x, arms.dpo5x, arms.dpo10x, ...offlineAtRates],
      },
      {
        label: bestLearningRate(arms.onlineSft),
        candidates: [arms.onlineSft, ...onlineAtRates],
      },
      {
        label: bestRateOrEpochs(arms.onlineSft),
        candidates: [arms.onlineSft, threeEpochs, ...onlineAtRates],
      },
    ],
    pairs: { offline: lab.pairs },
  };
}
