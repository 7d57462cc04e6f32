import type { Plan } from "../../results/collect.ts";
import type { Laboratory } from "../laboratory.ts";
import { exploratoryEpochs, offlineArms, offlineEpochs } from "../main-comparison/plan.ts";

/** Learning rates beside the usual one, as factors of it. */
export const learningRateFactors = { "lr × 1/3": 1 / 3, "lr × 3": 3, "lr × 9": 9 } as const;
/** How many of the demonstrations' prompts are added to each of those for pairs. */
const MORE_PROMPTS = 2;
const TEMPERATURE = 0.7;

/** Whether online training is only easier to optimise: more prompts and steps, other learning rates and temperatures. */
export function optimisationPlan(lab: Laboratory): Plan {
  const { config, sft } = lab;
  const factors = Object.entries(learningRateFactors);
  const rated = (base: string, train: (changes: { readonly learningRate: number }) => Plan["arms"][string]) =>
    Object.fromEntries(
      factors.map(([name, factor]) => [
        `${base}@${name}`,
        train({ learningRate: factor * config.preference.learningRate }),
      ]),
    );
  const offline = rated("dpo", (changes) => lab.dpo(1, changes));
  const online = rated("online-sft", (changes) => lab.online(sft, {}, changes));
  const cooler = { temperature: TEMPERATURE };
  const epochs = { ...offlineEpochs, ...exploratoryEpochs };
  return {
    arms: {
      sft,
      ...offlineArms(lab, epochs),
      ...offline,
      "dpo@logits divided": lab.dpo(1, cooler),
      "online-sft": lab.online(sft),
      "online-sft@more prompts": lab.online(sft, { demonstrations: MORE_PROMPTS * config.sizes.pairs }),
      "online-sft@3 epochs": lab.online(sft, {}, { epochs: (1 + MORE_PROMPTS) * config.online.epochs }),
      ...online,
      [`online-sft@T = ${TEMPERATURE}`]: lab.online(sft, cooler),
      [`online-sft@T = ${TEMPERATURE}, logits divided`]: lab.online(sft, cooler, cooler),
    },
    bestArms: {
      "dpo@best learning rate": ["dpo", ...Object.keys(offline)],
      "dpo@best learning rate or epochs": [...Object.keys(epochs), ...Object.keys(offline)],
      "online-sft@best learning rate": ["online-sft", ...Object.keys(online)],
      "online-sft@best learning rate or epochs": [
        "online-sft",
        "online-sft@3 epochs",
        ...Object.keys(online),
      ],
    },
    pairs: { offline: lab.pairs },
  };
}
