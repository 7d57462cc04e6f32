import type { PreferencePair, Prompt } from "../tasks/task.ts";
import { integer, randomStream } from "../tensors/random.ts";
import { annotatedPairs, bestAgainstWorst } from "../training/pairs.ts";
import { openScorer } from "./scorers.ts";
import type { OfflinePairsStage, OnlinePairsStage, RelabelledPairsStage, Source } from "./stage.ts";
import { readModel, readPairs, type StageInputs, samplesOf } from "./stage-inputs.ts";

/** The task's own pairs, or its annotator's labels of two completions per prompt. */
export async function offlinePairs(
  materials: StageInputs,
  stage: OfflinePairsStage,
): Promise<readonly PreferencePair[]> {
  const { task, data } = materials;
  if (data.pairs !== undefined) return data.pairs.slice(0, stage.first);
  const prompts = data.prompts.slice(0, stage.first);
  const { seed } = stage.setting;
  const samples = stage.sources
    ? await completionsBy(materials, stage.sources, prompts, seed)
    : await samplesOf(materials, readModel(materials.store, stage.policy), prompts, {
        purpose: "offline-pairs",
        completions: 2,
        temperature: stage.temperature,
        seed,
      });
  return annotatedPairs(task, prompts, samples, seed);
}

/** Two completions of each prompt, each by a source drawn at random. */
async function completionsBy(
  materials: StageInputs,
  sources: readonly Source[],
  prompts: readonly Prompt[],
  seed: number,
): Promise<number[][][]> {
  const offered: number[][][][] = [];
  for (const [place, source] of sources.entries())
    offered.push(await twoBy(materials, source, `offline-pairs-${place}`, prompts, seed));
  return prompts.map((_, index) => {
    const stream = randomStream(seed, "sources", index);
    return [0, 1].map((side) => offered[integer(stream, sources.length)]![index]![side]!);
  });
}

async function twoBy(
  materials: StageInputs,
  source: Source,
  purpose: string,
  prompts: readonly Prompt[],
  seed: number,
): Promise<number[][][]> {
  if ("policy" in source) {
    const { temperature } = source;
    const policy = readModel(materials.store, source.policy);
    return samplesOf(materials, policy, prompts, { purpose, completions: 2, temperature, seed });
  }
  const write = materials.task.demonstrators?.[source.writer];
  if (write === undefined) {
    const there = Object.keys(materials.task.demonstrators ?? {}).join(", ") || "none";
    throw new Error(`The task ${materials.task.name} has no writer "${source.writer}"; it has: ${there}.`);
  }
  return prompts.map((prompt, index) => {
    const stream = randomStream(seed, "writer", source.writer, index);
    return [write(prompt, stream), write(prompt, stream)];
  });
}

/** The pairs of an earlier stage, each the other way round where the labeller scores the rejected side higher. */
export function relabelledPairs(materials: StageInputs, stage: RelabelledPairsStage): PreferencePair[] {
  const { store, task } = materials;
  const pairs = readPairs(materials, stage.pairs);
  const scorer = openScorer(store, task, stage.scorer, readModel(store, stage.pairs.policy));
  const scores = scorer(
    pairs.flatMap(({ prompt, chosen, rejected }) => [
      { prompt, completion: chosen },
      { prompt, completion: rejected },
    ]),
  );
  return pairs.map((pair, index) =>
    scores[2 * index]! >= scores[2 * index + 1]!
      ? pair
      : { prompt: pair.prompt, chosen: pair.rejected, rejected: pair.chosen },
  );
}

/** The best against the worst of a policy's samples of each prompt. */
export async function onlinePairs(
  materials: StageInputs,
  stage: OnlinePairsStage,
): Promise<PreferencePair[]> {
  const { store, task, data } = materials;
  const policy = readModel(store, stage.policy);
  const more = data.demonstrations.slice(0, stage.demonstrations ?? 0).map(({ prompt }) => prompt);
  const prompts = [...data.prompts.slice(0, stage.first), ...more];
  const samples = await samplesOf(materials, policy, prompts, {
    purpose: "online-pairs",
    completions: stage.completions,
    temperature: stage.temperature,
    seed: stage.setting.seed,
  });
  return bestAgainstWorst(prompts, samples, openScorer(store, task, stage.scorer, policy));
}
