import { flops, forwardProducts, type StepShape, stepFlops } from "../../models/flops.ts";
import { parameterCount } from "../../models/gpt-neox.ts";
import { type PythiaSize, pythiaConfig } from "../../models/pythia.ts";
import { stepMemory } from "../../training/step-memory.ts";
import { readTldrPreset, type TldrPreset } from "./preset-file.ts";

/** The paper's rows: human summaries for SFT, and labelled pairs (Swamy et al., arXiv 2503.01067, and its code). */
const ROWS = { demonstrations: 116_722, pairs: 92_832 } as const;

/** A card that the costs are computed for. */
interface Card {
  /** Matrix products per second that training reaches, in floating-point operations. */
  readonly flops: number;
  /** Bytes per second that sampling reads weights with. */
  readonly bandwidth: number;
  /** Sequences that are sampled at a time. */
  readonly sequences: number;
}

/** Half of an H200's peaks in float32: 67 TFLOP/s and 4.8 TB/s by its data sheet. */
const CARD: Card = { flops: 33e12, bandwidth: 2.4e12, sequences: 300 };

/** What one seed of the main comparison costs at the scale of a preset, by computation. */
export interface ScaleRow {
  readonly preset: string;
  /** Parameters of the policy. */
  readonly parameters: number;
  /** Bytes of the published weights, two for each parameter. */
  readonly download: number;
  /** The most bytes that a training step needs on the device; see `stepMemory`. */
  readonly memory: number;
  /** Hours of training: SFT, a reward model, DPO of one and two epochs, and two policies of online DPO. */
  readonly training: number;
  /** Hours of sampling and ranking for the two online policies. */
  readonly sampling: number;
}

/** The costs of the presets `pythia-SIZE`, with the paper's numbers of rows and prompts of full length. */
export function scaleRows(sizes: readonly PythiaSize[]): ScaleRow[] {
  return sizes.map((size) => {
    const name = `pythia-${size}`;
    const preset = readTldrPreset(name);
    const config = pythiaConfig(size);
    const parameters = parameterCount(config);
    const { memory, ...hours } = costs(preset, size);
    return { preset: name, parameters, download: 2 * parameters, memory, ...hours };
  });
}

type Batching = Pick<TldrPreset["reward"], "batchSize" | "microBatchSize" | "savings">;

function costs(preset: TldrPreset, size: PythiaSize): Pick<ScaleRow, "memory" | "training" | "sampling"> {
  const { sft, reward, preference, online, promptLength: prompt, completionLength: completion } = preset;
  const config = pythiaConfig(size);
  const count = parameterCount(config);
  const ofSft = { groups: 1, prompt: 0, completions: 1, completion: prompt + completion - 1 };
  const ofPair = { groups: 1, prompt: prompt - 1, completions: 2, completion };
  const peak = (shape: StepShape, { batchSize, microBatchSize = batchSize, savings }: Batching) =>
    stepMemory(config, "language", { ...shape, groups: microBatchSize }, savings, batchSize / microBatchSize)
      .peak;
  const memory = Math.max(peak(ofSft, sft), peak(ofPair, preference));
  /** A step's forward pass is computed again if activations are. */
  const again = ({ savings }: Batching) => (savings?.recompute ? 4 / 3 : 1);
  const pairs = ROWS.pairs * stepFlops(config, ofPair);
  const offlineEpochs = 1 + 2;
  const onlinePolicies = 2;
  const trained =
    ROWS.demonstrations * sft.epochs * stepFlops(config, ofSft) * again(sft) +
    pairs * reward.epochs * again(reward) +
    pairs * (offlineEpochs + onlinePolicies * online.epochs) * again(preference);
  const ranked = { groups: 1, prompt: prompt - 1, completions: online.completions, completion };
  const forward = forwardProducts(config, ranked).reduce((sum, product) => sum + flops(product), 0);
  const sequences = ROWS.pairs * online.completions;
  const batches = sequences / CARD.sequences;
  const perToken = Math.max((4 * count) / CARD.bandwidth, (2 * count * CARD.sequences) / CARD.flops);
  const drawn = batches * completion * perToken + (ROWS.pairs * 2 * count * prompt) / CARD.flops;
  return {
    memory,
    training: trained / CARD.flops / 3600,
    sampling: (onlinePolicies * (drawn + (ROWS.pairs * forward) / CARD.flops)) / 3600,
  };
}

/** `scaleRows` as a table in Markdown. */
export function scaleTable(rows: readonly ScaleRow[]): string {
  const hours = (value: number) => `${value.toLocaleString("en", { maximumSignificantDigits: 2 })} h`;
  const number = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 3 });
  const lines = rows.map(({ preset, parameters, download, memory, training, sampling }) =>
    [
      `\`${preset}\``,
      `${number(parameters / 1e6)} M`,
      `${number(download / 1e9)} GB`,
      `${number(memory / 1e9)} GB`,
      hours(training),
      hours(sampling),
    ].join(" | "),
  );
  return [
    "| preset | parameters | download | memory of a step | training | sampling and ranking |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...lines.map((line) => `| ${line} |`),
  ].join("\n");
}
