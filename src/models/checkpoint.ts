import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import type { Vocabulary } from "../tasks/task.ts";
import { CONFIG, WEIGHTS } from "./checkpoint-files.ts";
import { BIAS, type CheckpointPlan, planCheckpoint } from "./checkpoint-plan.ts";
import { type Head, LONGEST_VECTOR, type Model, vectorsOf } from "./gpt-neox.ts";
import { areFinite } from "./half-precision.ts";
import { fillVectors, namedParameters } from "./named-weights.ts";
import { type StoredTensor, writeSafetensors } from "./safetensors.ts";

/** The class of transformers that a head's model is saved for. */
const ARCHITECTURES: Readonly<Record<Head, string>> = {
  language: "GPTNeoXForCausalLM",
  reward: "GPTNeoXForSequenceClassification",
  none: "GPTNeoXModel",
};

/**
 * Writes a model as a folder that transformers loads (`AutoModelForCausalLM.from_pretrained`, or
 * `AutoModelForSequenceClassification` for a reward head): `model.safetensors`, then `config.json`, each atomically.
 * `tokens` are the padding and end-of-sequence ids that transformers generates with. A reward model whose padding is its
 * end token is saved without padding: transformers would read the reward off the token before the end, and so refuses
 * batches of several texts. Throws if a weight is not finite.
 */
export function savePolicy(folder: string, model: Model, tokens?: Pick<Vocabulary, "pad" | "eos">): void {
  const { config, head } = model;
  const tensors = namedParameters(config, vectorsOf(model), head).map(({ name, shape, data }) => {
    checkFinite(name, data, folder);
    const stored = head === "none" ? name.replace(/^gpt_neox\./, "") : name;
    return [stored, { dtype: "F32", shape, data }] satisfies [string, StoredTensor];
  });
  const eos = tokens?.eos ?? null;
  const pad = head === "reward" && tokens?.pad === eos ? null : (tokens?.pad ?? null);
  const description = {
    ...config,
    architectures: [ARCHITECTURES[head]],
    model_type: "gpt_neox",
    hidden_act: config.hidden_act ?? "gelu",
    attention_bias: config.attention_bias ?? true,
    use_parallel_residual: config.use_parallel_residual ?? true,
    tie_word_embeddings: config.tie_word_embeddings ?? false,
    attention_dropout: config.attention_dropout ?? 0,
    hidden_dropout: config.hidden_dropout ?? 0,
    torch_dtype: "float32",
    bos_token_id: config.bos_token_id ?? null,
    eos_token_id: eos ?? config.pad_token_id ?? null,
    pad_token_id: config.pad_token_id ?? pad,
    ...(head === "reward" && { id2label: { 0: "reward" }, label2id: { reward: 0 } }),
  };
  writeSafetensors(path.join(folder, WEIGHTS), Object.fromEntries(tensors), { format: "pt" });
  const text = `${JSON.stringify(description, null, 2)}\n`;
  writeFileAtomically(path.join(folder, CONFIG), new TextEncoder().encode(text));
}

/**
 * Reads a GPT-NeoX folder written by `savePolicy` or transformers (Pythia, for example): `model.safetensors` or shards with
 * an index, in F32, F16, BF16 or F64. The head is what the weights have:
 *
 * - a language model, `embed_out.weight` (`lm_head.weight`), or none of its own if the embedding is tied;
 * - a reward model, `score.weight` of one label; or a ScalarModel of summarize_from_feedback_details, whose backbone is
 *   `lm_backbone.` and whose head `scalar_head.` has a bias, which is moved into the last layer norm's;
 * - none, as GPTNeoXModel saves it, with names that lack `gpt_neox.`.
 *
 * Throws if the folder cannot be used, naming the file and the tensor or setting that is missing, superfluous, unsupported,
 * too large, not finite or has the wrong shape. A model of more than `longest` parameters gets several vectors.
 */
export function loadPolicy(folder: string, longest: number = LONGEST_VECTOR): Model {
  const plan = planCheckpoint(folder);
  try {
    const { config, head } = plan;
    const fill = (name: string, _: readonly number[], into: Float32Array) => readParameter(plan, name, into);
    const model = { config, head, ...fillVectors(config, head, fill, longest) };
    addToReward(model, storedBias(plan) - plan.rewardBias);
    return model;
  } finally {
    plan.close();
  }
}

/** Reads a parameter. Throws if a number is not finite. */
function readParameter({ parameters }: CheckpointPlan, name: string, into: Float32Array): void {
  const { file, place } = parameters.get(name)!;
  if (!file.readFloats(place, into)) checkFinite(name, into, file.name);
}

/** The bias of a scalar head; 0 if it has none. */
function storedBias({ bias }: CheckpointPlan): number {
  if (bias === undefined) return 0;
  const value = new Float32Array(1);
  bias.file.readFloats(bias.place, value);
  checkFinite(BIAS, value, bias.file.name);
  return value[0]!;
}

/**
 * Adds a constant c to a reward model, which has no such parameter: the last layer norm's bias β becomes β + c w / ‖w‖²,
 * which adds c to the reward w · (γ ⊙ x + β).
 */
function addToReward(model: Model, constant: number): void {
  if (constant === 0) return;
  const named = namedParameters(model.config, vectorsOf(model), model.head);
  const valuesOf = (wanted: string) => named.find(({ name }) => name === wanted)!.data;
  const [weights, shift] = [valuesOf("score.weight"), valuesOf("gpt_neox.final_layer_norm.bias")];
  const square = weights.reduce((sum, weight) => sum + weight * weight, 0);
  for (const [index, weight] of weights.entries())
    shift[index] = shift[index]! + (constant * weight) / square;
}

/** Throws if a tensor of `file` holds NaN or an infinity. */
function checkFinite(name: string, values: Float32Array, file: string): void {
  if (areFinite(new Uint32Array(values.buffer, values.byteOffset, values.length))) return;
  const index = values.findIndex((value) => !Number.isFinite(value));
  throw new Error(
    `${file}: tensor ${name} holds ${values[index]} at index ${index}, and weights must be finite: ` +
      "it is damaged or its training diverged, so take an earlier one.",
  );
}
