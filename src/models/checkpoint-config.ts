import { parseJson } from "../files/json.ts";
import { isPlainObject } from "../files/plain-object.ts";
import { quoted } from "../files/quoted.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { type Activation, activations } from "./activations.ts";
import type { NeoXConfig } from "./gpt-neox.ts";

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

/** What a `config.json` says of a model. */
export interface CheckpointConfig {
  readonly config: NeoXConfig;
  /** The class that wrote it, such as GPTNeoXForCausalLM; undefined if it names none. */
  readonly architecture?: string;
  /** Subtracted from the outputs of a scalar head with a bias, as in summarize_from_feedback_details. */
  readonly rewardBias: number;
}

/**
 * Reads a `config.json` of transformers 5 (`rope_parameters`) or earlier, or of a ScalarModel, which holds that of its
 * backbone as `base_config`. Throws if a setting is not supported.
 */
export function readConfig(file: string): CheckpointConfig {
  let parsed: unknown;
  try {
    parsed = parseJson(readUtf8(file, LONGEST_CONFIG));
  } catch (error) {
    throw new Error(`${file}: the model's config cannot be read as JSON (${(error as Error).message}).`);
  }
  if (!isPlainObject(parsed))
    throw new Error(`${file}: the model's config should be a JSON object of settings.`);
  const { architectures, base_config: base, bias } = parsed;
  const [name] = Array.isArray(architectures) ? architectures : [];
  const architecture = typeof name === "string" ? name : undefined;
  if (architecture !== "ScalarModel")
    return { config: neoxConfig(parsed, file), architecture, rewardBias: 0 };
  if (!isPlainObject(base))
    throw new Error(`${file}: a ScalarModel's base_config should be an object of settings.`);
  const isNumber = bias === undefined || Number.isFinite(bias);
  if (!isNumber) throw new Error(`${file}: a ScalarModel's bias should be a number and is ${quoted(bias)}.`);
  return { config: neoxConfig(base, file), architecture, rewardBias: Number(bias ?? 0) };
}

function neoxConfig(given: Settings, file: string): NeoXConfig {
  for (const name of ["rope_scaling", "rope_parameters"]) {
    if (given[name] === undefined || given[name] === null || isPlainObject(given[name])) continue;
    throw new Error(`${file}: ${name} should be an object of settings and is ${quoted(given[name])}.`);
  }
  const rope = { ...(given.rope_scaling as object), ...(given.rope_parameters as object) } as Settings;
  const setting = (name: string, value: unknown, expected: unknown) => {
    if (value !== expected) {
      throw new Error(`${file}: ${name} is ${quoted(value)}, and only ${expected} is supported.`);
    }
  };
  setting("model_type", given.model_type, "gpt_neox");
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
    ...unusual(given, file),
  };
  checkHeads(config, file);
  return config;
}

/** The settings that most models leave at their defaults, where a config does not. */
function unusual(given: Settings, file: string): Partial<NeoXConfig> {
  const flag = (name: string, usual: boolean): boolean => {
    const value = given[name] ?? usual;
    if (typeof value === "boolean") return value;
    throw new Error(`${file}: ${name} should be true or false and is ${quoted(value)}.`);
  };
  const dropout = (name: string): number => {
    const value = given[name] ?? 0;
    if (typeof value === "number" && value >= 0 && value < 1) return value;
    throw new Error(`${file}: ${name} should be a number from 0 and below 1 and is ${quoted(value)}.`);
  };
  const act = given.hidden_act ?? "gelu";
  if (typeof act !== "string" || !Object.hasOwn(activations, act)) {
    const names = Object.keys(activations).join(", ");
    throw new Error(`${file}: hidden_act is ${quoted(act)}, and those supported are ${names}.`);
  }
  const bos = given.bos_token_id ?? undefined;
  if (bos !== undefined && !(Number.isSafeInteger(bos) && Number(bos) >= 0)) {
    throw new Error(`${file}: bos_token_id should be a token id or null and is ${quoted(bos)}.`);
  }
  const [attention, hidden] = [dropout("attention_dropout"), dropout("hidden_dropout")];
  return {
    ...(act !== "gelu" && { hidden_act: act as Activation }),
    ...(!flag("attention_bias", true) && { attention_bias: false }),
    ...(!flag("use_parallel_residual", true) && { use_parallel_residual: false }),
    ...(flag("tie_word_embeddings", false) && { tie_word_embeddings: true }),
    ...(attention > 0 && { attention_dropout: attention }),
    ...(hidden > 0 && { hidden_dropout: hidden }),
    ...(bos !== undefined && { bos_token_id: bos as number }),
    ...skippedPadding(given),
  };
}

/**
 * transformers reads a reward off the last token that is not padding. That differs from the last token of a completion
 * only if the padding is the end token.
 */
function skippedPadding({
  architectures,
  pad_token_id: pad,
  eos_token_id: eos,
}: Settings): Partial<NeoXConfig> {
  const isReward = Array.isArray(architectures) && architectures[0] === "GPTNeoXForSequenceClassification";
  const isEnd = Array.isArray(eos) ? eos.includes(pad) : pad === eos;
  return isReward && isEnd && Number.isSafeInteger(pad) ? { pad_token_id: pad as number } : {};
}

function checkHeads(
  { hidden_size: hidden, num_attention_heads: heads, rotary_pct: part }: NeoXConfig,
  file: string,
) {
  const width = hidden / heads;
  if (!Number.isInteger(width)) {
    throw new Error(`${file}: hidden_size ${hidden} should be a multiple of num_attention_heads ${heads}.`);
  }
  const rotated = Math.floor(width * part);
  if (rotated + (rotated % 2) <= width) return;
  throw new Error(
    `${file}: rotary_pct ${part} turns ${rotated} of a head's ${width} dimensions, and they turn in pairs: with an odd ` +
      "number one more is needed.",
  );
}
