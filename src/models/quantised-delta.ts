import { type Model, parameterShapes } from "./gpt-neox.ts";
import { flatten, type HostWeights, unflatten } from "./named-weights.ts";

/** A tensor's change in whole steps of `scale`, from -(2^(bits - 1) - 1) to 2^(bits - 1) - 1. */
interface QuantisedTensor {
  readonly steps: Int32Array;
  readonly scale: number;
}

/** Bits of a float32 scale. */
const SCALE_BITS = 32;

/**
 * The model with weights start + Q(weights - start), where Q rounds each number to one of 2^bits - 1 evenly spaced
 * values, symmetric about 0, with one scale per parameter tensor: the largest change is kept as it is. Parameters
 * that `start` has not, such as a reward model's head beside a policy, start from zero; what only `start` has is
 * left out. Throws where `bits` is no whole number from 2 to 24, or the two are of different shapes.
 */
export function quantisedDelta(model: Model, start: Model, bits: number): Model {
  const before = startOf(model, start);
  const weights: HostWeights = {};
  for (const [name, { steps, scale }] of quantised(model, start, bits)) {
    weights[name] = Float32Array.from(steps, (step, index) => before[name]![index]! + step * scale);
  }
  return { ...model, weights: flatten(model.config, weights, model.head) };
}

/**
 * How many bits `quantisedDelta` takes to write down for who has `start`: an upper bound on what fine-tuning added.
 * Per parameter tensor 32 bits for the scale and, unless that is 0, the length of an ideal arithmetic code that counts
 * as it goes: the i-th number costs log2((levels + i) / (1 + how often it came before)), i from 0. That is the cost of
 * the numbers' histogram and, given it, of their order, whatever the numbers are. Unlike their empirical
 * entropy alone, it can be decoded without a table. Throws as `quantisedDelta` does.
 */
export function deltaBits(model: Model, start: Model, bits: number): number {
  const levels = 2 ** bits - 1;
  return quantised(model, start, bits).reduce(
    (sum, [, { steps, scale }]) => sum + SCALE_BITS + (scale === 0 ? 0 : adaptiveCodeLength(steps, levels)),
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

function quantised(model: Model, start: Model, bits: number): [string, QuantisedTensor][] {
  if (!Number.isInteger(bits) || bits < 2 || bits > 24) {
    throw new Error(`A change can be quantised to 2 to 24 bits per number, but not to ${bits}: change it.`);
  }
  const before = startOf(model, start);
  const largestStep = 2 ** (bits - 1) - 1;
  return Object.entries(unflatten(model.config, model.weights, model.head)).map(([name, values]) => {
    const change = Float64Array.from(values, (value, index) => value - before[name]![index]!);
    const largest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const scale = Math.fround(largest / largestStep);
    const steps = Int32Array.from(change, (value) => (scale === 0 ? 0 : Math.round(value / scale)));
    return [name, { steps, scale }];
  });
}

/** What each of `model`'s parameters was in `start`, zeros where it was not there. */
function startOf(model: Model, start: Model): HostWeights {
  const shapes = parameterShapes(model.config, model.head);
  const startShapes = parameterShapes(start.config, start.head);
  const before = unflatten(start.config, start.weights, start.head);
  return Object.fromEntries(
    Object.entries(unflatten(model.config, model.weights, model.head)).map(([name, values]) => {
      const shape = startShapes[name];
      if (shape !== undefined && String(shape) !== String(shapes[name])) {
        throw new Error(
          `Parameter ${name} has shape [${shapes[name]}], but its start has [${shape}]: give the model that training started from.`,
        );
      }
      return [name, before[name] ?? new Float32Array(values.length)];
    }),
  );
}
