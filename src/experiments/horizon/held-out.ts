import { arms, type Label, scorers } from "../../results/labels.ts";
import { joinPlans, type Plan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import { bothGaps } from "../gap-closes/best-epochs.ts";
import { type Laboratory, type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { offline, onlineFromSft, type PolicyKind, policyTrials } from "../tuned/policies.ts";
import { atTrial, grid, type Trial, tuningSeeds } from "../tuned/trials.ts";
import { judgedByLabels, type Tuning } from "../tuning.ts";
import { atPlace, type HorizonAxis, ringConfig } from "./plan.ts";

/** The horizons that are compared. */
export const heldOutAxis: HorizonAxis = { symbol: "H", title: "H, steps of a walk", places: [1, 3, 9] };

/** Of 24 starts; the policies meet them on their way in walks of several steps. */
const HELD_OUT = 12;
/** The horizon at which settings are chosen, for all of them. */
const TUNED_HORIZON = 3;

/** The settings of both arms and both verifiers, chosen by `ringTuning`. */
export const ringSettings = {
  dpo: { learningRate: 3e-4, beta: 2 },
  onlineSft: { learningRate: 3e-4, beta: 2 },
  global: { learningRate: 3e-3, beta: 2 },
  dpoReward: { learningRate: 3e-3, beta: 2 },
} as const satisfies Record<string, Trial>;

/** What was tried for policies and for verifiers. */
export const ringTrials = {
  policies: grid([1e-4, 3e-4, 1e-3], [0.5, 2, 8, 32]),
  verifiers: grid([1e-3, 3e-3, 1e-2], [0.5, 2, 8, 32]),
} as const;

/** Offline and online DPO in the ring. */
export const ringPolicies: readonly PolicyKind[] = [
  { ...offline, settings: ringSettings.dpo, trials: ringTrials.policies },
  { ...onlineFromSft, settings: ringSettings.onlineSft, trials: ringTrials.policies },
];

/**
 * The ring with walks of `horizon` steps and tuned settings. Half of the starts are judged alone, and have no
 * demonstrations and preferences; at one step nothing else teaches a start, so that all starts have both there.
 */
export function heldOutConfig(preset: Preset, horizon: number): LaboratoryConfig {
  const config = ringConfig(preset, horizon);
  const options = {
    horizon,
    notation: "positions",
    promptOrder: "start last",
    heldOut: horizon === 1 ? 0 : HELD_OUT,
  } as const;
  return {
    ...config,
    task: { name: "ring", options },
    reward: { ...config.reward, ...ringSettings.global },
  };
}

/** Both gaps in the ring, between policies and between verifiers, at several horizons. */
export function heldOutPlan(preset: Preset, seed: number): Plan {
  return joinPlans(
    heldOutAxis.places.flatMap((horizon) => {
      const lab = laboratory(heldOutConfig(preset, horizon), seed);
      const here = (label: Label) => atPlace(label, heldOutAxis, horizon);
      return [
        ...bothGaps(lab, ringPolicies, ringSettings.dpoReward, here),
        { arms: [], pairs: { [here(arms.dpo).id]: lab.pairs } },
      ];
    }),
  );
}

/** How the ring's settings are chosen, all at one horizon. */
export const ringTuning: Tuning = {
  seeds: tuningSeeds,
  plan(seed) {
    const lab = laboratory(heldOutConfig("laptop", TUNED_HORIZON), seed);
    return { arms: policyTrials(lab, ringPolicies), scorers: verifierTrials(lab) };
  },
};

function verifierTrials(lab: Laboratory) {
  const { epochs } = lab.config.reward;
  return ringTrials.verifiers.flatMap((trial) => [
    judgedByLabels(lab, atTrial(scorers.global, trial), lab.rewardWith(trial)),
    judgedByLabels(lab, atTrial(scorers.dpo, trial), lab.dpo(epochs, trial)),
  ]);
}
