import { flops, forwardProducts, type StepShape, stepFlops } from "../../models/flops.ts";
import { type Head, type NeoXConfig, parameterCount } from "../../models/gpt-neox.ts";
import { type PythiaSize, pythiaConfig } from "../../models/pythia.ts";
import { stepMemory } from "../../training/step-memory.ts";
import { readTldrPreset, type TldrPreset } from "./preset-file.ts";

/** The paper's rows: human summaries for SFT, and labelled pairs (Swamy et al., arXiv 2503.01067, and its code). */
const ROWS = { demonstrations: 116_722, pairs: 92_832 } as const;

/** Half of an H200's peaks by its data sheet: 67 TFLOP/s in float32, 989 in bfloat16, and 4.8 TB/s. */
const CARD = {
  /** Floating-point operations of matrix products per second. */
  flops: { float32: 33e12, bfloat16: 490e12 },
  /** Bytes per second that sampling reads weights with. */
  bandwidth: 2.4e12,
  /** Sequences that are sampled at a time. */
  sequences: 300,
} as const;

/** Hours by the precision of matrix products. */
type Hours = Readonly<Record<keyof typeof CARD.flops, number>>;

/** What one seed of the main comparison costs at the scale of a preset, by computation. */
export interface ScaleRow {
  readonly what: string;
  /** Parameters of the trained model. */
  readonly parameters: number;
  /** Bytes of the published weights, two for each parameter. */
  readonly download: number;
  /** The most bytes that a training step needs on the device; see `stepMemory`. */
  readonly memory: number;
  /** Hours of training: SFT, a reward model, DPO of one and two epochs, and two policies of online DPO. */
  readonly training: Hours;
  /** Hours of sampling and ranking for the two online policies. */
  readonly sampling?: Hours;
}

/** The costs of the presets `pythia-SIZE`, with the paper's numbers of rows and prompts of full length. */
export function scaleRows(sizes: readonly PythiaSize[]): ScaleRow[] {
  return sizes.map((size) => {
    const name = `pythia-${size}`;
    const parameters = parameterCount(pythiaConfig(size));
    const costs = policyCosts(readTldrPreset(name), size);
    return { what: `\`${name}\``, parameters, download: 2 * parameters, ...costs };
  });
}

/** The costs of training a reward model of another size than the policy's, with the reward settings of a preset. */
export function rewardModelRow(size: PythiaSize, preset: TldrPreset): ScaleRow {
  const config = pythiaConfig(size);
  const { reward } = preset;
  const parameters = parameterCount(config, "reward");
  return {
    what: `a reward model of ${size}`,
    parameters,
    download: 2 * parameterCount(config),
    memory: peakMemory(config, "reward", ofPair(preset), reward),
    training: hours(ROWS.pairs * reward.epochs * stepFlops(config, ofPair(preset)) * again(reward)),
  };
}

type Batching = Pick<TldrPreset["reward"], "batchSize" | "microBatchSize" | "savings">;

/** A demonstration of full length, and a pair. */
const ofDemonstration = ({ promptLength: prompt, completionLength: completion }: TldrPreset): StepShape => ({
  groups: 1,
  prompt: 0,
  completions: 1,
  completion: prompt + completion - 1,
});
const ofPair = ({ promptLength: prompt, completionLength: completion }: TldrPreset): StepShape => ({
  groups: 1,
  prompt: prompt - 1,
  completions: 2,
  completion,
});

function peakMemory(config: NeoXConfig, head: Head, shape: StepShape, batching: Batching): number {
  const { batchSize, microBatchSize = batchSize, savings } = batching;
  const step = { ...shape, groups: microBatchSize };
  return stepMemory(config, head, step, savings, batchSize / microBatchSize).peak;
}

/** How often the products of a step are computed: once more in the forward pass if activations are. */
const again = ({ savings }: Batching) => (savings?.recompute ? 4 / 3 : 1);

const hours = (operations: number): Hours => ({
  float32: operations / CARD.flops.float32 / 3600,
  bfloat16: operations / CARD.flops.bfloat16 / 3600,
});

function policyCosts(
  preset: TldrPreset,
  size: PythiaSize,
): Pick<ScaleRow, "memory" | "training" | "sampling"> {
  const { sft, reward, preference, online, promptLength: prompt, completionLength: completion } = preset;
  const config = pythiaConfig(size);
  const count = parameterCount(config);
  const memory = Math.max(
    peakMemory(config, "language", ofDemonstration(preset), sft),
    peakMemory(config, "language", ofPair(preset), preference),
  );
  const pairs = ROWS.pairs * stepFlops(config, ofPair(preset));
  const offlineEpochs = 1 + 2;
  const onlinePolicies = 2;
  const trained =
    ROWS.demonstrations * sft.epochs * stepFlops(config, ofDemonstration(preset)) * again(sft) +
    pairs * reward.epochs * again(reward) +
    pairs * (offlineEpochs + onlinePolicies * online.epochs) * again(preference);
  const ranked = { ...ofPair(preset), completions: online.completions };
  const forward = forwardProducts(config, ranked).reduce((sum, product) => sum + flops(product), 0);
  const batches = (ROWS.pairs * online.completions) / CARD.sequences;
  const sampling = (rate: number) => {
    const perToken = Math.max((4 * count) / CARD.bandwidth, (2 * count * CARD.sequences) / rate);
    const drawn = batches * completion * perToken + (ROWS.pairs * 2 * count * prompt) / rate;
    return (onlinePolicies * (drawn + (ROWS.pairs * forward) / rate)) / 3600;
  };
  return {
    memory,
    training: hours(trained),
    sampling: { float32: sampling(CARD.flops.float32), bfloat16: sampling(CARD.flops.bfloat16) },
  };
}

/** `scaleRows` as a table in Markdown. */
export function scaleTable(rows: readonly ScaleRow[]): string {
  const hour = (value: number) => `${value.toLocaleString("en", { maximumSignificantDigits: 2 })} h`;
  const both = (value?: Hours) => (value ? `${hour(value.float32)}, ${hour(value.bfloat16)}` : "");
  const number = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 3 });
  const lines = rows.map(({ what, parameters, download, memory, training, sampling }) =>
    [
      what,
      `${number(parameters / 1e6)} M`,
      `${number(download / 1e9)} GB`,
      `${number(memory / 1e9)} GB`,
      both(training),
      both(sampling),
    ].join(" | "),
  );
  return [
    "| preset | parameters | download | memory of a step | training: float32, bfloat16 | sampling and ranking |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...lines.map((line) => `| ${line} |`),
  ].join("\n");
}
