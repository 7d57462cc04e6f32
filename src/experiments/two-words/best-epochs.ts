import type { Plan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import { gapClosesAtBestEpochs } from "../gap-closes/best-epochs.ts";
import { laboratory } from "../laboratory.ts";
import { tunedConfig, tunedLaboratory } from "../tuned/laboratory.ts";
import { fiveClauses, twoWordsTask } from "./plan.ts";

/** Summaries of two words beside summaries of up to five clauses, all arms at their best epochs. */
export function twoWordsAtBestEpochs(preset: Preset, seed: number): Plan {
  const own = laboratory(tunedConfig(preset, twoWordsTask()), seed);
  return gapClosesAtBestEpochs(own, tunedLaboratory(preset, seed), fiveClauses);
}
