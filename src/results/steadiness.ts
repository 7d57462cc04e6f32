import type { PreferenceStage } from "../pipeline/preference.ts";
import { parents, type Stage } from "../pipeline/stage.ts";
import type { Quantity } from "./record-distance.ts";

/*
 * How far records of one stage may be apart when they were computed on processors that round differently. Training
 * amplifies rounding, ranking samples amplifies it most: one sample of twelve that is scored a little otherwise is another
 * pair.
 */

/**
 * How steady the records of a stage are:
 * - `sft`: nothing behind them was trained but SFT
 * - `offline`: policies that were also trained on labelled pairs
 * - `ranked`: behind them is a reward model or a ranking of samples
 * - `unsteady`: also trained on pairs, but at three times the usual learning rate or more, or in the ring's task
 */
export type Steadiness = (typeof STEADINESS)[number];

const STEADINESS = ["sft", "offline", "ranked", "unsteady"] as const;

/** The usual learning rate of preference fine-tuning is 0.001. */
const STEEP = 0.002;

/** How steady the records of a stage are. */
export function steadiness(stage: Stage): Steadiness {
  const behind = lineage(stage);
  const kinds = new Set(behind.map(({ kind }) => kind));
  const ranked = kinds.has("reward") || kinds.has("online-pairs");
  if (!ranked && !kinds.has("preference")) return "sft";
  const isSteep = behind.some(
    (one) => one.kind === "preference" && (one as PreferenceStage).options.learningRate > STEEP,
  );
  if (isSteep || stage.setting.task.name === "ring") return "unsteady";
  return ranked ? "ranked" : "offline";
}

function lineage(stage: Stage): Stage[] {
  return [stage, ...parents(stage).flatMap(lineage)];
}

/**
 * A tolerance is this times the greatest distance that was measured, or `least` if that is more. Another seed can be
 * further apart than those measured. Rows that no ranking lies behind have room for it: a forgery moves them much further.
 */
const FACTORS = [3, 3, 2, 2] as const;

/** The greatest share of prompts whose rewards may change: a shift of all rewards is found even in unsteady rows. */
const MOST_CHANGED = 0.98;

/**
 * The greatest distances between records of the same stage by how steady it is, in the order of `STEADINESS`, and the least
 * tolerance, which lets one or two completions of 500 change. Measured on 29 November 2026 between all rows of seeds 41, 42,
 * 46 and 51 of the laptop preset, 1,152 in number, as an AMD EPYC and an Intel Xeon with AVX-512 compute them; on seed 51
 * also between the Xeon as it is and limited to AVX2 in oneDNN, in XLA or in both, and without oneDNN. Those of seed 42,
 * which were measured last, were less than twice the greatest of the other seeds or below `least`, but for unsteady rows.
 */
const MEASURED: Readonly<
  Record<Quantity, { least: number; apart: readonly [number, number, number, number] }>
> = {
  reward: { least: 0.02, apart: [0.0042, 0.01, 0.19, 1.7] },
  "win rate": { least: 0.01, apart: [0, 0.002, 0.054, 0.16] },
  "changed rewards": { least: 0.02, apart: [0, 0.008, 0.62, 0.93] },
  entropy: { least: 0.002, apart: [0.0002, 0.0006, 0.064, 0.49] },
  kl: { least: 0.005, apart: [0, 0.011, 0.33, 5.8] },
  malformed: { least: 0.005, apart: [0, 0, 0.074, 0.19] },
  length: { least: 0.02, apart: [0, 0.012, 0.52, 0.58] },
  "last step": { least: 1, apart: [0, 0, 0, 1] },
  loss: { least: 0.002, apart: [0.00028, 0.0017, 0.13, 0.34] },
  "accuracy of training": { least: 0.005, apart: [0, 0.024, 0.1, 0.13] },
  margin: { least: 0.002, apart: [0, 0.019, 1.2, 3.6] },
  logp: { least: 0.002, apart: [0, 0.014, 0.58, 4.7] },
  "on-policy kl": { least: 0.0005, apart: [0, 0.000096, 0, 0] },
  pairs: { least: 4, apart: [1, 0, 0, 20] },
  "gold of pairs": { least: 0.005, apart: [0.0009, 0, 0.12, 0.05] },
  distinct: { least: 0.002, apart: [0.0005, 0, 0.014, 0.0052] },
  agreement: { least: 0.005, apart: [0.0018, 0, 0.046, 0.019] },
  accuracy: { least: 0.002, apart: [0.0002, 0.0017, 0.016, 0.092] },
  probability: { least: 0.001, apart: [0, 0.00023, 0.014, 0.02] },
  "best of n": { least: 0.01, apart: [0, 0.012, 0.073, 0.22] },
  "gold's best of n": { least: 0.01, apart: [0, 0, 0.033, 0.033] },
  "relative bits": { least: 0.001, apart: [0, 0.000024, 0.0014, 0] },
};

/** How far two records of a stage may be apart in a quantity if they were computed on different platforms. */
export function tolerance(quantity: Quantity, steady: Steadiness): number {
  const { least, apart } = MEASURED[quantity];
  const level = STEADINESS.indexOf(steady);
  const measured = FACTORS[level]! * apart[level]!;
  return quantity === "changed rewards"
    ? Math.min(MOST_CHANGED, Math.max(least, measured))
    : Math.max(least, measured);
}
