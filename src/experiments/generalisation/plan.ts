import type { ScorerSpec, Setting, VerificationStage } from "../../pipeline/stage.ts";
import type { Plan } from "../../results/collect.ts";
import { variantId } from "../../results/variants.ts";
import { type Laboratory, laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";
import type { Tuning } from "../tuning.ts";

/** The reward models from the one that sees the whole completion at once to the one that is a policy. */
export const rewardModelKinds = ["global", "local", "last", "dpo"] as const;
export type RewardModelKind = (typeof rewardModelKinds)[number];

/** Each rung's own learning rate: the best for it among `candidateRates`. */
export const rungRates: Readonly<Record<RewardModelKind, number>> = {
  global: 3e-3,
  local: 6e-3,
  last: 3e-3,
  dpo: 6e-3,
};
/** The learning rates that each rung was tuned over. */
export const candidateRates = [1e-3, 3e-3, 6e-3] as const;

/** The epochs that each is trained for; the best on validation labels stands for it. */
export const rewardEpochs = [1, 2, 4, 8] as const;
/** The epochs at which all are compared at equal budgets: those of the laboratory's reward model. */
export const equalEpochs = 4;

/** Posts with many important facts and with few; the training posts have 40 %. */
const posts = { "rich posts": 0.7, "poor posts": 0.15 } as const;
/** What the ids of verifiers end in that are judged elsewhere than on SFT samples of posts as in training. */
export const shifts = [...(Object.keys(posts) as (keyof typeof posts)[]), "online samples"] as const;
export type Shift = (typeof shifts)[number];

const SHIFTED_PROMPTS = 200;
const COMPLETIONS = 25;

/** What the ids of reward models trained for so many epochs end in. */
export function epochsVariant(epochs: number): string {
  return `${epochs} epoch${epochs === 1 ? "" : "s"}`;
}

/** What the ids of verifiers as the other notebooks train them end in. */
export const usualSettings = "usual settings";

/**
 * Four reward models of the same pairs, each for several epochs, judged on SFT samples of fresh posts; on SFT samples of
 * posts of another kind; and on samples of a policy that online DPO has moved.
 */
export function generalisationPlan(lab: Laboratory): Plan {
  const trained = (rung: RewardModelKind, epochs: number) => rungOf(lab, rung, epochs, rungRates[rung]);
  const usual = { global: lab.reward, local: lab.local({ epochs: equalEpochs }), dpo: lab.dpo(1) };
  const prompts = Math.min(SHIFTED_PROMPTS, lab.config.verification.prompts);
  const grounds: Record<Shift, Partial<VerificationStage>> = {
    "rich posts": { setting: settingOf(lab, posts["rich posts"], prompts), prompts },
    "poor posts": { setting: settingOf(lab, posts["poor posts"], prompts), prompts },
    "online samples": { policy: lab.online(lab.sft), prompts },
  };
  const scorersOn = (
    changes: Partial<VerificationStage>,
    idOf: (rung: RewardModelKind, epochs: number) => string,
  ) =>
    rewardModelKinds.flatMap((rung) =>
      rewardEpochs.map((epochs): [string, VerificationStage] => [
        idOf(rung, epochs),
        lab.verification(trained(rung, epochs), { completions: COMPLETIONS, ...changes }),
      ]),
    );
  const plainId = (rung: RewardModelKind, epochs: number) => variantId(rung, epochsVariant(epochs));
  const shiftedId = (shift: Shift) => (rung: RewardModelKind, epochs: number) =>
    variantId(plainId(rung, epochs), shift);
  return {
    arms: { sft: lab.sft, "online-sft": lab.online(lab.sft) },
    scorers: Object.fromEntries([
      ...scorersOn({}, plainId),
      ...Object.entries(usual).map(([rung, scorer]) => [
        variantId(rung, usualSettings),
        lab.verification(scorer, { completions: COMPLETIONS }),
      ]),
      ...shifts.flatMap((shift) => scorersOn(grounds[shift], shiftedId(shift))),
    ]),
    bestScorers: Object.fromEntries(
      rewardModelKinds.map((rung) => [rung, rewardEpochs.map((epochs) => plainId(rung, epochs))]),
    ),
    followingScorers: Object.fromEntries(
      shifts.flatMap((shift) =>
        rewardModelKinds.map((rung) => [
          variantId(rung, shift),
          { choice: rung, members: rewardEpochs.map((epochs) => shiftedId(shift)(rung, epochs)) },
        ]),
      ),
    ),
    pairs: { offline: lab.pairs },
  };
}

/** How each rung's learning rate was chosen: by the annotator's labels of pairs on validation prompts, at the most epochs. */
export const generalisationTuning: Tuning = {
  seeds: [0, 1, 2],
  plan(seed) {
    const lab = laboratory(keyEnvConfig("laptop"), seed);
    const prompts = lab.setting.sizes.validation;
    const epochs = Math.max(...rewardEpochs);
    const candidates = rewardModelKinds.flatMap((rung) =>
      candidateRates.map((rate) => [
        tunedRungId(rung, rate),
        lab.verification(rungOf(lab, rung, epochs, rate), { split: "validation", prompts, completions: 4 }),
      ]),
    );
    return { arms: {}, scorers: Object.fromEntries(candidates) };
  },
};

/** The id of a reward model that is trained at a learning rate, for the most epochs. */
export function tunedRungId(rung: RewardModelKind, rate: number): string {
  return variantId(rung, `learning rate ${rate}`);
}

function rungOf(lab: Laboratory, rung: RewardModelKind, epochs: number, learningRate: number): ScorerSpec {
  const options = { epochs, learningRate };
  switch (rung) {
    case "global":
      return lab.rewardOf({ options });
    case "local":
      return lab.local(options);
    case "last":
      return lab.local({ ...options, credit: "last" });
    case "dpo":
      return lab.dpo(epochs, options);
  }
}

/** Evaluation posts of the same seed with another chance of important facts; no other part of that data is used. */
function settingOf(lab: Laboratory, importance: number, evaluation: number): Setting {
  const { task, seed } = lab.setting;
  if ("code" in task || task.name !== "key-env")
    throw new Error(`The shifted posts are KeyEnv's, not those of ${task.name}.`);
  return {
    task: { ...task, options: { ...task.options, importance } },
    sizes: { demonstrations: 1, pairs: 1, validation: 1, evaluation },
    seed,
  };
}
