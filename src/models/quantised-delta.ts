import { type Model, parameterShapes, vectorsOf } from "./gpt-neox.ts";
import { copyOf, fillVectors, type HostWeights, namedParameters, unflatten } from "./named-weights.ts";

/** A parameter's change in whole steps of `scale`, from -(2^(bits - 1) - 1) to 2^(bits - 1) - 1. */
interface QuantisedDelta {
  readonly name: string;
  /** The parameter in the start model. */
  readonly before: Float32Array;
  readonly steps: Int32Array;
  readonly scale: number;
}

/** Bits of a float32 scale. */
const SCALE_BITS = 32;

/**
 * The model with weights start + Q(weights - start), where Q rounds each number to one of 2^bits - 1 evenly spaced
 * values, symmetric about 0, with one scale per parameter tensor, so that the largest change is exact. Parameters
 * that `start` lacks, such as a reward model's head if it is a policy, start from zero; parameters that only `start`
 * has are dropped. Throws if `bits` is not a whole number from 2 to 24 or the models' shapes differ.
 */
export function quantisedDelta(model: Model, start: Model, bits: number): Model {
  const weights: HostWeights = {};
  for (const { name, before, steps, scale } of quantise(model, start, bits)) {
    weights[name] = before.map((value, index) => value + steps[index]! * scale);
  }
  const { config, head } = model;
  return { config, head, ...fillVectors(config, head, copyOf(weights)) };
}

/**
 * The number of bits that encode `quantisedDelta` given `start`: an upper bound on the information that fine-tuning
 * added. Per parameter tensor 32 bits for the scale and, unless that is 0, the length of an ideal adaptive arithmetic
 * code: the i-th number costs log2((levels + i) / (1 + its earlier occurrences)), i from 0. That is the cost of
 * the numbers' histogram and, given it, of their order. Unlike their empirical entropy, it can be decoded without a
 * table. Throws as `quantisedDelta` does.
 */
export function deltaBits(model: Model, start: Model, bits: number): number {
  const levels = 2 ** bits - 1;
  return quantise(model, start, bits).reduce(
    (sum, { steps, scale }) => sum + SCALE_BITS + (scale === 0 ? 0 : adaptiveCodeLength(steps, levels)),
    0,
  );
}

function adaptiveCodeLength(symbols: Int32Array, levels: number): number {
  const seen = new Map<number, number>();
  let bits = 0;
  for (const [index, symbol] of symbols.entries()) {
    const before = seen.get(symbol) ?? 0;
    bits += Math.log2((levels + index) / (1 + before));
    seen.set(symbol, before + 1);
  }
  return bits;
}

function quantise(model: Model, start: Model, bits: number): QuantisedDelta[] {
  if (!Number.isInteger(bits) || bits < 2 || bits > 24) {
    throw new Error(`A change can be quantised to 2 to 24 bits per number, but not to ${bits}: change it.`);
  }
  const startShapes = parameterShapes(start.config, start.head);
  const startWeights = unflatten(start.config, vectorsOf(start), start.head);
  const largestStep = 2 ** (bits - 1) - 1;
  return namedParameters(model.config, vectorsOf(model), model.head).map(({ name, shape, data }) => {
    const startShape = startShapes[name];
    if (startShape !== undefined && String(startShape) !== String(shape)) {
      throw new Error(
        `Parameter ${name} has shape [${shape}], but its start has [${startShape}]: give the model that training started from.`,
      );
    }
    const before = startWeights[name] ?? new Float32Array(data.length);
    const change = Float64Array.from(data, (value, index) => value - before[index]!);
    const largest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const scale = Math.fround(largest / largestStep);
    const steps = Int32Array.from(change, (value) => (scale === 0 ? 0 : Math.round(value / scale)));
    return { name, before, steps, scale };
  });
}
