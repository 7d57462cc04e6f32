import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPolicy, savePolicy } from "../../src/models/checkpoint.ts";
import { type Model, parameterShapes } from "../../src/models/gpt-neox.ts";
import { initialModel, rewardModelFrom } from "../../src/models/initialization.ts";
import { unflatten } from "../../src/models/named-weights.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../src/models/safetensors.ts";
import { randomStream } from "../../src/tensors/random.ts";

const tiny = path.join(import.meta.dirname, "fixtures", "neox");
const scratch = mkdtempSync(path.join(os.tmpdir(), "check points "));
afterAll(() => rmSync(scratch, { recursive: true }));

let copies = 0;
/** A copy of the tiny model that transformers wrote, with changes to its config and tensors. */
function altered(
  config: Record<string, unknown> = {},
  change: (tensors: Record<string, StoredTensor>) => void = () => {},
): string {
  const folder = path.join(scratch, `altered-${copies++}`);
  cpSync(tiny, folder, { recursive: true });
  const { tensors } = readSafetensors(path.join(folder, "model.safetensors"));
  change(tensors);
  writeSafetensors(path.join(folder, "model.safetensors"), tensors);
  const given = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8"));
  writeFileSync(path.join(folder, "config.json"), JSON.stringify({ ...given, ...config }));
  return folder;
}

/** The message of what `run` throws, which must be one line. */
function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { message } = error as Error;
    expect(message).not.toContain("\n");
    return message;
  }
  throw new Error("nothing was thrown");
}

describe("a checkpoint that transformers wrote", () => {
  test("is loaded with its shape and every weight", () => {
    const { config, head, weights } = loadPolicy(tiny);
    expect(head).toBe("language");
    expect(config).toEqual({
      vocab_size: 37,
      hidden_size: 16,
      num_hidden_layers: 2,
      num_attention_heads: 2,
      intermediate_size: 64,
      max_position_embeddings: 64,
      rotary_pct: 0.5,
      rotary_emb_base: 10000,
      layer_norm_eps: 1e-5,
    });
    const { tensors } = readSafetensors(path.join(tiny, "model.safetensors"));
    const named = unflatten(config, weights);
    expect(Object.keys(named).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, { data }] of Object.entries(tensors)) expect(named[name]).toEqual(data);
  });

  test("is the same with the settings of transformers 4, old buffers and the new name of the last layer", () => {
    const folder = altered(
      { rope_parameters: undefined, rotary_pct: 0.5, rotary_emb_base: 10000 },
      (tensors) => {
        tensors["gpt_neox.layers.0.attention.bias"] = {
          dtype: "BOOL",
          shape: [2],
          data: Uint8Array.of(1, 0),
        };
        tensors["gpt_neox.layers.0.attention.masked_bias"] = {
          dtype: "F16",
          shape: [],
          data: Float32Array.of(-1),
        };
        tensors["gpt_neox.layers.1.attention.rotary_emb.inv_freq"] = {
          dtype: "F32",
          shape: [2],
          data: Float32Array.of(1, 0.01),
        };
        tensors["lm_head.weight"] = tensors["embed_out.weight"]!;
        delete tensors["embed_out.weight"];
      },
    );
    expect(loadPolicy(folder)).toEqual(loadPolicy(tiny));
  });

  test("is converted to float32 from half precision and float64", () => {
    const dtypes = ["F16", "F64"] as const;
    const folder = altered({}, (tensors) => {
      for (const [index, [name, { shape, data }]] of Object.entries(tensors).entries()) {
        const numbers = index % 2 ? Float64Array.from(data as Float32Array) : (data as Float32Array);
        tensors[name] = { dtype: dtypes[index % 2]!, shape, data: numbers };
      }
    });
    const [exact, rounded] = [loadPolicy(tiny).weights, loadPolicy(folder).weights];
    for (const [index, value] of rounded.entries()) {
      expect(Math.abs(value - exact[index]!)).toBeLessThanOrEqual(
        2 ** -11 * Math.abs(exact[index]!) + 2 ** -25,
      );
    }
  });
});

describe("a model", () => {
  const { config } = loadPolicy(tiny);
  const policy = initialModel({ ...config, layer_norm_eps: 1e-6, rotary_emb_base: 500 }, randomStream(1));
  const models: [string, Model][] = [
    ["policy", policy],
    ["reward model", rewardModelFrom(policy, randomStream(2))],
  ];

  test.each(models)("comes back as it was saved: %s", (name, model) => {
    const folder = path.join(scratch, name, "deeper");
    savePolicy(folder, model, { pad: 0, eos: 1 });
    savePolicy(folder, model, { pad: 0, eos: 1 });
    expect(loadPolicy(folder)).toEqual(model);
    expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
  });
});

describe("a folder that cannot be used", () => {
  test("is named when a file is missing", () => {
    const folder = altered();
    rmSync(path.join(folder, "model.safetensors"));
    expect(messageOf(() => loadPolicy(folder))).toContain(
      `${path.join(folder, "model.safetensors")} is missing`,
    );
    expect(messageOf(() => loadPolicy("nowhere"))).toContain(
      `${path.join("nowhere", "config.json")} is missing`,
    );
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ model_type: "llama" }, /model_type is "llama", and only gpt_neox/],
    [{ hidden_act: "gelu_fast" }, /hidden_act is "gelu_fast", and only gelu/],
    [{ tie_word_embeddings: true }, /tie_word_embeddings is true, and only false/],
    [{ use_parallel_residual: false }, /use_parallel_residual is false, and only true/],
    [{ attention_bias: false }, /attention_bias is false, and only true/],
    [{ rope_parameters: { rope_type: "yarn", factor: 2 } }, /rope type .* is "yarn", and only default/],
    [{ rope_scaling: { type: "linear", factor: 2 }, rope_parameters: undefined }, /rope type .* is "linear"/],
    [{ hidden_size: undefined }, /hidden_size should be a whole number above 0 and is missing/],
    [{ num_hidden_layers: 1.5 }, /num_hidden_layers should be a whole number above 0 and is 1.5/],
    [{ num_attention_heads: 3 }, /hidden_size 16 should be a multiple of num_attention_heads 3/],
    [{ rope_parameters: { partial_rotary_factor: 0.4 } }, /rotary_pct 0.4 turns 3 of a head's 8 dimensions/],
  ])("is refused for its config %j", (change, message) => {
    const folder = altered(change);
    const found = messageOf(() => loadPolicy(folder));
    expect(found).toMatch(message);
    expect(found.startsWith(path.join(folder, "config.json"))).toBe(true);
  });

  test("is refused for a config that is not JSON", () => {
    const folder = altered();
    writeFileSync(path.join(folder, "config.json"), "{");
    expect(messageOf(() => loadPolicy(folder))).toContain("cannot be read as JSON");
  });

  test.each<[string, (tensors: Record<string, StoredTensor>) => void, string]>([
    [
      "shape",
      (tensors) => {
        const name = "gpt_neox.layers.1.attention.dense.weight";
        tensors[name] = { ...tensors[name]!, shape: [8, 32] };
      },
      "tensor gpt_neox.layers.1.attention.dense.weight should have shape [16, 16] by config.json and has [8, 32].",
    ],
    [
      "absence",
      (tensors) => {
        delete tensors["gpt_neox.final_layer_norm.bias"];
      },
      "tensor gpt_neox.final_layer_norm.bias should have shape [16] by config.json and is missing.",
    ],
    [
      "type",
      (tensors) => {
        tensors["gpt_neox.final_layer_norm.bias"] = { dtype: "I32", shape: [16], data: new Int32Array(16) };
      },
      "tensor gpt_neox.final_layer_norm.bias should hold floating-point numbers and has type I32.",
    ],
    [
      "layer too many",
      (tensors) => {
        tensors["gpt_neox.layers.2.attention.dense.bias"] = {
          dtype: "F32",
          shape: [1],
          data: new Float32Array(1),
        };
      },
      "tensor gpt_neox.layers.2.attention.dense.bias has no place in the model that config.json describes.",
    ],
  ])("is refused for a tensor's %s", (_, change, message) => {
    const folder = altered({}, change);
    expect(messageOf(() => loadPolicy(folder))).toBe(`${path.join(folder, "model.safetensors")}: ${message}`);
  });

  test("is refused when its config describes another size", () => {
    const folder = altered({ vocab_size: 38 });
    expect(messageOf(() => loadPolicy(folder))).toContain(
      `gpt_neox.embed_in.weight should have shape [38, 16] by config.json and has [37, 16]`,
    );
    expect(Object.keys(parameterShapes(loadPolicy(tiny).config))).toHaveLength(28);
  });
});
