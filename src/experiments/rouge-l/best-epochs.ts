import type { Plan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import { gapClosesAtBestEpochs } from "../gap-closes/best-epochs.ts";
import { laboratory } from "../laboratory.ts";
import { tunedConfig, tunedLaboratory } from "../tuned/laboratory.ts";
import { facts, rougeLTask } from "./plan.ts";

/** ROUGE-L as the reward beside the main comparison's, all arms at their best epochs. */
export function rougeLAtBestEpochs(preset: Preset, seed: number): Plan {
  const own = laboratory(tunedConfig(preset, rougeLTask()), seed);
  return gapClosesAtBestEpochs(own, tunedLaboratory(preset, seed), facts);
}
