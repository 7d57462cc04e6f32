import { policySize } from "./sft.ts";
import type { SamplesStage } from "./shared-stages.ts";
import { drawSamples, type StageInputs, type StageKind } from "./stage-inputs.ts";

/** How samples are drawn and recorded. */
export const samples: StageKind<SamplesStage> = {
  kind: "samples",
  async run(stage, inputs) {
    const { policy, purpose, completions, temperature, setting } = stage;
    const draw = { purpose, completions, temperature, seed: setting.seed };
    const prompts = sampledPrompts(stage, inputs);
    return { completions: await drawSamples(inputs, inputs.read(policy).model, prompts, draw) };
  },
  record: ({ completions }) => ({ completions: completions.flat().length }),
  cost: ({ policy, completions, ...stage }) => policySize(policy) * promptCount(stage) * completions,
};

/** The prompts that samples complete. */
export function sampledPrompts(
  { prompts, first, demonstrations = 0 }: Pick<SamplesStage, "prompts" | "first" | "demonstrations">,
  { data }: Pick<StageInputs, "data">,
) {
  if (prompts !== "preference") return data[prompts].slice(0, first).map(({ prompt }) => prompt);
  const more = data.demonstrations.slice(0, demonstrations).map(({ prompt }) => prompt);
  return [...data.prompts.slice(0, first), ...more];
}

/** How many prompts a stage of samples has at most. */
export function promptCount({
  setting: { sizes },
  prompts,
  first = Infinity,
  demonstrations = 0,
}: Pick<SamplesStage, "setting" | "prompts" | "first" | "demonstrations">): number {
  return Math.min(first, prompts === "preference" ? sizes.pairs : sizes[prompts]) + demonstrations;
}
