import { pairGroups } from "../models/batch.ts";
import { policyLogps } from "../models/scorers.ts";
import { groupLogps } from "../models/scoring.ts";
import { samplesOfPrompts } from "../tasks/task.ts";
import { type PairsStage, pairCount, readPairs } from "./pairs.ts";
import { promptCount, sampledPrompts } from "./samples.ts";
import { policySize } from "./sft.ts";
import type { LogpsStage, SamplesStage } from "./shared-stages.ts";
import type { Stage } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";

/** How log-probabilities are computed and recorded. */
export const logps: StageKind<LogpsStage> = {
  kind: "logps",
  run({ policy, of, credit, temperature }, inputs) {
    const { task } = inputs;
    const { model } = inputs.read(policy);
    if (!isSamples(of)) {
      const groups = pairGroups(task, readPairs(inputs, of as PairsStage));
      return { logps: [...groupLogps(model, groups, task.vocabulary.pad, credit, temperature)] };
    }
    const samples = samplesOfPrompts(sampledPrompts(of, inputs), inputs.read(of).completions);
    return { logps: [...policyLogps(task, model, samples, credit, temperature)] };
  },
  record: ({ logps: { length } }) => ({ completions: length }),
  cost: ({ policy, of }) =>
    policySize(policy) * (isSamples(of) ? promptCount(of) * of.completions : 2 * pairCount(of as PairsStage)),
};

function isSamples(stage: Stage): stage is SamplesStage {
  return stage.kind === "samples";
}
