import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPolicy, savePolicy } from "../../src/models/checkpoint.ts";
import { planCheckpoint } from "../../src/models/checkpoint-plan.ts";
import { parameterCount, parameterShapes } from "../../src/models/gpt-neox.ts";
import { initialModel } from "../../src/models/initialization.ts";
import { groupLogps } from "../../src/models/scoring.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { writeSparseCheckpoint } from "./sparse-checkpoint.ts";

const scratch = mkdtempSync(path.join(os.tmpdir(), "pythia-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Layers, hidden size, heads, ids with padding, and parameters, as published with the models (arXiv 2304.01373). */
const SIZES: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  "14m": [6, 128, 4, 50304, 14_067_712],
  "31m": [6, 256, 8, 50304, 30_494_720],
  "70m": [6, 512, 8, 50304, 70_426_624],
  "160m": [12, 768, 12, 50304, 162_322_944],
  "410m": [24, 1024, 16, 50304, 405_334_016],
  "1b": [16, 2048, 8, 50304, 1_011_781_632],
  "1.4b": [24, 2048, 16, 50304, 1_414_647_808],
  "2.8b": [32, 2560, 32, 50304, 2_775_208_960],
  "6.9b": [32, 4096, 32, 50432, 6_857_302_016],
  "12b": [36, 5120, 40, 50688, 11_846_072_320],
};

/** The config.json of a published size, in the form of transformers 4. */
function published(name: string) {
  const [layers, hidden, heads, vocabulary] = SIZES[name]!;
  return {
    architectures: ["GPTNeoXForCausalLM"],
    bos_token_id: 0,
    eos_token_id: 0,
    hidden_act: "gelu" as const,
    hidden_size: hidden,
    initializer_range: 0.02,
    intermediate_size: 4 * hidden,
    layer_norm_eps: 1e-5,
    max_position_embeddings: 2048,
    model_type: "gpt_neox",
    num_attention_heads: heads,
    num_hidden_layers: layers,
    rotary_emb_base: 10000,
    rotary_pct: 0.25,
    tie_word_embeddings: false,
    torch_dtype: "float16",
    transformers_version: "4.24.0",
    use_cache: true,
    use_parallel_residual: true,
    vocab_size: vocabulary,
  };
}

/** The tensors of a published file: the parameters, and buffers that transformers 4 stored. */
function storedShapes(name: string) {
  const config = published(name);
  const buffers = Array.from({ length: config.num_hidden_layers }, (_, layer) => [
    [`gpt_neox.layers.${layer}.attention.masked_bias`, []],
    [`gpt_neox.layers.${layer}.attention.rotary_emb.inv_freq`, [8]],
  ]).flat();
  return { ...Object.fromEntries(buffers), ...parameterShapes(config) };
}

describe.each(Object.keys(SIZES))("Pythia %s", (name) => {
  test("is found whole in its files, in half precision and in shards of 10 GB, without being read", () => {
    const folder = path.join(scratch, name);
    const last = Buffer.from(Uint16Array.of(0x3c00, 0xc000).buffer);
    writeSparseCheckpoint(folder, {
      config: published(name),
      shapes: storedShapes(name),
      dtype: "F16",
      shard: 1e10,
      end: last,
    });
    const before = process.memoryUsage().arrayBuffers;
    const plan = planCheckpoint(folder);
    const { config, head, parameters } = plan;
    expect(head).toBe("language");
    expect(config).toMatchObject({ bos_token_id: 0, rotary_pct: 0.25 });
    expect(parameterCount(config)).toBe(SIZES[name]![4]);
    const { hidden_size: hidden } = config;
    const { file, place } = parameters.get("embed_out.weight")!;
    // The last row of the last tensor, beyond 2 GiB in the larger files.
    const row = new Float32Array(hidden);
    file.readFloats({ ...place, from: place.to - 2 * hidden, shape: [hidden] }, row);
    expect([row[0], row.at(-2), row.at(-1)]).toEqual([0, 1, -2]);
    plan.close();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 25);
    rmSync(folder, { recursive: true });
  });

  test("is computed at a small width with its number of heads, layers and share of rotary dimensions", () => {
    const folder = path.join(scratch, `small ${name}`);
    const config = published(name);
    const { num_attention_heads: heads, num_hidden_layers: layers } = config;
    const small = {
      vocab_size: 40,
      hidden_size: 8 * heads,
      num_hidden_layers: Math.min(layers, 2),
      num_attention_heads: heads,
      intermediate_size: 32 * heads,
      max_position_embeddings: 32,
      rotary_pct: config.rotary_pct,
      rotary_emb_base: config.rotary_emb_base,
      layer_norm_eps: config.layer_norm_eps,
      bos_token_id: 0,
    };
    const model = initialModel(small, randomStream(heads));
    savePolicy(folder, model, { pad: 1, eos: 0 });
    const loaded = loadPolicy(folder);
    expect(loaded.config).toEqual(model.config);
    expect(Buffer.compare(Buffer.from(loaded.weights.buffer), Buffer.from(model.weights.buffer))).toBe(0);
    const [logp] = groupLogps(loaded, [{ prompt: [3, 4], completions: [[5, 6, 0]] }], 1);
    expect(logp).toBeGreaterThan(3 * Math.log(1 / 40) - 3);
    expect(logp).toBeLessThan(3 * Math.log(1 / 40) + 3);
  });
});

test("a model beyond 2^31 numbers is divided into vectors at the ends of tensors", () => {
  const folder = path.join(scratch, "divided");
  const config = {
    ...published("14m"),
    vocab_size: 97,
    num_hidden_layers: 2,
    hidden_size: 16,
    intermediate_size: 64,
  };
  writeSparseCheckpoint(folder, { config, shapes: parameterShapes(config), dtype: "BF16", shard: 5000 });
  const { weights, further } = loadPolicy(folder, 3000);
  const lengths = [weights, ...further!].map(({ length }) => length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(3000);
  expect(lengths.reduce((sum, length) => sum + length)).toBe(parameterCount(config));
});
