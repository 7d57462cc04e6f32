import type { MemorySavings } from "../models/decoder.ts";
import { deviceMemory } from "../models/device-memory.ts";
import type { StepShape } from "../models/flops.ts";
import { type Head, type NeoXConfig, parameterCount } from "../models/gpt-neox.ts";
import { vectorShapes } from "../models/named-weights.ts";

/** What a training step needs on the device, in bytes. */
export interface StepMemory {
  /** Weights. */
  readonly parameters: number;
  /** AdamW's moments. */
  readonly optimizer: number;
  /** Gradients, their sum over the parts of a step, and copies of the weights where one vector holds several tensors. */
  readonly gradients: number;
  /** What the gradient keeps of the forward pass. */
  readonly activations: number;
  /** Logits and their gradient. */
  readonly logits: number;
  /** New weights and moments of the vector that is being updated. */
  readonly update: number;
  /** TensorFlow's runtime and what XLA compiles. */
  readonly runtime: number;
  /** The most at a time: activations and logits are gone when the update begins. */
  readonly peak: number;
}

/**
 * The memory of a training step in `parts` of one `shape` each, by counting tensors: float32 throughout, without models
 * besides the trained one, and without what an allocator adds (on the CPU TensorFlow's pool adds a quarter). What was
 * measured is within a quarter of it.
 */
export function stepMemory(
  config: NeoXConfig,
  head: Head,
  { groups, prompt, completions, completion }: StepShape,
  { recompute = false, vocabularyChunk = config.vocab_size, updateChunk }: MemorySavings = {},
  parts = 1,
): StepMemory {
  const { hidden_size: hidden, intermediate_size: inner, num_attention_heads: heads } = config;
  const count = parameterCount(config, head);
  const vectors = vectorShapes(config, head, updateChunk);
  const joined = vectors.reduce((sum, { size, members }) => sum + (members.length > 1 ? size : 0), 0);
  const largest = vectors.reduce((most, { size }) => Math.max(most, size), 0);
  const answers = groups * completions * completion;
  const tokens = answers + groups * prompt;
  const scores = groups * heads * (prompt ** 2 + completions * completion * (prompt + completion));
  const layer = tokens * (KEPT_WIDTHS * hidden + KEPT_INNER * inner) + KEPT_SCORES * scores;
  const inputs = config.num_hidden_layers * tokens * hidden;
  const logits =
    head === "language" ? KEPT_LOGITS * answers * Math.min(vocabularyChunk, config.vocab_size) : 0;
  const bytes = {
    parameters: 4 * count,
    optimizer: 8 * count,
    gradients: 4 * ((parts > 1 ? 2 : 1) * count + joined),
    activations: 4 * (recompute ? inputs + layer : config.num_hidden_layers * layer),
    logits: 4 * logits,
    update: 16 * largest,
    runtime: RUNTIME,
  };
  const state = bytes.parameters + bytes.optimizer + bytes.gradients + bytes.runtime;
  return { ...bytes, peak: state + Math.max(bytes.activations + bytes.logits, bytes.update) };
}

/** How many vectors of each width a layer keeps for its gradient, and how many copies of scores and logits there are. */
const KEPT_WIDTHS = 13;
const KEPT_INNER = 3;
const KEPT_SCORES = 2;
const KEPT_LOGITS = 2;
const RUNTIME = 50e6;

/** The shape of each example of a step. */
export type ExampleShape = Omit<StepShape, "groups">;

/** What is tried to make a step fit, in this order: less of it takes more time. */
const REMEDIES: readonly MemorySavings[] = [
  { vocabularyChunk: 8192 },
  { recompute: true },
  { vocabularyChunk: 8192, recompute: true },
];

/**
 * Why a training step on `batchSize` examples, `microBatchSize` at a time, cannot fit into `available` bytes, and what
 * would; undefined if it fits.
 */
export function memoryProblem(
  model: { readonly config: NeoXConfig; readonly head: Head },
  shape: ExampleShape,
  {
    batchSize,
    microBatchSize = batchSize,
    savings,
  }: { readonly batchSize: number; readonly microBatchSize?: number; readonly savings?: MemorySavings },
  available: number,
): string | undefined {
  const needed = (groups: number, own: MemorySavings) =>
    stepMemory(model.config, model.head, { ...shape, groups }, { ...savings, ...own }, batchSize / groups);
  const now = needed(microBatchSize, {});
  if (now.peak <= available) return undefined;
  const sizes = [microBatchSize, ...divisors(batchSize).filter((size) => size < microBatchSize)];
  const remedy = sizes
    .flatMap((groups) => REMEDIES.map((own) => ({ groups, own })))
    .find(({ groups, own }) => needed(groups, own).peak <= available);
  const least = needed(1, { vocabularyChunk: 1024, recompute: true }).peak;
  const advice =
    remedy === undefined
      ? `No setting makes it fit, since at least ${gigabytes(least)} are needed: use a smaller model or another device.`
      : `It fits with ${[
          ...(remedy.groups < microBatchSize ? [`microBatchSize: ${remedy.groups}`] : []),
          `savings: ${JSON.stringify(remedy.own)}`,
        ].join(" and ")}.`;
  return (
    `A step of this training needs about ${gigabytes(now.peak)}, and the device has ${gigabytes(available)}: ` +
    `${gigabytes(now.parameters + now.optimizer)} for weights and moments, ${gigabytes(now.gradients)} for gradients, ` +
    `${gigabytes(now.activations)} for activations and ${gigabytes(now.logits)} for logits. ${advice}`
  );
}

/** Whole numbers below `count` that divide it, largest first. */
function divisors(count: number): number[] {
  const small = Array.from({ length: Math.min(count, 4096) }, (_, index) => index + 1).filter(
    (each) => count % each === 0,
  );
  return [...new Set(small.flatMap((each) => [each, count / each]))]
    .filter((each) => each < count)
    .sort((left, right) => right - left);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;

/** Throws if a step on examples of this shape, if it is known, cannot fit into the device's memory. */
export function checkStepMemory(
  model: { readonly config: NeoXConfig; readonly head: Head },
  shape: ExampleShape | undefined,
  batching: Parameters<typeof memoryProblem>[2],
): void {
  const problem = shape && memoryProblem(model, shape, batching, deviceMemory());
  if (problem !== undefined) throw new Error(problem);
}
