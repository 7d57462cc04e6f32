import { describe, expect, test } from "vitest";
import { forwardProducts, largestProduct, stepFlops } from "../../src/models/flops.ts";

const config = {
  vocab_size: 7,
  hidden_size: 4,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 16,
  rotary_pct: 0.5,
  rotary_emb_base: 10000,
  layer_norm_eps: 1e-5,
};

describe("stepFlops", () => {
  test("without prompts: the linear maps on all rows, and attention within each completion", () => {
    // 3 rows of 5 tokens. A layer: 15 rows through [4, 12], [4, 4], [4, 16], [16, 4]; 3 × 2 heads, 5 × 5 twice.
    const layer = 2 * 15 * (4 * 12 + 4 * 4 + 4 * 16 + 16 * 4) + 2 * (2 * 3 * 2 * 5 * 5 * 2);
    const unembedding = 2 * 15 * 4 * 7;
    const shape = { groups: 3, prompt: 0, completions: 1, completion: 5 };
    expect(stepFlops(config, shape)).toBe(3 * (2 * layer + unembedding));
  });

  test("a prompt is computed once for its completions, and only up to the keys and values of the last layer", () => {
    // 1 prompt of 3 tokens, 2 completions of 5: 3 + 10 rows in the first layer; heads of 2 dimensions.
    const completions = 2 * (2 * 2 * 5 * 5 * 2) * 2;
    const onPrompt = 2 * (2 * 10 * 3 * 2) * 2;
    const first = 2 * 13 * (48 + 16 + 64 + 64) + 2 * (2 * 3 * 3 * 2) * 2 + completions + onPrompt;
    const last = 2 * 13 * 48 + 2 * 10 * (16 + 64 + 64) + completions + onPrompt;
    const unembedding = 2 * 10 * 4 * 7;
    const shape = { groups: 1, prompt: 3, completions: 2, completion: 5 };
    expect(stepFlops(config, shape)).toBe(3 * (first + last + unembedding));
  });

  test("the largest product is one of the forward pass", () => {
    const shape = { groups: 2, prompt: 3, completions: 2, completion: 5 };
    const largest = largestProduct(config, shape);
    expect(largest).toMatchObject({ name: "MLP in", m: 26, k: 4, n: 16, count: 1 });
    expect(largestProduct({ ...config, vocab_size: 700 }, shape)).toMatchObject({ m: 20, k: 4, n: 700 });
    expect(forwardProducts(config, shape)).toContainEqual(largest);
  });
});
