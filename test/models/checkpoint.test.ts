import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { loadPolicy, savePolicy } from "../../src/models/checkpoint.ts";
import { type Model, parameterCount, parameterShapes } from "../../src/models/gpt-neox.ts";
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

describe("settings that change nothing here", () => {
  test.each([
    ["dropout of the attention", { attention_dropout: 0.1 }],
    ["dropout of the hidden states", { hidden_dropout: 0.1 }],
    ["the first token's id", { bos_token_id: 0 }],
    ["the id of a later first token", { bos_token_id: 7 }],
  ])("are kept on saving: %s", (name, given) => {
    const folder = path.join(scratch, "settings", name);
    savePolicy(folder, loadPolicy(altered(given)));
    const saved = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8"));
    expect(saved).toMatchObject(given);
    expect(loadPolicy(folder)).toEqual(loadPolicy(altered(given)));
  });
});

describe("a reward model's padding", () => {
  const model = rewardModelFrom(loadPolicy(tiny), randomStream(3));
  const savedWith = (tokens: { pad: number; eos: number }, given: Model = model) => {
    const folder = path.join(scratch, `padding-${copies++}`);
    savePolicy(folder, given, tokens);
    return JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8"));
  };

  test("is left out if it is the end token, which transformers would skip", () => {
    expect(savedWith({ pad: 0, eos: 0 })).toMatchObject({ pad_token_id: null, eos_token_id: 0 });
    expect(savedWith({ pad: 0, eos: 1 })).toMatchObject({ pad_token_id: 0, eos_token_id: 1 });
    expect(savedWith({ pad: 0, eos: 0 }, loadPolicy(tiny))).toMatchObject({
      pad_token_id: 0,
      eos_token_id: 0,
    });
  });

  test("is kept if the model was made to skip it", () => {
    const skipping = { ...model, config: { ...model.config, pad_token_id: 5 } };
    expect(savedWith({ pad: 5, eos: 5 }, skipping)).toMatchObject({ pad_token_id: 5, eos_token_id: 5 });
  });
});

describe("weights that are not finite", () => {
  test("are not written over a policy", () => {
    const [folder, model] = [path.join(scratch, "kept"), loadPolicy(tiny)];
    savePolicy(folder, model);
    const diverged = { ...model, weights: model.weights.slice().fill(Number.NaN, 700, 701) };
    expect(messageOf(() => savePolicy(folder, diverged))).toBe(
      `${folder}: tensor gpt_neox.layers.0.attention.query_key_value.weight holds NaN at index 44, and weights must be ` +
        "finite: it is damaged or its training diverged, so take an earlier one.",
    );
    expect(loadPolicy(folder)).toEqual(model);
    expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
  });
});

describe("any damage to a folder's files", () => {
  const parts = ["config.json", "model.safetensors"] as const;

  test("gives a whole model of finite weights or one sentence that names the file", () => {
    const folder = altered();
    const whole = parts.map((name) => readFileSync(path.join(folder, name)));
    const header = 8 + Number(whole[1]!.readBigUInt64LE());
    const damage = fc.record({
      part: fc.nat(1),
      at: fc.oneof(fc.nat(header), fc.nat(100_000)),
      removed: fc.nat(3),
      inserted: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom(...["9", "0", "e9", "-", "{", '"'].map(Buffer.from)),
      ),
    });
    fc.assert(
      fc.property(damage, ({ part, at, removed, inserted }) => {
        const bytes = whole[part]!;
        const from = at % bytes.length;
        const damaged = Buffer.concat([bytes.subarray(0, from), inserted, bytes.subarray(from + removed)]);
        writeFileSync(path.join(folder, parts[part]!), damaged);
        const begin = performance.now();
        try {
          const { config, weights } = loadPolicy(folder);
          expect(weights).toHaveLength(parameterCount(config));
          expect(weights.every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
          expect((error as Error).message).toMatch(/^[^\n]*\/(config\.json|model\.safetensors): [^\n]*\.$/);
        }
        expect(performance.now() - begin).toBeLessThan(5000);
        writeFileSync(path.join(folder, parts[part]!), bytes);
      }),
      { numRuns: 400 },
    );
    expect(loadPolicy(folder)).toEqual(loadPolicy(tiny));
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
    [{ hidden_act: "mish" }, /hidden_act is "mish", and those supported are gelu, gelu_python, .*, tanh\./],
    [{ hidden_act: "constructor" }, /hidden_act is "constructor", and those supported are gelu/],
    [{ tie_word_embeddings: "yes" }, /tie_word_embeddings should be true or false and is "yes"/],
    [{ use_parallel_residual: 1 }, /use_parallel_residual should be true or false and is 1/],
    [{ attention_bias: {} }, /attention_bias should be true or false and is {}/],
    [{ hidden_dropout: 1 }, /hidden_dropout should be a number from 0 and below 1 and is 1/],
    [{ attention_dropout: "0.1" }, /attention_dropout should be a number from 0 and below 1 and is "0.1"/],
    [{ bos_token_id: -1 }, /bos_token_id should be a token id or null and is -1/],
    [{ rope_parameters: { rope_type: "yarn", factor: 2 } }, /rope type .* is "yarn", and only default/],
    [{ rope_scaling: { type: "linear", factor: 2 }, rope_parameters: undefined }, /rope type .* is "linear"/],
    [{ hidden_size: undefined }, /hidden_size should be a whole number above 0 and is missing/],
    [{ num_hidden_layers: 1.5 }, /num_hidden_layers should be a whole number above 0 and is 1.5/],
    [{ num_attention_heads: 3 }, /hidden_size 16 should be a multiple of num_attention_heads 3/],
    [
      { num_hidden_layers: 1e6 },
      /num_hidden_layers should be a number above 0 and at most 1024 and is 1000000/,
    ],
    [{ hidden_size: 2 ** 21 }, /hidden_size should be a number above 0 and at most 1048576 and is 2097152/],
    [{ vocab_size: "37" }, /vocab_size should be a whole number above 0 and is "37"/],
    [{ layer_norm_eps: 2 }, /layer_norm_eps should be a number above 0 and at most 1 and is 2/],
    [
      { rope_parameters: { rope_theta: 1e300 } },
      /rotary_emb_base should be .* at most 1000000000000 and is 1e\+300/,
    ],
    [{ rope_parameters: { partial_rotary_factor: 1.5 } }, /rotary_pct should be .* at most 1 and is 1.5/],
    [{ rope_scaling: "linear" }, /rope_scaling should be an object of settings and is "linear"/],
    [{ model_type: "gpt_neox\n\u001b[2J" }, /model_type is "gpt_neox\\n\\u001b\[2J", and only gpt_neox/],
    [
      { num_attention_heads: 16, rope_parameters: { partial_rotary_factor: 1 } },
      /rotary_pct 1 turns 1 of a head's 1 dimensions, and they turn in pairs/,
    ],
    [{ architectures: ["ScalarModel"] }, /a ScalarModel's base_config should be an object of settings/],
    [
      { hidden_size: 2 ** 16, vocab_size: 2 ** 17, num_layers: 1 },
      /the config describes a tensor of 12884901888 numbers, and at most 2147483647 are supported/,
    ],
  ])("is refused for its config %j", (change, message) => {
    const folder = altered(change);
    const found = messageOf(() => loadPolicy(folder));
    expect(found).toMatch(message);
    expect(found.startsWith(path.join(folder, "config.json"))).toBe(true);
  });

  test.each<[string, string | Uint8Array, string]>([
    ["that is not JSON", "{", "cannot be read as JSON (the text ends at character 2)"],
    ["that is a list", "[]", "should be a JSON object of settings"],
    ["with a setting twice", '{"vocab_size": 37, "vocab_size": 38}', 'the name "vocab_size" twice'],
    ["with an infinite number", '{"layer_norm_eps": 1e999}', "a number beyond float64"],
    ["that nests too deep", "[".repeat(500_000), "more than 64 levels"],
    ["that is too long", " ".repeat(1_000_001), "it has 1000001 bytes and at most 1000000 are read"],
    ["that is not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "it is not UTF-8 text"],
  ])("is refused for a config %s", (_, config, message) => {
    const folder = altered();
    writeFileSync(path.join(folder, "config.json"), config);
    expect(messageOf(() => loadPolicy(folder))).toContain(message);
  });

  test("is refused without allocating when its config asks for a trillion parameters", () => {
    const before = process.memoryUsage().arrayBuffers;
    const trillion = {
      hidden_size: 2 ** 17,
      intermediate_size: 2 ** 19,
      num_hidden_layers: 5,
      num_attention_heads: 2,
    };
    expect(messageOf(() => loadPolicy(altered(trillion)))).toMatch(
      /config\.json: the config describes at least 1030\d{9} parameters, and at most 68719476736 are supported\.$/,
    );
    expect(messageOf(() => loadPolicy(altered({ vocab_size: 100_000 })))).toMatch(
      /model\.safetensors: config\.json describes at least 3206\d{3} parameters, which need 6\d{6} bytes or more, and/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  test.each([
    ["F32", Number.NaN],
    ["F32", Number.NEGATIVE_INFINITY],
    ["F16", 1e6],
    ["BF16", Number.NaN],
    ["F64", 1e300],
  ] as const)("is refused for weights that are not finite: %s %f", (dtype, value) => {
    const name = "gpt_neox.layers.0.mlp.dense_h_to_4h.bias";
    const folder = altered({}, (tensors) => {
      const { shape, data } = tensors[name]!;
      const values =
        dtype === "F64" ? Float64Array.from(data as Float32Array) : (data as Float32Array).slice();
      values[5] = value;
      tensors[name] = { dtype, shape, data: values };
    });
    const shown = Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    expect(messageOf(() => loadPolicy(folder))).toBe(
      `${path.join(folder, "model.safetensors")}: tensor ${name} holds ${shown} at index 5, and weights must be ` +
        "finite: it is damaged or its training diverged, so take an earlier one.",
    );
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
    [
      "two names",
      (tensors) => {
        tensors["lm_head.weight"] = tensors["embed_out.weight"]!;
      },
      "lm_head.weight and embed_out.weight are the same tensor; remove one of them.",
    ],
    [
      "name of many lines",
      (tensors) => {
        tensors[`\n${"x".repeat(1000)}`] = { dtype: "F32", shape: [1], data: new Float32Array(1) };
      },
      `tensor \\n${"x".repeat(78)} has no place in the model that config.json describes.`,
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
