import type { PaddedShape } from "./batch.ts";
import type { NeoXConfig } from "./gpt-neox.ts";

/** `count` products of a matrix [m, k] and a matrix [k, n]. */
export interface Product {
  readonly name: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly count: number;
}

/** The shape of a training step: B prompts of P tokens, without their last, each with K completions of C tokens. */
export interface StepShape {
  readonly groups: number;
  readonly prompt: number;
  readonly completions: number;
  readonly completion: number;
}

/** The shape of a step on `groups` prompts with `completions` completions each, padded to `room`. */
export const stepShape = (groups: number, completions: number, room: PaddedShape): StepShape => ({
  groups,
  prompt: room.prompt,
  completions,
  completion: room.completion,
});

/**
 * The matrix products of a forward pass in which each prompt is computed once for all its completions. With hidden width d,
 * MLP width f, H heads of d/H, L layers, vocabulary V, and N = B·P rows of prompts and M = B·K·C of completions:
 *
 * - linear maps of a layer on N + M rows: [d, 3d], [d, d], [d, f], [f, d]; of the last layer prompts need [d, 3d] only
 * - attention of a layer, scores and mixing, each B·H times: prompts P × P (not in the last layer), completions
 *   K·C × P on their prompt, and K times C × C among themselves; whole squares, masked half included
 * - the unembedding [d, V] on M rows
 */
export function forwardProducts(config: NeoXConfig, shape: StepShape): Product[] {
  const { hidden_size: d, intermediate_size: f, num_attention_heads: heads, vocab_size } = config;
  const { groups, prompt, completions, completion } = shape;
  const head = d / heads;
  const answers = groups * completions * completion;
  const layer = (last: boolean): Product[] => {
    const full = last ? answers : answers + groups * prompt;
    const square = (name: string, count: number, queries: number, keys: number): Product[] => [
      { name: `${name} scores`, m: queries, k: head, n: keys, count },
      { name: `${name} mixing`, m: queries, k: keys, n: head, count },
    ];
    return [
      { name: "queries, keys, values", m: answers + groups * prompt, k: d, n: 3 * d, count: 1 },
      ...(last ? [] : square("prompt on prompt", groups * heads, prompt, prompt)),
      ...square("completion on prompt", groups * heads, completions * completion, prompt),
      ...square("completion on itself", groups * heads * completions, completion, completion),
      { name: "attention output", m: full, k: d, n: d, count: 1 },
      { name: "MLP in", m: full, k: d, n: f, count: 1 },
      { name: "MLP out", m: full, k: f, n: d, count: 1 },
    ];
  };
  const layers = Array.from({ length: config.num_hidden_layers }, (_, index) =>
    layer(index === config.num_hidden_layers - 1),
  );
  return [...layers.flat(), { name: "unembedding", m: answers, k: d, n: vocab_size, count: 1 }];
}

/** The floating-point operations of a product: one multiplication and one addition per term. */
export const flops = ({ m, k, n, count }: Product): number => 2 * m * k * n * count;

/**
 * The floating-point operations of the matrix products of a training step: three times those of the forward pass, since
 * the backward pass has two products of the same size for each, one for the gradient of either factor.
 */
export function stepFlops(config: NeoXConfig, shape: StepShape): number {
  return 3 * forwardProducts(config, shape).reduce((sum, product) => sum + flops(product), 0);
}

/** The largest product of the forward pass. */
export function largestProduct(config: NeoXConfig, shape: StepShape): Product {
  return forwardProducts(config, shape).reduce((largest, product) =>
    product.m * product.k * product.n > largest.m * largest.k * largest.n ? product : largest,
  );
}
