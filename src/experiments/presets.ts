import type { NeoXConfig } from "../models/gpt-neox.ts";
import type { DataSizes } from "../tasks/task.ts";
import type { ComparisonConfig } from "./comparison.ts";
import { openTask, type TaskSpec, type TldrFile, type TldrSpec, tldrRows } from "./open-task.ts";

/** How large a run is: a check of the pipeline, the real experiment on two cores, or more of it on a card. */
export const presets = ["smoke", "laptop", "gpu"] as const;
export type Preset = (typeof presets)[number];

/** The preset named `name`, "laptop" where none is named. Throws where there is no such preset. */
export function presetNamed(name: string | undefined): Preset {
  const found = presets.find((preset) => preset === (name ?? "laptop"));
  if (found === undefined) {
    throw new Error(`There is no preset "${name}": choose one of ${presets.join(", ")}.`);
  }
  return found;
}

/** A GPT-NeoX of the laboratory's shape: rotary on half of each head, an MLP of four times the width. */
export function neoxConfig(task: TaskSpec, hidden: number, layers: number, heads: number): NeoXConfig {
  const { vocabulary, promptLength, completionLength } = openTask(task);
  return {
    vocab_size: vocabulary.size,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: 4 * hidden,
    max_position_embeddings: promptLength + completionLength,
    rotary_pct: 0.5,
    rotary_emb_base: 10000,
    layer_norm_eps: 1e-5,
  };
}

/** The main comparison in KeyEnv. The laptop's settings were fixed on tuning seeds before any test seed ran. */
export function mainComparison(preset: Preset): ComparisonConfig {
  const task: TaskSpec = { name: "key-env", options: {} };
  const laptop: ComparisonConfig = {
    task,
    sizes: { demonstrations: 16_000, pairs: 4_000, validation: 500, evaluation: 500 },
    model: neoxConfig(task, 48, 2, 2),
    sft: {
      lossOn: "completion",
      epochs: 1.5,
      batchSize: 64,
      learningRate: 4e-3,
      schedule: "cosine",
      warmupFraction: 0.05,
    },
    reward: { epochs: 4, batchSize: 32, learningRate: 3e-3, schedule: "cosine", warmupFraction: 0.05 },
    preference: {
      beta: 2,
      reference: "start",
      batchSize: 32,
      learningRate: 1e-3,
      schedule: "linear",
      warmupFraction: 0.05,
    },
    online: { completions: 12, temperature: 1, epochs: 1 },
    samplingTemperature: 1,
    verification: { prompts: 400, completions: 25 },
  };
  switch (preset) {
    case "laptop":
      return laptop;
    case "gpu":
      return { ...laptop, sizes: { ...laptop.sizes, validation: 1_000, evaluation: 2_000 } };
    case "smoke":
      return {
        ...laptop,
        sizes: { demonstrations: 2_000, pairs: 320, validation: 50, evaluation: 50 },
        model: neoxConfig(task, 24, 2, 2),
        online: { ...laptop.online, completions: 4 },
        verification: { prompts: 20, completions: 5 },
      };
  }
}

/**
 * The main comparison on real posts, with a small model trained from scratch on as many rows as `files` hold.
 * Nothing in it was tuned. Throws where the files hold too few rows.
 */
export function realTldr(preset: Preset, files: readonly TldrFile[]): ComparisonConfig {
  const smoke = preset === "smoke";
  const task: TldrSpec = {
    name: "tldr",
    files,
    vocabSize: smoke ? 1024 : 2048,
    promptLength: smoke ? 160 : 256,
    completionLength: smoke ? 12 : 53,
  };
  const sizes = smoke ? { demonstrations: 24, pairs: 16, validation: 8, evaluation: 8 } : tldrSizes(files);
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

/** A quarter of the posts for evaluation and a sixth for validation, at most 500 each; the others demonstrate. */
function tldrSizes(files: readonly TldrFile[]): DataSizes {
  const { posts, preferences } = tldrRows(files);
  if (posts.length < 24 || preferences.length < 8) {
    throw new Error(
      `The files hold ${posts.length} posts (prompt, completion) and ${preferences.length} preferences (prompt, ` +
        "chosen, rejected), but the comparison needs at least 24 and 8: name more files.",
    );
  }
  const evaluation = Math.min(500, Math.floor(posts.length / 4));
  const validation = Math.min(500, Math.floor(posts.length / 6));
  return {
    demonstrations: posts.length - evaluation - validation,
    pairs: preferences.length,
    validation,
    evaluation,
  };
}
