import { type PairStatistics, pairStatistics } from "../evaluation/pair-statistics.ts";
import type { Prompt, TaskData } from "../tasks/task.ts";
import type { ScoredPair } from "../training/preference.ts";
import { promptCount } from "./samples.ts";
import type { IndexedPair, Stage } from "./stage.ts";
import type { StageInputs } from "./stage-inputs.ts";

/* What the kinds of preference pairs (offline, relabelled, flipped, online) have in common. */

/** What a stage of pairs stores, and what the ledger keeps of it. */
export interface Pairs {
  readonly result: {
    readonly pairs: readonly IndexedPair[];
    /** Absent for preferences given by people, whose prompts the gold reward need not know. */
    readonly pairStatistics?: PairStatistics;
  };
  readonly record: { readonly pairs: number; readonly pairStatistics?: PairStatistics };
}

/** A stage that makes preference pairs. */
export interface PairsStage extends Stage<Pairs> {
  /** How many of the setting's preference prompts are used, from the first on or from `skip` on; default all. */
  readonly first?: number;
  /** How many of the preference prompts are left out before the first that is used; default none. */
  readonly skip?: number;
  /** How many of the demonstrations' prompts are used as well; default none. */
  readonly demonstrations?: number;
  /** The pairs that are relabelled or flipped. */
  readonly pairs?: PairsStage;
}

/** The prompts that pairs may be about: the preference prompts, then those of the demonstrations. */
export function pairPrompts({ prompts, demonstrations }: TaskData): Prompt[] {
  return [...prompts, ...demonstrations.map(({ prompt }) => prompt)];
}

/** The stored pairs of a parent, with their prompts. Throws if a pair's prompt does not exist. */
export function readPairs(
  { data, read }: Pick<StageInputs, "data" | "read">,
  stage: PairsStage,
): ScoredPair[] {
  const prompts = pairPrompts(data);
  return read(stage).pairs.map(({ prompt: index, ...pair }) => {
    const prompt = prompts[index];
    if (prompt === undefined) {
      throw new Error(
        `A stored ${stage.kind} pair is about prompt ${index}, but its setting has ${prompts.length} prompts: ` +
          "remove the stage from the run store.",
      );
    }
    return { prompt, ...pair };
  });
}

/** Pairs as they are stored, with statistics by the task's gold reward, and with reward differences if wanted. */
export function pairsResult(
  { task, data }: Pick<StageInputs, "task" | "data">,
  pairs: readonly ScoredPair[],
  rewardDifferences = false,
): Pairs["result"] {
  const indices = new Map(pairPrompts(data).map((prompt, index) => [prompt, index]));
  const indexed = pairs.map(({ prompt, chosen, rejected, rewardDifference }) => {
    const index = indices.get(prompt);
    if (index === undefined) throw new Error("A preference pair is about a prompt that is not in the data.");
    return { prompt: index, chosen, rejected, ...(rewardDifferences && { rewardDifference }) };
  });
  const measured = data.pairs === undefined && pairs.length > 0;
  return { pairs: indexed, ...(measured && { pairStatistics: pairStatistics(task, pairs) }) };
}

/** The number of pairs and their statistics. */
export function pairsRecord({ pairs, pairStatistics }: Pairs["result"]): Pairs["record"] {
  return { pairs: pairs.length, pairStatistics };
}

/** How many pairs a stage makes at most. */
export function pairCount({ pairs, ...stage }: PairsStage): number {
  return pairs === undefined ? promptCount({ ...stage, prompts: "preference" }) : pairCount(pairs);
}
