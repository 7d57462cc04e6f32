import { gapClosesTuning } from "../gap-closes/plan.ts";
import { laboratory } from "../laboratory.ts";
import type { Tuning } from "../tuning.ts";
import { twoWordsConfig } from "./plan.ts";

/** How `gamma` was chosen: so that neither floor nor ceiling hides a difference. */
export const twoWordsTuning: Tuning = {
  seeds: [0, 1, 2],
  plan: (seed) =>
    gapClosesTuning({
      "gamma 0": laboratory(twoWordsConfig("laptop", 0), seed),
      "gamma 0.3": laboratory(twoWordsConfig("laptop", 0.3), seed),
    }),
};
