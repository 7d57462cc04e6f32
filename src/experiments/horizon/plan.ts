import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan, relabelPlan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import type { TaskSpec } from "../../tasks/open-task.ts";
import { type Laboratory, type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { keyEnvConfig, neoxConfig } from "../settings.ts";
import { twoWordsConfig } from "../two-words/plan.ts";

/** A number by which tasks differ, and the labels of arms and scorers in them. */
export interface HorizonAxis {
  readonly symbol: string;
  readonly title: string;
  readonly places: readonly number[];
}

/** Steps of a walk in the ring. */
export const ringAxis: HorizonAxis = { symbol: "H", title: "H, steps of a walk", places: [1, 2, 3, 6, 9] };
/** The most clauses of a summary in KeyEnv. */
export const clausesAxis: HorizonAxis = {
  symbol: "F",
  title: "F, most clauses of a summary",
  places: [1, 2, 3, 5, 7],
};

/** An arm or a scorer at a place of an axis, for example DPO at H = 6. */
export function atPlace(label: Label, { symbol }: HorizonAxis, place: number): Label {
  return variant(label, `${symbol} = ${place}`);
}

/** DPO's implicit reward, trained with the reward model's epochs, batches, learning rate and schedule. */
export const dpoAsReward: Label = {
  ...variant(scorers.dpo, "trained as the RM"),
  colour: "#332288",
  ink: "#332288",
};

/** The scorers of the ring, at every horizon. */
export const ringScorers: readonly Label[] = [scorers.global, scorers.dpo, scorers.dpo5x, dpoAsReward];

/** The ring at every horizon. */
export function ringPlan(preset: Preset, seed: number): Plan {
  return joinPlans(
    ringAxis.places.map((horizon) => {
      const lab = laboratory(ringConfig(preset, horizon), seed);
      const asReward = judged(
        dpoAsReward,
        lab.verification(lab.dpo(lab.config.reward.epochs, lab.config.reward)),
      );
      const plan = gapsPlan(lab);
      return relabelAtPlace(ringAxis, horizon, { ...plan, scorers: [...plan.scorers, asReward] });
    }),
  );
}

/**
 * KeyEnv with different numbers of clauses on the same posts. Five are the main comparison's; one is the task of the
 * experiment on two words, whose demonstrators do not prefer important facts.
 */
export function clausesPlan(preset: Preset, seed: number): Plan {
  return joinPlans(
    clausesAxis.places.map((clauses) => {
      const config =
        clauses === 1 ? twoWordsConfig(preset) : keyEnvConfig(preset, clauses === 5 ? {} : { clauses });
      return relabelAtPlace(clausesAxis, clauses, gapsPlan(laboratory(config, seed)));
    }),
  );
}

/** The arms and scorers of the policy gap and the verification gap in one task. */
function gapsPlan(lab: Laboratory) {
  const [dpo, dpo5x] = [lab.dpo(1), lab.dpo(5)];
  return {
    arms: [
      arm(arms.sft, lab.sft),
      arm(arms.dpo, dpo),
      arm(arms.dpo2x, lab.dpo(2)),
      arm(arms.dpo5x, dpo5x),
      arm(arms.onlineDpo, lab.online(dpo)),
    ],
    bestArms: [{ label: arms.dpoBest, candidates: [arms.dpo, arms.dpo2x, arms.dpo5x] }],
    scorers: [
      judged(scorers.global, lab.verification(lab.reward)),
      judged(scorers.dpo, lab.verification(dpo)),
      judged(scorers.dpo5x, lab.verification(dpo5x)),
    ],
    pairs: { offline: lab.pairs },
  };
}

function relabelAtPlace(axis: HorizonAxis, place: number, plan: Plan): Plan {
  return relabelPlan(
    plan,
    (label) => atPlace(label, axis, place),
    (pairs) => `${pairs}@${axis.symbol} = ${place}`,
  );
}

/**
 * The ring with walks of `horizon` steps, written as the positions that they lead to. Sizes are multiples of its 24
 * positions, so that every start is judged equally often. The settings were chosen on seeds 0 and 1 of horizons 1, 3, 6
 * and 9, so that nearly all samples are walks and the reward model learns at every horizon.
 */
export function ringConfig(preset: Preset, horizon: number): LaboratoryConfig {
  const task: TaskSpec = { name: "ring", options: { horizon, notation: "positions" } };
  const training = { batchSize: 32, warmupFraction: 0.05 } as const;
  const laptop: LaboratoryConfig = {
    task,
    sizes: { demonstrations: 48_000, pairs: 4_008, validation: 480, evaluation: 480 },
    model: neoxConfig(task, 32, 2, 2),
    sft: {
      lossOn: "completion",
      epochs: 1.5,
      batchSize: 64,
      learningRate: 1e-2,
      schedule: "cosine",
      warmupFraction: 0.05,
    },
    reward: { ...training, epochs: 5, learningRate: 3e-3, schedule: "cosine" },
    preference: { ...training, beta: 0.5, reference: "start", learningRate: 3e-4, schedule: "linear" },
    online: { completions: 12, temperature: 1, epochs: 1 },
    samplingTemperature: 1,
    verification: { prompts: 240, completions: 25 },
  };
  if (preset !== "smoke") return laptop;
  return {
    ...laptop,
    sizes: { demonstrations: 960, pairs: 48, validation: 24, evaluation: 24 },
    model: neoxConfig(task, 16, 1, 2),
    sft: { ...laptop.sft, epochs: 4, batchSize: 32 },
    online: { ...laptop.online, completions: 3 },
    verification: { prompts: 24, completions: 25 },
  };
}
