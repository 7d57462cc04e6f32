import type { PreferencePair, Prompt } from "../tasks/task.ts";
import { integer, randomStream } from "../tensors/random.ts";
import { annotatedPairs } from "../training/pairs.ts";
import { type Pairs, type PairsStage, pairCount, pairsRecord, pairsResult } from "./pairs.ts";
import { preferenceSlice } from "./samples.ts";
import { policySize } from "./sft.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import { type Draw, drawSamples, type StageInputs, type StageKind } from "./stage-inputs.ts";

/** Who writes one side of an offline pair: a policy at a temperature, or one of the task's demonstrators by name. */
export type Source =
  | { readonly policy: PolicyStage; readonly temperature: number }
  | { readonly writer: string };

/**
 * The pairs in the task's data, or the annotator's labels of two completions per prompt: two samples of the policy
 * or, with `sources`, each by a source drawn at random.
 */
export interface OfflinePairsStage extends PairsStage {
  readonly kind: "offline-pairs";
  readonly policy: PolicyStage;
  readonly temperature: number;
  readonly sources?: readonly Source[];
}

/** A stage of offline pairs. */
export function offlinePairsStage(
  setting: Setting,
  options: Pick<OfflinePairsStage, "policy" | "temperature" | "sources" | "first" | "skip">,
): OfflinePairsStage {
  return { kind: "offline-pairs", setting, ...options };
}

/** How stages of offline pairs are computed and recorded. */
export const offlinePairs: StageKind<OfflinePairsStage> = {
  kind: "offline-pairs",
  run: async (stage, inputs): Promise<Pairs["result"]> =>
    pairsResult(inputs, await labelledPairs(stage, inputs)),
  record: pairsRecord,
  cost: (stage) => policySize(stage.policy) * 2 * pairCount(stage),
};

async function labelledPairs(
  { policy, sources, temperature, skip, setting: { seed }, ...stage }: OfflinePairsStage,
  inputs: StageInputs,
): Promise<readonly PreferencePair[]> {
  const { task, data } = inputs;
  const slice = { first: stage.first, skip };
  if (data.pairs !== undefined) return preferenceSlice(data.pairs, slice);
  const prompts = preferenceSlice(data.prompts, slice);
  const draw = { purpose: "offline-pairs", completions: 2, temperature, seed, skip };
  const samples = sources
    ? await mixedCompletions(sources, prompts, draw, inputs)
    : await drawSamples(inputs, inputs.read(policy).model, prompts, draw);
  return annotatedPairs(task, prompts, samples, seed, skip);
}

/** Two completions of each prompt, each by a source drawn at random. */
async function mixedCompletions(
  sources: readonly Source[],
  prompts: readonly Prompt[],
  draw: Draw,
  inputs: StageInputs,
): Promise<number[][][]> {
  const { seed, skip = 0 } = draw;
  const offered: number[][][][] = [];
  for (const [index, source] of sources.entries()) {
    const purpose = `${draw.purpose}-${index}`;
    offered.push(await twoCompletions(source, prompts, { ...draw, purpose }, inputs));
  }
  return prompts.map((_, index) => {
    const stream = randomStream(seed, "sources", skip + index);
    return [0, 1].map((side) => {
      const completion = offered[integer(stream, sources.length)]?.[index]?.[side];
      if (completion === undefined) throw new Error("Offline pairs with `sources` need at least one source.");
      return completion;
    });
  });
}

async function twoCompletions(
  source: Source,
  prompts: readonly Prompt[],
  draw: Draw,
  inputs: StageInputs,
): Promise<number[][][]> {
  if ("policy" in source) {
    const { policy, temperature } = source;
    return drawSamples(inputs, inputs.read(policy).model, prompts, { ...draw, temperature });
  }
  const { seed, skip = 0 } = draw;
  const { name, demonstrators = {} } = inputs.task;
  const write = demonstrators[source.writer];
  if (write === undefined) {
    const names = Object.keys(demonstrators).join(", ") || "none";
    throw new Error(`The task ${name} has no demonstrator "${source.writer}"; it has: ${names}.`);
  }
  return prompts.map((prompt, index) => {
    const stream = randomStream(seed, "writer", source.writer, skip + index);
    return [write(prompt, stream), write(prompt, stream)];
  });
}
