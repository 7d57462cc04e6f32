import { gapClosesTuning } from "../gap-closes/plan.ts";
import { laboratory } from "../laboratory.ts";
import type { Tuning } from "../tuning.ts";
import { rougeLConfig } from "./plan.ts";

/** How `tau` was chosen: so that the reward can be learned. */
export const rougeLTuning: Tuning = {
  seeds: [0],
  plan: (seed) =>
    gapClosesTuning({
      "tau 0.06": laboratory(rougeLConfig("laptop", 0.06), seed),
      "tau 0.12": laboratory(rougeLConfig("laptop", 0.12), seed),
    }),
};
