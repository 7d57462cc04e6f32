import { policySize } from "./sft.ts";
import type { SamplesStage } from "./shared-stages.ts";
import { drawSamples, type StageInputs, type StageKind } from "./stage-inputs.ts";

/** How samples are drawn and recorded. */
export const samples: StageKind<SamplesStage> = {
  kind: "samples",
  async run(stage, inputs) {
    const { policy, purpose, completions, temperature, skip, setting } = stage;
    const draw = { purpose, completions, temperature, seed: setting.seed, skip };
    const prompts = sampledPrompts(stage, inputs);
    return { completions: await drawSamples(inputs, inputs.read(policy).model, prompts, draw) };
  },
  record: ({ completions }) => ({ completions: completions.flat().length }),
  cost: ({ policy, completions, ...stage }) => policySize(policy) * promptCount(stage) * completions,
};

type PromptChoice = Pick<SamplesStage, "prompts" | "first" | "skip" | "demonstrations">;

/** The prompts that samples complete. Throws if a stage skips all of the preference prompts. */
export function sampledPrompts(
  { prompts, first, skip, demonstrations = 0 }: PromptChoice,
  { data }: Pick<StageInputs, "data">,
) {
  if (prompts !== "preference") return data[prompts].slice(0, first).map(({ prompt }) => prompt);
  const more = data.demonstrations.slice(0, demonstrations).map(({ prompt }) => prompt);
  return [...preferenceSlice(data.prompts, { first, skip }), ...more];
}

/**
 * The `first` entries after the first `skip` of a setting's preference prompts, or of its pairs. Throws if `skip` is not
 * a whole number, or if it leaves none.
 */
export function preferenceSlice<T>(
  all: readonly T[],
  { first, skip = 0 }: { readonly first?: number; readonly skip?: number },
): readonly T[] {
  if (skip !== 0 && !(Number.isInteger(skip) && skip > 0 && skip < all.length))
    throw new Error(
      `skip must be a whole number from 0 to ${all.length - 1}, since there are ${all.length} preference prompts, ` +
        `but is ${skip}: skip fewer.`,
    );
  return all.slice(skip, first === undefined ? undefined : skip + first);
}

/** How many prompts a stage of samples has at most. */
export function promptCount({
  setting: { sizes },
  prompts,
  first = Infinity,
  skip = 0,
  demonstrations = 0,
}: PromptChoice & Pick<SamplesStage, "setting">): number {
  return Math.min(first, prompts === "preference" ? sizes.pairs - skip : sizes[prompts]) + demonstrations;
}
