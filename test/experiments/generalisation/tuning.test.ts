import { expect, test } from "vitest";
import {
  atLearningRate,
  candidateRates,
  rewardModelKinds,
} from "../../../src/experiments/generalisation/reward-models.ts";
import { readTuning } from "../../../src/experiments/tuning.ts";
import { bestCandidate } from "../best-candidate.ts";

test.each(rewardModelKinds)("$label.name has the learning rate that did best", ({ label, learningRate }) => {
  const candidates = candidateRates.map((rate) => atLearningRate(label, rate));
  const best = bestCandidate(readTuning("07-h5-generalisation"), candidates);
  expect(best).toEqual(atLearningRate(label, learningRate));
});
