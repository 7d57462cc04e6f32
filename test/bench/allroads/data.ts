import path from "node:path";
import { writeAtomically } from "../../../kernel/setup/files.mjs";
import { type CompletionGroup, collate, decisions, paddedShape } from "../../../src/models/batch.ts";
import { savePolicy } from "../../../src/models/checkpoint.ts";
import type { Model } from "../../../src/models/gpt-neox.ts";
import { initialModel } from "../../../src/models/initialization.ts";
import { withNetwork } from "../../../src/models/network.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../../src/models/safetensors.ts";
import { sequenceLogps } from "../../../src/models/scoring.ts";
import { keyEnv } from "../../../src/tasks/key-env/task.ts";
import { integer, type RandomStream, randomStream } from "../../../src/tensors/random.ts";
import { writeHalf } from "./loading.ts";
import { BATCHES, BEST_OF, OPTIMIZER, type Size, type SizeName, sizes } from "./sizes.ts";

/** The weights and examples of one size. */
export interface Workload {
  readonly size: Size;
  readonly model: Model;
  readonly pad: number;
  /** `BATCHES` batches of one completion each. */
  readonly sft: readonly CompletionGroup[];
  /** `BATCHES` batches of two completions each, the chosen one first. */
  readonly dpo: readonly CompletionGroup[];
  /** The initial model's log-probabilities of all completions of `dpo`, [2 · groups]. */
  readonly reference: Float32Array;
  /** Prompts to complete. */
  readonly prompts: readonly (readonly number[])[];
}

const SEED = 0;
const DATA_FILE = "data.safetensors";
const REFERENCE = "dpo/reference";

/**
 * The workload of a size; the same at every call. If a folder that `writeWorkload` wrote is given, the reference
 * log-probabilities come from there, since computing them takes more memory than a training step.
 */
export function workload(name: SizeName, folder?: string): Workload {
  const size: Size = sizes[name];
  const model = initialModel(size.config, randomStream(SEED, "bench", name, "weights"));
  const examples = size.random ? randomExamples(size, size.random, name) : keyEnvExamples(size);
  const reference =
    folder === undefined ? initialLogps(model, examples) : readReference(folder, size.dpo.batchSize);
  return { size, model, ...examples, reference };
}

function initialLogps(model: Model, { dpo, pad }: Examples): Float32Array {
  const logps = withNetwork(model, (net) => sequenceLogps(net, collate(dpo, pad)));
  try {
    return logps.dataSync() as Float32Array;
  } finally {
    logps.dispose();
  }
}

/** The reference log-probabilities that `writeWorkload` wrote, in the order of the groups. */
function readReference(folder: string, batchSize: number): Float32Array {
  const stored = readSafetensors(path.join(folder, DATA_FILE)).tensors[REFERENCE];
  if (!(stored?.data instanceof Float32Array)) throw new Error(`${folder} has no ${REFERENCE}.`);
  const { data } = stored;
  return data.map((_, index) => {
    const group = Math.floor(index / 2);
    const row = 2 * batchSize * Math.floor(group / batchSize) + batchSize * (index % 2) + (group % batchSize);
    return data[row] ?? Number.NaN;
  });
}

type Examples = Pick<Workload, "pad" | "sft" | "dpo" | "prompts">;

/**
 * Examples of KeyEnv. SFT uses its demonstrations. A DPO pair is a post's own summary, chosen, and the summary of the
 * next post with the values of this post copied into it, rejected.
 */
function keyEnvExamples({ sft, dpo, sample }: Size): Examples {
  const task = keyEnv();
  const { demonstrations } = task.data(SEED, {
    demonstrations: Math.max(BATCHES * Math.max(sft.batchSize, dpo.batchSize + 1), sample.prompts),
    pairs: 1,
    validation: 1,
    evaluation: 1,
  });
  return {
    pad: task.vocabulary.pad,
    sft: demonstrations.slice(0, BATCHES * sft.batchSize).map(({ prompt, completion }) => ({
      prompt: prompt.tokens,
      completions: [completion],
    })),
    dpo: demonstrations.slice(0, BATCHES * dpo.batchSize).map(({ prompt, completion }, index) => {
      const next = demonstrations[index + 1];
      const forcedNext = task.forcedNext?.(prompt);
      if (!next || !forcedNext)
        throw new Error("KeyEnv gave too few demonstrations, or none with values to copy.");
      const rejected = withCopiedValues(next.completion, forcedNext);
      return { prompt: prompt.tokens, completions: [completion, rejected], forcedNext };
    }),
    prompts: demonstrations.slice(0, sample.prompts).map(({ prompt }) => prompt.tokens),
  };
}

/** A completion in which every token that is copied from the post is replaced by that of another post. */
function withCopiedValues(completion: readonly number[], copies: Int32Array): number[] {
  const decided = decisions(completion, copies);
  let previous: number | undefined;
  return completion.map((token, index) => {
    const value = previous === undefined || decided[index] ? token : copies[previous];
    if (value === undefined) throw new Error(`No token is copied after the token ${previous}.`);
    previous = token;
    return value;
  });
}

/** Examples of uniformly random tokens. The loss of SFT is on all tokens but the first. */
function randomExamples(
  { config, sft, dpo, sample }: Size,
  { prompt, completion }: NonNullable<Size["random"]>,
  name: string,
): Examples {
  const tokens = (stream: RandomStream, length: number) =>
    Array.from({ length }, () => integer(stream, config.vocab_size));
  const many = <T>(count: number, part: string, make: (stream: RandomStream) => T): T[] => {
    const stream = randomStream(SEED, "bench", name, part);
    return Array.from({ length: count }, () => make(stream));
  };
  return {
    pad: 0,
    sft: many(BATCHES * sft.batchSize, "sft", (stream) => ({
      prompt: tokens(stream, 1),
      completions: [tokens(stream, prompt + completion - 1)],
    })),
    dpo: many(BATCHES * dpo.batchSize, "dpo", (stream) => ({
      prompt: tokens(stream, prompt),
      completions: [tokens(stream, completion), tokens(stream, completion)],
    })),
    prompts: many(sample.prompts, "prompts", (stream) => tokens(stream, prompt)),
  };
}

/**
 * Writes a workload for other frameworks: the model in the format of transformers, `settings.json` and
 * `data.safetensors`. The latter contains `prompts` int32 [prompts, P] and, for "sft" and "dpo", `tokens` int32
 * [batches, rows, P + C] and `mask` float32 [batches, rows, C]; `dpo/reference` is float32 [batches, rows]. A
 * batch's chosen completions come before its rejected ones. If reading the model is measured, `half/` has it in F16.
 */
export function writeWorkload(folder: string, workload: Workload): void {
  const { size, model, pad, sft, dpo, reference, prompts } = workload;
  const { completions, tokens } = size.sample;
  const settings = {
    beta: size.dpo.beta,
    optimizer: OPTIMIZER,
    sampling: { sample: completions, generate: BEST_OF, tokens },
  };
  savePolicy(folder, model);
  if (size.load) writeHalf(folder);
  writeAtomically(path.join(folder, "settings.json"), JSON.stringify(settings));
  writeSafetensors(path.join(folder, DATA_FILE), {
    prompts: tensor("I32", [prompts.length], prompts),
    ...stageTensors("sft", sft, size.sft.batchSize, pad),
    ...stageTensors("dpo", dpo, size.dpo.batchSize, pad),
    [REFERENCE]: tensor(
      "F32",
      [BATCHES, 2 * size.dpo.batchSize],
      inRowOrder(
        dpo.map((_, index) => Array.from(reference.subarray(2 * index, 2 * index + 2), (logp) => [logp])),
        size.dpo.batchSize,
      ),
    ),
  });
}

function stageTensors(
  stage: "sft" | "dpo",
  groups: readonly CompletionGroup[],
  batchSize: number,
  pad: number,
): Record<string, StoredTensor> {
  const { completion: longest } = paddedShape(groups);
  const fill = (values: readonly number[], value: number) =>
    Array.from({ length: longest }, (_, place) => values[place] ?? value);
  const rows = inRowOrder(
    groups.map(({ prompt, completions, forcedNext }) =>
      completions.map((completion) => ({
        tokens: [...prompt, ...fill(completion, pad)],
        mask: fill(decisions(completion, forcedNext).map(Number), 0),
      })),
    ),
    batchSize,
  );
  const shape = [BATCHES, rows.length / BATCHES];
  return {
    [`${stage}/tokens`]: tensor(
      "I32",
      shape,
      rows.map(({ tokens }) => tokens),
    ),
    [`${stage}/mask`]: tensor(
      "F32",
      shape,
      rows.map(({ mask }) => mask),
    ),
  };
}

/**
 * Values per group and completion in the order of the rows: in each batch those of the first completions of all groups,
 * then those of the second ones. All groups have the same number of completions.
 */
function inRowOrder<T>(groups: readonly (readonly T[])[], batchSize: number): T[] {
  const rows: T[] = [];
  for (let start = 0; start < groups.length; start += batchSize) {
    const batch = groups.slice(start, start + batchSize);
    batch[0]?.forEach((_, which) => {
      for (const group of batch) rows.push(group[which]!);
    });
  }
  return rows;
}

/** Rows as one tensor, [...leading, row length]; rows of length 1 do not get a dimension. */
function tensor(
  dtype: "I32" | "F32",
  leading: readonly number[],
  rows: readonly (readonly number[])[],
): StoredTensor {
  const [first] = rows;
  if (!first) throw new Error("A tensor needs at least one row.");
  const width = first.length;
  const values = rows.flat();
  return {
    dtype,
    shape: width === 1 ? leading : [...leading, width],
    data: dtype === "I32" ? Int32Array.from(values) : Float32Array.from(values),
  };
}
