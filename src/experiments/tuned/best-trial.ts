import { mean } from "../../evaluation/statistics.ts";
import type { Label } from "../../results/labels.ts";
import type { TuningTable } from "../tuning.ts";
import { afterEpochs } from "./epochs.ts";
import { tunedEpochs } from "./policies.ts";
import { atTrial, type Trial } from "./trials.ts";

/** A trial with what it is chosen by: a mean over tuning seeds. */
export interface RankedTrial {
  readonly trial: Trial;
  readonly value: number;
}

/** A reward model's trials, the one that orders most validation samples as the annotator does first. */
export function rankedRewardTrials(
  { scorers }: TuningTable,
  label: Label,
  trials: readonly Trial[],
): RankedTrial[] {
  return ranked(trials, (trial) => mean(scorers[atTrial(label, trial).id]?.labelAccuracy ?? []));
}

/** A policy's trials, the highest win rate first, each after the better number of epochs of those that were tried. */
export function rankedPolicyTrials(
  { arms }: TuningTable,
  label: Label,
  trials: readonly Trial[],
): RankedTrial[] {
  const after = (trial: Trial, epochs: number) =>
    mean(arms[afterEpochs(atTrial(label, trial), epochs).id]?.winRate ?? []);
  return ranked(trials, (trial) => Math.max(...tunedEpochs.map((epochs) => after(trial, epochs))));
}

function ranked(trials: readonly Trial[], value: (trial: Trial) => number): RankedTrial[] {
  return trials.map((trial) => ({ trial, value: value(trial) })).sort((a, b) => b.value - a.value);
}

/** The settings of a trial that are at an end of the several values that the trials tried. */
export function settingsAtEdge(trial: Trial, trials: readonly Trial[]): string[] {
  return (["learningRate", "beta"] as const).filter((name) => {
    const tried = trials.map((one) => one[name]);
    if (new Set(tried).size === 1) return false;
    return trial[name] === Math.min(...tried) || trial[name] === Math.max(...tried);
  });
}
