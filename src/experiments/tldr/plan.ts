import { locateStart, type Start, startTokenizer } from "../../pipeline/start.ts";
import { type SeedPlan, seedPlan } from "../../results/plan.ts";
import { openTask, type TldrSpec } from "../../tasks/open-task.ts";
import type { DataSizes } from "../../tasks/task.ts";
import type { TldrFile } from "../../tasks/tldr/files.ts";
import type { openTldr as openTldrSource } from "../../tasks/tldr/open.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { mainComparisonPlan } from "../main-comparison/plan.ts";
import { neoxConfig } from "../settings.ts";
import { presetOf, type TldrPreset } from "./preset-file.ts";

/** The main comparison on real posts, one plan per seed of the preset, given as it was read or by its name. It is not registered. */
export function tldrPlans(config: LaboratoryConfig, preset: TldrPreset | string): SeedPlan[] {
  const { seeds } = presetOf(preset);
  return seeds.map((seed) => seedPlan(seed, mainComparisonPlan(laboratory(config, seed))));
}

/** What `tldrConfig` is told besides the preset and the files. */
export interface TldrConfigOptions {
  /** Whether malformed rows are skipped. */
  readonly skipBad?: boolean;
  /** The published model that a preset with `start` begins with, which `locateStart` finds. */
  readonly start?: Start;
  /** The published reward model of a preset with `rewardModel`, likewise. */
  readonly rewardModel?: Start;
}

/**
 * The settings of the main comparison on real posts, on all rows of `files` unless the preset has `sizes`. Throws if the
 * files hold too few rows, or if the preset names a published model and none is given.
 */
export function tldrConfig(
  named: TldrPreset | string,
  files: readonly TldrFile[],
  { skipBad = false, start, rewardModel }: TldrConfigOptions = {},
): LaboratoryConfig {
  const preset = presetOf(named);
  const { model, vocabSize, promptLength, completionLength, longPrompts, verification } = preset;
  if (preset.start !== undefined && start === undefined)
    throw new Error(
      "This preset starts from a published model: find it by openTldr, or by pipeline.locateStart.",
    );
  if (preset.rewardModel !== undefined && rewardModel === undefined)
    throw new Error(
      "This preset has a published reward model: find it by openTldr, or by pipeline.locateStart.",
    );
  const task: TldrSpec = {
    name: "tldr",
    files,
    ...(start ? { tokenizer: startTokenizer(start) } : { vocabSize }),
    promptLength,
    completionLength,
    longPrompts,
    ...(skipBad && { skipBad }),
  };
  const sizes = preset.sizes ?? tldrSizes(task);
  const { sft, reward, preference, online, samplingTemperature } = preset;
  return {
    task,
    sizes,
    model: start?.model ?? neoxConfig(task, model!.hidden, model!.layers, model!.heads),
    ...(start && { start }),
    sft,
    reward,
    ...(rewardModel && { rewardModel }),
    preference: { ...preference, reference: "start" },
    online,
    samplingTemperature,
    verification: { ...verification, prompts: Math.min(verification.prompts, sizes.evaluation) },
  };
}

/** `tldrConfig` of a preset whose published models, if it names some, are found first: in their folders, or on the hub. */
export async function openTldr(
  preset: TldrPreset,
  files: readonly TldrFile[],
  options: Pick<TldrConfigOptions, "skipBad"> = {},
): Promise<LaboratoryConfig> {
  const start = preset.start && (await locateStart(preset.start));
  const rewardModel = preset.rewardModel && (await locateStart(preset.rewardModel));
  return tldrConfig(preset, files, {
    ...options,
    ...(start && { start }),
    ...(rewardModel && { rewardModel }),
  });
}

/** The TL;DR task of a specification, with its notes and its examples. */
export function openTldrTask(spec: TldrSpec): ReturnType<typeof openTldrSource> {
  return openTask(spec) as ReturnType<typeof openTldrSource>;
}

/**
 * A quarter of the posts for evaluation and a sixth for validation, at most 500 each; the rest are demonstrations. Posts
 * with the same prompt count once. Prompts that also have preferences are used for pairs, unless fewer than
 * `FEWEST_POSTS` others exist: then half of them are used as posts.
 */
function tldrSizes(spec: TldrSpec): DataSizes {
  const { posts, preferences } = openTldrTask(spec).examples;
  const preferred = new Set(preferences.map(({ prompt }) => prompt.text));
  const prompts = posts.map(({ prompt }) => prompt.text);
  const apart = prompts.filter((prompt) => !preferred.has(prompt)).length;
  const borrowed = apart < FEWEST_POSTS ? Math.floor((prompts.length - apart) / 2) : 0;
  const usable = apart + borrowed;
  const pairs = borrowed === 0 ? preferences.length : preferred.size - borrowed;
  if (usable < FEWEST_POSTS || pairs < FEWEST_PAIRS) {
    throw new Error(
      `The files leave ${usable} posts (prompt, completion) and ${pairs} preferences (prompt, chosen, rejected) ` +
        `with prompts of their own, but the comparison needs at least ${FEWEST_POSTS} and ${FEWEST_PAIRS}: name more files.`,
    );
  }
  const evaluation = Math.min(500, Math.floor(usable / 4));
  const validation = Math.min(500, Math.floor(usable / 6));
  return { demonstrations: usable - evaluation - validation, pairs, validation, evaluation };
}

const FEWEST_POSTS = 24;
const FEWEST_PAIRS = 8;
