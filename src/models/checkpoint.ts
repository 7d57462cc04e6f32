import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { parseJson } from "../files/json.ts";
import { quoted } from "../files/quoted.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { visibleLine } from "../files/visible-text.ts";
import type { Vocabulary } from "../tasks/task.ts";
import { type Head, type Model, type NeoXConfig, parameterCount, parameterShapes } from "./gpt-neox.ts";
import { flatten, type HostWeights, namedParameters } from "./named-weights.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "./safetensors.ts";

const CONFIG = "config.json";
const WEIGHTS = "model.safetensors";

/**
 * Writes a model as a folder that transformers loads (`GPTNeoXForCausalLM.from_pretrained`, or
 * `GPTNeoXForSequenceClassification` for a reward head): `model.safetensors`, then `config.json`, each atomically.
 * `tokens` are the padding and end-of-sequence ids that transformers generates with. Throws if a weight is not finite.
 */
export function savePolicy(folder: string, model: Model, tokens?: Pick<Vocabulary, "pad" | "eos">): void {
  const { config, head, weights } = model;
  const tensors = namedParameters(config, weights, head).map(({ name, shape, data }) => {
    checkFinite(name, data, folder);
    return [name, { dtype: "F32", shape, data }] satisfies [string, StoredTensor];
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
 * Reads a GPT-NeoX folder written by `savePolicy` or transformers (Pythia, for example). The model has a reward head
 * if the weights contain `score.weight`. Throws if the folder cannot be used, naming the file and the tensor or
 * setting that is missing, unsupported, too large, not finite or has the wrong shape.
 */
export function loadPolicy(folder: string): Model {
  const [configFile, weightsFile] = [path.join(folder, CONFIG), path.join(folder, WEIGHTS)];
  for (const file of [configFile, weightsFile]) {
    if (!existsSync(file)) {
      throw new Error(`${file} is missing: give a folder that holds a GPT-NeoX ${CONFIG} and ${WEIGHTS}.`);
    }
  }
  const config = readConfig(configFile);
  checkSize(config, configFile, weightsFile);
  const { tensors } = readSafetensors(weightsFile);
  const head: Head = tensors["score.weight"] === undefined ? "language" : "reward";
  return { config, head, weights: flatten(config, checkedWeights(tensors, config, head, weightsFile), head) };
}

/** Buffers that older versions of transformers stored and that can be computed from the config. */
const BUFFER = /(^|\.)(attention\.(masked_)?bias|rotary_emb\.inv_freq)$/;

/** The most parameters of a model, and their fewest bytes each in a file. */
const MOST_PARAMETERS = 2 ** 31 - 1;
const FEWEST_BYTES = 2;

/** Throws if the config describes a model that is too large, or larger than the weights' file can be. */
function checkSize(config: NeoXConfig, configFile: string, weightsFile: string): void {
  const [none, one] = [0, 1].map((layers) =>
    parameterCount({ ...config, num_hidden_layers: layers }, "reward"),
  );
  const count = none! + config.num_hidden_layers * (one! - none!);
  if (count > MOST_PARAMETERS) {
    throw new Error(
      `${configFile}: the config describes at least ${count} parameters, and at most ${MOST_PARAMETERS} are supported.`,
    );
  }
  const { size } = statSync(weightsFile);
  if (count * FEWEST_BYTES > size) {
    throw new Error(
      `${weightsFile}: ${CONFIG} describes at least ${count} parameters, which need ${count * FEWEST_BYTES} bytes or ` +
        `more, and the file has ${size}; take both files from the same model.`,
    );
  }
}

/** Throws if a tensor of `file` holds NaN or an infinity. */
function checkFinite(name: string, values: Float32Array, file: string): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let index = 0; index < bits.length; index++) {
    if ((bits[index]! & EXPONENT) !== EXPONENT) continue;
    throw new Error(
      `${file}: tensor ${name} holds ${values[index]} at index ${index}, and weights must be finite: ` +
        "it is damaged or its training diverged, so take an earlier one.",
    );
  }
}

/** The exponent's bits of a float32, which are all set in NaN and the infinities. */
const EXPONENT = 0x7f800000;

function checkedWeights(
  tensors: Readonly<Record<string, StoredTensor>>,
  config: NeoXConfig,
  head: Head,
  file: string,
): HostWeights {
  const shapes = parameterShapes(config, head);
  const found = new Map<string, StoredTensor>();
  for (const [stored, tensor] of Object.entries(tensors)) {
    if (BUFFER.test(stored)) continue;
    const name = stored === "lm_head.weight" ? "embed_out.weight" : stored;
    if (!Object.hasOwn(shapes, name)) {
      throw new Error(
        `${file}: tensor ${visibleLine(name).slice(0, 80)} has no place in the model that ${CONFIG} describes.`,
      );
    }
    if (found.has(name)) {
      throw new Error(
        `${file}: lm_head.weight and embed_out.weight are the same tensor; remove one of them.`,
      );
    }
    found.set(name, tensor);
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
    if (!(data instanceof Float32Array || data instanceof Float64Array)) {
      throw new Error(`${file}: tensor ${name} should hold floating-point numbers and has type ${dtype}.`);
    }
    const values = data instanceof Float32Array ? data : Float32Array.from(data);
    checkFinite(name, values, file);
    return [name, values];
  });
  return Object.fromEntries(weights);
}

/** The largest sizes of a config. */
const SIZES = {
  vocab_size: 2 ** 24,
  hidden_size: 2 ** 20,
  num_hidden_layers: 1024,
  num_attention_heads: 2 ** 20,
  intermediate_size: 2 ** 24,
  max_position_embeddings: 2 ** 24,
} as const;

/** The longest config.json in bytes. */
const LONGEST_CONFIG = 1_000_000;

type Settings = Record<string, unknown>;

function isRecord(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a `config.json` of transformers 5 (`rope_parameters`) or earlier. Throws if a setting is not supported. */
function readConfig(file: string): NeoXConfig {
  let parsed: unknown;
  try {
    parsed = parseJson(readUtf8(file, LONGEST_CONFIG));
  } catch (error) {
    throw new Error(`${file}: the model's config cannot be read as JSON (${(error as Error).message}).`);
  }
  if (!isRecord(parsed)) throw new Error(`${file}: the model's config should be a JSON object of settings.`);
  const given = parsed;
  for (const name of ["rope_scaling", "rope_parameters"]) {
    if (given[name] === undefined || given[name] === null || isRecord(given[name])) continue;
    throw new Error(`${file}: ${name} should be an object of settings and is ${quoted(given[name])}.`);
  }
  const rope = { ...(given.rope_scaling as object), ...(given.rope_parameters as object) } as Settings;
  const setting = (name: string, value: unknown, expected: unknown) => {
    if (value !== expected) {
      throw new Error(`${file}: ${name} is ${quoted(value)}, and only ${expected} is supported.`);
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

  const number = (name: string, value: unknown, most: number): number => {
    if (typeof value === "number" && value > 0 && value <= most) return value;
    throw new Error(
      `${file}: ${name} should be a number above 0 and at most ${most} and is ${quoted(value)}.`,
    );
  };
  const size = (name: keyof typeof SIZES): number => {
    const value = given[name];
    if (Number.isInteger(value)) return number(name, value, SIZES[name]);
    throw new Error(`${file}: ${name} should be a whole number above 0 and is ${quoted(value)}.`);
  };
  const config: NeoXConfig = {
    vocab_size: size("vocab_size"),
    hidden_size: size("hidden_size"),
    num_hidden_layers: size("num_hidden_layers"),
    num_attention_heads: size("num_attention_heads"),
    intermediate_size: size("intermediate_size"),
    max_position_embeddings: size("max_position_embeddings"),
    rotary_pct: number("rotary_pct", rope.partial_rotary_factor ?? given.rotary_pct ?? 0.25, 1),
    rotary_emb_base: number("rotary_emb_base", rope.rope_theta ?? given.rotary_emb_base ?? 10_000, 1e12),
    layer_norm_eps: number("layer_norm_eps", given.layer_norm_eps ?? 1e-5, 1),
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
