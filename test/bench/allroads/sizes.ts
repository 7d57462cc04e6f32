import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { NeoXConfig } from "../../../src/models/gpt-neox.ts";
import { type PythiaSize, pythiaConfig } from "../../../src/models/pythia.ts";

/** The model and the batches of one size. Lengths are in tokens. */
export interface Size {
  readonly config: NeoXConfig;
  readonly sft: { readonly batchSize: number };
  readonly dpo: { readonly batchSize: number; readonly beta: number };
  readonly sample: { readonly prompts: number; readonly completions: number; readonly tokens: number };
  /** The lengths of examples of random tokens; absent if the examples are KeyEnv's. */
  readonly random?: { readonly prompt: number; readonly completion: number };
  /** Whether reading the model from a folder is measured. */
  readonly load?: boolean;
}

const { model, sft, preference } = keyEnvConfig("laptop");

const d128: NeoXConfig = {
  vocab_size: 512,
  hidden_size: 128,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  intermediate_size: 512,
  max_position_embeddings: 128,
  rotary_pct: 0.25,
  rotary_emb_base: 10000,
  layer_norm_eps: 1e-5,
};

/** The shape of a public Pythia model, with rows of 128 tokens. */
const pythia = (size: PythiaSize, batchSize: number) =>
  ({
    config: { ...pythiaConfig(size), max_position_embeddings: 128 },
    sft: { batchSize },
    dpo: { batchSize: batchSize / 2, beta: 0.1 },
    sample: { prompts: 4, completions: 8, tokens: 64 },
    random: { prompt: 64, completion: 64 },
    load: true,
  }) satisfies Size;

/** `lab` is the model and data of the main comparison, `d128` a small decoder, the others have the shapes of Pythia-14m, 70m and 160m. */
export const sizes = {
  lab: {
    config: model,
    sft: { batchSize: sft.batchSize },
    dpo: { batchSize: preference.batchSize, beta: preference.beta },
    sample: { prompts: 64, completions: 12, tokens: 11 },
  },
  d128: {
    config: d128,
    sft: { batchSize: 32 },
    dpo: { batchSize: 16, beta: 0.1 },
    sample: { prompts: 8, completions: 8, tokens: 64 },
    random: { prompt: 64, completion: 64 },
  },
  pythia: pythia("14m", 8),
  "pythia-70m": pythia("70m", 4),
  "pythia-160m": pythia("160m", 2),
} as const satisfies Record<string, Size>;

export type SizeName = keyof typeof sizes;

/** The number of completions per prompt in best-of-N sampling. */
export const BEST_OF = 25;

/**
 * The kinds of work: a training step, sampling at temperature 1, sampling `BEST_OF` completions per prompt, or reading a
 * model with weights in F16.
 */
export type Work = "sft" | "dpo" | "sample" | "generate" | "load";

/** The number of batches that training cycles through. */
export const BATCHES = 4;

/** AdamW with PyTorch's defaults, and a learning rate at which the repeated batches are not memorised. */
export const OPTIMIZER = {
  learningRate: 2e-4,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
} as const;
