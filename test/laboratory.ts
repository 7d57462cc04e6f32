import type { Model } from "../src/models/gpt-neox.ts";
import { initialModel } from "../src/models/initialization.ts";
import { openTask } from "../src/tasks/open-task.ts";
import { randomStream } from "../src/tensors/random.ts";
import type { TrainingOptions } from "../src/training/train.ts";

/* KeyEnv, some of its data, and a model small enough to train within a test. */

export const task = openTask({ name: "key-env", options: {} });

export const data = task.data(7, { demonstrations: 64, pairs: 48, validation: 8, evaluation: 8 });

export const model: Model = initialModel(
  {
    vocab_size: task.vocabulary.size,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: task.promptLength + task.completionLength,
    rotary_pct: 0.5,
    rotary_emb_base: 10000,
    layer_norm_eps: 1e-5,
  },
  randomStream(7, "weights"),
);

export const training: TrainingOptions = {
  epochs: 1,
  batchSize: 8,
  learningRate: 1e-3,
  schedule: "cosine",
  warmupFraction: 0.1,
  seed: 7,
};
