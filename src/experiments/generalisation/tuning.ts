import { laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";
import { judgedByLabels, type Tuning } from "../tuning.ts";
import { atLearningRate, candidateRates, rewardEpochs, rewardModelKinds } from "./reward-models.ts";

/** How each kind's learning rate was chosen: by the annotator's labels on validation prompts, at the most epochs. */
export const generalisationTuning: Tuning = {
  seeds: [0, 1, 2],
  plan(seed) {
    const lab = laboratory(keyEnvConfig("laptop"), seed);
    const epochs = Math.max(...rewardEpochs);
    return {
      arms: [],
      scorers: rewardModelKinds.flatMap(({ label, train }) =>
        candidateRates.map((rate) =>
          judgedByLabels(lab, atLearningRate(label, rate), train(lab, epochs, rate)),
        ),
      ),
    };
  },
};
