import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import type { Vocabulary } from "../tasks/task.ts";
import {
  flatten,
  type Head,
  type HostWeights,
  type Model,
  type NeoXConfig,
  parameterShapes,
  unflatten,
} from "./gpt-neox.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "./safetensors.ts";

const CONFIG = "config.json";
const WEIGHTS = "model.safetensors";

/**
 * Writes a model as a folder that transformers loads (`GPTNeoXForCausalLM.from_pretrained`, or
 * `GPTNeoXForSequenceClassification` where the head gives a reward): `model.safetensors`, then `config.json`,
 * each in one step. `tokens` are recorded for transformers, which pads and ends generation by them.
 */
export function savePolicy(folder: string, model: Model, tokens?: Pick<Vocabulary, "pad" | "eos">): void {
  const { config, head, weights } = model;
  const shapes = parameterShapes(config, head);
  const tensors = Object.entries(unflatten(config, weights, head)).map(([name, data]) => {
    return [name, { dtype: "F32", shape: shapes[name]!, data }] satisfies [string, StoredTensor];
  });
  const description = {
    ...config,
    architectures: [head === "language" ? "GPTNeoXForCausalLM" : "GPTNeoXForSequenceClassification"],
    model_type: "gpt_neox",
    hidden_act: "gelu",
    attention_bias: true,
    use_parallel_residual: true,
    tie_word_embeddings: false,
    attention_dropout: 0,
    hidden_dropout: 0,
    torch_dtype: "float32",
    bos_token_id: null,
    eos_token_id: tokens?.eos ?? null,
    pad_token_id: tokens?.pad ?? null,
    ...(head === "reward" && { id2label: { 0: "reward" }, label2id: { reward: 0 } }),
  };
  writeSafetensors(path.join(folder, WEIGHTS), Object.fromEntries(tensors), { format: "pt" });
  const text = `${JSON.stringify(description, null, 2)}\n`;
  writeFileAtomically(path.join(folder, CONFIG), new TextEncoder().encode(text));
}

/**
 * Reads a GPT-NeoX folder as `savePolicy` or transformers (Pythia, for example) wrote it. The head follows
 * from the weights: `score.weight` makes a reward model. Throws one sentence that names the file, and the
 * tensor with its expected and found shape or the unsupported setting, where the folder cannot be used.
 */
export function loadPolicy(folder: string): Model {
  const [configFile, weightsFile] = [path.join(folder, CONFIG), path.join(folder, WEIGHTS)];
  for (const file of [configFile, weightsFile]) {
    if (!existsSync(file)) {
      throw new Error(`${file} is missing: give a folder that holds a GPT-NeoX ${CONFIG} and ${WEIGHTS}.`);
    }
  }
  const config = readConfig(configFile);
  const { tensors } = readSafetensors(weightsFile);
  const head: Head = tensors["score.weight"] === undefined ? "language" : "reward";
  return { config, head, weights: flatten(config, checkedWeights(tensors, config, head, weightsFile), head) };
}

/** Buffers that older versions of transformers stored; they follow from the config. */
const BUFFER = /(^|\.)(attention\.(masked_)?bias|rotary_emb\.inv_freq)$/;

function checkedWeights(
  tensors: Readonly<Record<string, StoredTensor>>,
  config: NeoXConfig,
  head: Head,
  file: string,
): HostWeights {
  const shapes = parameterShapes(config, head);
  const found = new Map(
    Object.entries(tensors)
      .filter(([name]) => !BUFFER.test(name))
      .map(([name, tensor]) => [name === "lm_head.weight" ? "embed_out.weight" : name, tensor]),
  );
  for (const name of found.keys()) {
    if (!Object.hasOwn(shapes, name)) {
      throw new Error(`${file}: tensor ${name} has no place in the model that ${CONFIG} describes.`);
    }
  }
  const weights = Object.entries(shapes).map(([name, shape]): [string, Float32Array] => {
    const tensor = found.get(name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new Error(
        `${file}: tensor ${name} should have shape [${shape.join(", ")}] by ${CONFIG} and ` +
          `${tensor === undefined ? "is missing" : `has [${tensor.shape.join(", ")}]`}.`,
      );
    }
    const { data, dtype } = tensor;
    if (data instanceof Float32Array) return [name, data];
    if (data instanceof Float64Array) return [name, Float32Array.from(data)];
    throw new Error(`${file}: tensor ${name} should hold floating-point numbers and has type ${dtype}.`);
  });
  return Object.fromEntries(weights);
}

const SIZES = [
  "vocab_size",
  "hidden_size",
  "num_hidden_layers",
  "num_attention_heads",
  "intermediate_size",
  "max_position_embeddings",
] as const;

/** Reads the shape of a model from transformers' config.json, of version 5 (`rope_parameters`) or before. */
function readConfig(file: string): NeoXConfig {
  let given: Record<string, unknown>;
  try {
    given = { ...JSON.parse(readFileSync(file, "utf8")) };
  } catch (error) {
    throw new Error(`${file}: the model's config cannot be read as JSON (${(error as Error).message}).`);
  }
  const rope = { ...(given.rope_scaling as object), ...(given.rope_parameters as object) } as Record<
    string,
    unknown
  >;
  const setting = (name: string, value: unknown, expected: unknown) => {
    if (value !== expected) {
      throw new Error(`${file}: ${name} is ${JSON.stringify(value)}, and only ${expected} is supported.`);
    }
  };
  setting("model_type", given.model_type, "gpt_neox");
  setting("hidden_act", given.hidden_act ?? "gelu", "gelu");
  setting("attention_bias", given.attention_bias ?? true, true);
  setting("use_parallel_residual", given.use_parallel_residual ?? true, true);
  setting("tie_word_embeddings", given.tie_word_embeddings ?? false, false);
  setting(
    "the rope type (of rope_scaling or rope_parameters)",
    rope.rope_type ?? rope.type ?? "default",
    "default",
  );

  const number = (name: string, value: unknown, whole: boolean): number => {
    if (typeof value === "number" && value > 0 && (!whole || Number.isSafeInteger(value))) return value;
    const kind = whole ? "whole number" : "number";
    throw new Error(
      `${file}: ${name} should be a ${kind} above 0 and is ${JSON.stringify(value) ?? "missing"}.`,
    );
  };
  const sizes = Object.fromEntries(SIZES.map((name) => [name, number(name, given[name], true)]));
  const config = {
    ...(sizes as Record<(typeof SIZES)[number], number>),
    rotary_pct: number("rotary_pct", rope.partial_rotary_factor ?? given.rotary_pct ?? 0.25, false),
    rotary_emb_base: number("rotary_emb_base", rope.rope_theta ?? given.rotary_emb_base ?? 10_000, false),
    layer_norm_eps: number("layer_norm_eps", given.layer_norm_eps ?? 1e-5, false),
  };
  const width = config.hidden_size / config.num_attention_heads;
  if (!Number.isInteger(width)) {
    throw new Error(
      `${file}: hidden_size ${config.hidden_size} should be a multiple of num_attention_heads ` +
        `${config.num_attention_heads}.`,
    );
  }
  const rotated = Math.floor(width * config.rotary_pct);
  if (rotated % 2 !== 0 || rotated > width) {
    throw new Error(
      `${file}: rotary_pct ${config.rotary_pct} turns ${rotated} of a head's ${width} dimensions, and an even ` +
        "number of at most all is supported.",
    );
  }
  return config;
}
