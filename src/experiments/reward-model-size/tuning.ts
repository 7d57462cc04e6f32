import { type Label, variant } from "../../results/labels.ts";
import { laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";
import { judgedByLabels, type Tuning } from "../tuning.ts";
import { rewardModelOfWidth, rewardModelSizes, rewardOfSize } from "./plan.ts";

/** The reward model of a width, trained at a learning rate. */
export function sizeCandidate(width: number, learningRate: number): Label {
  return variant(rewardModelOfWidth(width), `learning rate ${learningRate}`);
}

/** How the learning rate of each size was chosen: by the annotator's labels on validation prompts. */
export const rewardModelSizeTuning: Tuning = {
  seeds: [0, 1, 2, 3, 4],
  plan(seed) {
    const lab = laboratory(keyEnvConfig("laptop"), seed);
    return {
      arms: [],
      scorers: rewardModelSizes.flatMap((size) =>
        size.tried.map((rate) =>
          judgedByLabels(lab, sizeCandidate(size.width, rate), rewardOfSize(lab, size, rate)),
        ),
      ),
    };
  },
};
