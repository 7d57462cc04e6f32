import path from "node:path";
import { writeFileAtomically } from "../../../src/files/atomic-write.ts";
import { type CompletionGroup, paddedShape } from "../../../src/models/batch.ts";
import { savePolicy } from "../../../src/models/checkpoint.ts";
import { withNetwork } from "../../../src/models/decoder.ts";
import { initialModel, type Model } from "../../../src/models/gpt-neox.ts";
import { type StoredTensor, writeSafetensors } from "../../../src/models/safetensors.ts";
import { sequenceLogps } from "../../../src/models/scorers.ts";
import { keyEnv } from "../../../src/tasks/key-env/task.ts";
import { decisions } from "../../../src/tasks/task.ts";
import { integer, type RandomStream, randomStream } from "../../../src/tensors/random.ts";
import { BATCHES, BEST_OF, OPTIMIZER, type Size, type SizeName, sizes } from "./sizes.ts";

/** One size's weights and examples. */
export interface Workload {
  readonly size: Size;
  readonly model: Model;
  readonly pad: number;
  /** `BATCHES` batches of one completion each. */
  readonly sft: readonly CompletionGroup[];
  /** `BATCHES` batches of two completions each, the chosen one first. */
  readonly dpo: readonly CompletionGroup[];
  /** The start's log-probabilities of `dpo`'s completions in turn, [2 · groups]. */
  readonly reference: Float32Array;
  /** Prompts to complete. */
  readonly prompts: readonly (readonly number[])[];
}

const SEED = 0;

/** The same weights and examples at every call. */
export function workload(name: SizeName): Workload {
  const size: Size = sizes[name];
  const model = initialModel(size.config, randomStream(SEED, "bench", name, "weights"));
  const examples = size.random === undefined ? keyEnvExamples(size) : randomExamples(size, name);
  const reference = withNetwork(model, (net) => sequenceLogps(net, examples.dpo, examples.pad, "all"));
  try {
    return { size, model, ...examples, reference: reference.dataSync() as Float32Array };
  } finally {
    reference.dispose();
  }
}

type Examples = Pick<Workload, "pad" | "sft" | "dpo" | "prompts">;

/**
 * KeyEnv's demonstrations; as pairs, each post's own summary against the next post's with this post's values
 * copied in.
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
      const forcedNext = task.forcedNext!(prompt);
      const other = demonstrations[index + 1]!.completion;
      const decided = decisions(other, forcedNext);
      const told = other.map((token, place) => (decided[place] ? token : forcedNext[other[place - 1]!]!));
      return { prompt: prompt.tokens, completions: [completion, told], forcedNext };
    }),
    prompts: demonstrations.slice(0, sample.prompts).map(({ prompt }) => prompt.tokens),
  };
}

/** Uniformly random tokens; SFT reads prompt and completion alike, its loss on all but the first token. */
function randomExamples({ config, sft, dpo, sample, random }: Size, name: string): Examples {
  const { prompt, completion } = random!;
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
 * Writes a workload for other software: the model as transformers loads it, `settings.json` and
 * `data.safetensors`. The latter holds `prompts` int32 [prompts, P] and, for "sft" and "dpo", `tokens` int32
 * [batches, rows, P + C] and `mask` float32 [batches, rows, C]; `dpo/reference` is float32 [batches, rows]. A
 * batch's chosen completions come before its rejected ones.
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
  writeFileAtomically(path.join(folder, "settings.json"), Buffer.from(JSON.stringify(settings)));
  writeSafetensors(path.join(folder, "data.safetensors"), {
    prompts: tensor("I32", [prompts.length], prompts),
    ...stageTensors("sft", sft, size.sft.batchSize, pad),
    ...stageTensors("dpo", dpo, size.dpo.batchSize, pad),
    "dpo/reference": tensor(
      "F32",
      [BATCHES, 2 * size.dpo.batchSize],
      rowOrder(dpo, size.dpo.batchSize).map(([index, which]) => [reference[2 * index + which]!]),
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
  const rows = rowOrder(groups, batchSize).map(([index, which]) => {
    const { prompt, completions, forcedNext } = groups[index]!;
    const completion = completions[which]!;
    return {
      tokens: [...prompt, ...fill(completion, pad)],
      mask: fill(decisions(completion, forcedNext).map(Number), 0),
    };
  });
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

/** [group, completion] of every row: within each batch the groups' first completions, then their second ones. */
function rowOrder(groups: readonly CompletionGroup[], batchSize: number): [number, number][] {
  const completions = groups[0]!.completions.map((_, which) => which);
  return Array.from({ length: BATCHES }, (_, batch) =>
    completions.flatMap((which) =>
      Array.from({ length: batchSize }, (_, row): [number, number] => [batch * batchSize + row, which]),
    ),
  ).flat();
}

/** Rows as one tensor, [...leading, numbers per row]; rows of one number are numbers. */
function tensor(
  dtype: "I32" | "F32",
  leading: readonly number[],
  rows: readonly (readonly number[])[],
): StoredTensor {
  const width = rows[0]!.length;
  const values = rows.flat();
  return {
    dtype,
    shape: width === 1 ? leading : [...leading, width],
    data: dtype === "I32" ? Int32Array.from(values) : Float32Array.from(values),
  };
}
