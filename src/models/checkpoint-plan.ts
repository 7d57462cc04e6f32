import { quoted } from "../files/quoted.ts";
import { visibleLine } from "../files/visible-text.ts";
import { type CheckpointConfig, readConfig } from "./checkpoint-config.ts";
import {
  CONFIG,
  checkpointFiles,
  openWeights,
  type StoredPlace,
  type WeightFiles,
} from "./checkpoint-files.ts";
import {
  type Head,
  LONGEST_VECTOR,
  type NeoXConfig,
  parameterCount,
  parameterShapes,
  sizeOf,
} from "./gpt-neox.ts";

/* Which stored tensor is which parameter of the model that a config describes, checked before memory is taken. */

/** Where each parameter of a model lies, in files that the caller closes. */
export interface CheckpointPlan {
  readonly config: NeoXConfig;
  readonly head: Head;
  readonly parameters: ReadonlyMap<string, StoredPlace>;
  /** A ScalarModel's bias, and what its config takes off the reward. */
  readonly bias?: StoredPlace;
  readonly rewardBias: number;
  close(): void;
}

/**
 * Opens a folder's files and finds every parameter of its model. Takes no memory for them: only headers are read. Throws if
 * a file is missing, or a setting or a tensor cannot be used.
 */
export function planCheckpoint(folder: string): CheckpointPlan {
  const [configFile = ""] = checkpointFiles(folder);
  const described = readConfig(configFile);
  checkCount(described.config, configFile);
  const files = openWeights(folder);
  try {
    return { ...checkedPlan(described, files), rewardBias: described.rewardBias, close: files.close };
  } catch (error) {
    files.close();
    throw error;
  }
}

/** Buffers that older versions of transformers stored and that can be computed from the config. */
const BUFFER = /(^|\.)(attention\.(masked_)?bias|rotary_emb\.inv_freq)$/;

/** Names of parameters under which other classes and versions store them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "lm_head.weight": "embed_out.weight",
  "scalar_head.weight": "score.weight",
};

/** A parameter's name here, of its stored name. */
function parameterName(stored: string): string {
  const backbone = stored
    .replace(/^lm_backbone\./, "gpt_neox.")
    .replace(/^(embed_in|layers|final_layer_norm)\./, "gpt_neox.$&");
  return OTHER_NAMES[stored] ?? backbone;
}

/** The bias of a ScalarModel's head. */
export const BIAS = "scalar_head.bias";

/** Finds every parameter. Throws if one is missing, not as the config says, or has no place in the model. */
function checkedPlan(
  { config, architecture }: CheckpointConfig,
  { name: whole, bytes, tensors }: WeightFiles,
): Omit<CheckpointPlan, "rewardBias" | "close"> {
  const stored = new Map([...tensors].filter(([name]) => !BUFFER.test(name)));
  const named = new Map<string, StoredPlace>();
  for (const [name, tensor] of stored) {
    const own = parameterName(name);
    const other = named.get(own);
    if (other !== undefined) {
      throw new Error(
        `${tensor.file.name}: ${[name, other.place.name].sort().reverse().join(" and ")} are the same tensor; remove one of them.`,
      );
    }
    named.set(own, tensor);
  }
  const head = headOf(named, config, architecture);
  const least = parameterCount(config, head) * FEWEST_BYTES;
  if (least > bytes) {
    throw new Error(
      `${whole}: ${CONFIG} describes at least ${least / FEWEST_BYTES} parameters, which need ${least} bytes or more, and ` +
        `the file has ${bytes}; take both files from the same model.`,
    );
  }
  const bias = head === "reward" ? named.get(BIAS) : undefined;
  const shapes = parameterShapes(config, head);
  const tied = config.tie_word_embeddings && head === "language" ? named.get("embed_out.weight") : undefined;
  for (const [name, { file }] of named) {
    if (Object.hasOwn(shapes, name) || (name === BIAS && bias) || (name === "embed_out.weight" && tied))
      continue;
    throw new Error(
      `${file.name}: tensor ${visibleLine(name).slice(0, 80)} has no place in the model that ${CONFIG} describes.`,
    );
  }
  for (const [name, shape] of Object.entries(shapes)) checkPlace(name, shape, named.get(name), whole);
  if (bias !== undefined) checkPlace(BIAS, [1], bias, whole);
  if (tied !== undefined) checkTied(config, tied, named.get("gpt_neox.embed_in.weight")!);
  return { config, head, parameters: named, ...(bias && { bias }) };
}

/** What the last map is, by the tensors that are there and, if there is none, by the class that wrote them. */
function headOf(named: ReadonlyMap<string, unknown>, config: NeoXConfig, architecture = ""): Head {
  if (named.has("score.weight")) return "reward";
  if (named.has("embed_out.weight")) return "language";
  if (/SequenceClassification$|^ScalarModel$/.test(architecture)) return "reward";
  if (/CausalLM$/.test(architecture) || config.tie_word_embeddings) return "language";
  return architecture === "GPTNeoXModel" ? "none" : "language";
}

/** Throws if a parameter is missing, or is not a tensor of floating-point numbers of its shape. */
function checkPlace(
  name: string,
  shape: readonly number[],
  stored: StoredPlace | undefined,
  whole: string,
): void {
  const found = stored?.place.shape;
  if (name === "score.weight" && found?.length === 2 && found[0] !== 1 && found[1] === shape[1]) {
    throw new Error(
      `${stored!.file.name}: tensor ${name} gives ${found[0]} labels, and a reward model has one: use another model.`,
    );
  }
  if (stored === undefined || found?.join() !== shape.join()) {
    throw new Error(
      `${stored?.file.name ?? whole}: tensor ${name} should have shape [${shape.join(", ")}] by ${CONFIG} and ` +
        `${found === undefined ? "is missing" : `has [${found.join(", ")}]`}.`,
    );
  }
  const { dtype } = stored.place;
  if (!["F16", "BF16", "F32", "F64"].includes(dtype)) {
    throw new Error(
      `${stored.file.name}: tensor ${name} should hold floating-point numbers and has type ${dtype}.`,
    );
  }
}

/** Throws if a stored unembedding is not the embedding that it is said to be tied to. */
function checkTied(config: NeoXConfig, unembedding: StoredPlace, embedding: StoredPlace): void {
  const shape = [config.vocab_size, config.hidden_size];
  checkPlace("embed_out.weight", shape, unembedding, unembedding.file.name);
  const [own, other] = [unembedding, embedding].map(({ file, place }) => {
    const values = new Float32Array(sizeOf(shape));
    file.readFloats(place, values);
    return values;
  });
  if (own!.every((value, index) => value === other![index])) return;
  throw new Error(
    `${unembedding.file.name}: tensor ${quoted(unembedding.place.name).slice(1, -1)} differs from ` +
      `${quoted(embedding.place.name).slice(1, -1)}, and ${CONFIG} ties them: set tie_word_embeddings to false.`,
  );
}

/** The most parameters of a model, and their fewest bytes each in a file. */
const MOST_PARAMETERS = 2 ** 36;
const FEWEST_BYTES = 2;

/** Throws if the config describes a model that is too large, without listing its parameters. */
function checkCount(config: NeoXConfig, configFile: string): void {
  const [none, one] = [0, 1].map((layers) =>
    parameterCount({ ...config, num_hidden_layers: layers }, "none"),
  );
  const count = none! + config.num_hidden_layers * (one! - none!);
  if (count > MOST_PARAMETERS) {
    throw new Error(
      `${configFile}: the config describes at least ${count} parameters, and at most ${MOST_PARAMETERS} are supported.`,
    );
  }
  const largest =
    Math.max(config.vocab_size, 3 * config.hidden_size, config.intermediate_size) * config.hidden_size;
  if (largest <= LONGEST_VECTOR) return;
  throw new Error(
    `${configFile}: the config describes a tensor of ${largest} numbers, and at most ${LONGEST_VECTOR} are supported.`,
  );
}
