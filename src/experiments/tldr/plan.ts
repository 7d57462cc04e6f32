import { type SeedPlan, seedPlan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import { openTask, type TldrSpec } from "../../tasks/open-task.ts";
import type { DataSizes } from "../../tasks/task.ts";
import type { TldrFile } from "../../tasks/tldr/files.ts";
import type { openTldr } from "../../tasks/tldr/open.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { mainComparisonPlan } from "../main-comparison/plan.ts";
import { neoxConfig } from "../settings.ts";

/** The seeds of the comparison on real posts, by preset. It is not registered. */
export const tldrSeeds: Readonly<Record<Preset, readonly number[]>> = {
  smoke: [31],
  laptop: [31, 32, 33],
  gpu: [31, 32, 33, 34, 35],
};

/** The main comparison on real posts, one plan per seed. */
export function tldrPlans(config: LaboratoryConfig, preset: Preset): SeedPlan[] {
  return tldrSeeds[preset].map((seed) => seedPlan(seed, mainComparisonPlan(laboratory(config, seed))));
}

/**
 * The settings of the main comparison on real posts: a small model trained from scratch on all rows of `files`; with
 * `skipBad`, malformed ones are skipped. None of the settings was tuned. Throws if the files hold too few rows.
 */
export function tldrConfig(
  preset: Preset,
  files: readonly TldrFile[],
  { skipBad = false } = {},
): LaboratoryConfig {
  const smoke = preset === "smoke";
  const task: TldrSpec = {
    name: "tldr",
    files,
    vocabSize: smoke ? 1024 : 2048,
    promptLength: smoke ? 160 : 256,
    completionLength: smoke ? 12 : 80,
    longPrompts: "paper",
    ...(skipBad && { skipBad }),
  };
  const sizes = smoke ? { demonstrations: 24, pairs: 16, validation: 8, evaluation: 8 } : tldrSizes(task);
  const training = { batchSize: 8, warmupFraction: 0.05 } as const;
  return {
    task,
    sizes,
    model: smoke ? neoxConfig(task, 16, 1, 2) : neoxConfig(task, 64, 2, 4),
    sft: { ...training, lossOn: "all", epochs: smoke ? 1 : 8, learningRate: 3e-3, schedule: "cosine" },
    reward: { ...training, epochs: 3, learningRate: 1e-3, schedule: "cosine" },
    preference: { ...training, beta: 0.5, reference: "start", learningRate: 3e-4, schedule: "linear" },
    online: { completions: smoke ? 2 : 8, temperature: 0.7, epochs: 1 },
    samplingTemperature: 0.7,
    verification: { prompts: smoke ? 4 : Math.min(100, sizes.evaluation), completions: smoke ? 2 : 10 },
  };
}

/** The TL;DR task of a specification, with its notes and its examples. */
export function openTldrTask(spec: TldrSpec): ReturnType<typeof openTldr> {
  return openTask(spec) as ReturnType<typeof openTldr>;
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
