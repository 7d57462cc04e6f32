import type { NeoXConfig } from "./gpt-neox.ts";

/** Width, layers, heads and, where it is not 50,304, vocabulary of each public Pythia model (Biderman et al., arXiv 2304.01373). */
const shapes = {
  "14m": [128, 6, 4],
  "31m": [256, 6, 8],
  "70m": [512, 6, 8],
  "160m": [768, 12, 12],
  "410m": [1024, 24, 16],
  "1b": [2048, 16, 8],
  "1.4b": [2048, 24, 16],
  "2.8b": [2560, 32, 32],
  "6.9b": [4096, 32, 32, 50_432],
  "12b": [5120, 36, 40, 50_688],
} as const;

/** The name of a public Pythia model's size. */
export type PythiaSize = keyof typeof shapes;

/** The sizes of the public Pythia models, smallest first. */
export const pythiaSizes = Object.keys(shapes) as PythiaSize[];

/** The configuration of a public Pythia model. */
export function pythiaConfig(size: PythiaSize): NeoXConfig {
  const [hidden, layers, heads, vocabulary = 50_304] = shapes[size] as readonly number[];
  return {
    vocab_size: vocabulary,
    hidden_size: hidden!,
    num_hidden_layers: layers!,
    num_attention_heads: heads!,
    intermediate_size: 4 * hidden!,
    max_position_embeddings: 2048,
    rotary_pct: 0.25,
    rotary_emb_base: 10_000,
    layer_norm_eps: 1e-5,
  };
}
