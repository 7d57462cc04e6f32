import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Model } from "../../src/models/gpt-neox.ts";
import { initialModel, rewardModelFrom } from "../../src/models/initialization.ts";
import { flatten, unflatten } from "../../src/models/named-weights.ts";
import { deltaBits, quantisedDelta } from "../../src/models/quantised-delta.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { total } from "../by-hand.ts";
import { model as start } from "../laboratory.ts";

const tensors = (model: Model) => unflatten(model.config, model.weights, model.head);
const tensorCount = Object.keys(tensors(start)).length;
const other = initialModel(start.config, randomStream(3, "weights"));
const reward = rewardModelFrom(other, randomStream(4, "head"));

/** The start with the first numbers of one parameter raised by these amounts. */
function raised(name: string, amounts: readonly number[]): Model {
  const weights = Object.fromEntries(
    Object.entries(tensors(start)).map(([key, values]) => [key, values.slice()]),
  );
  for (const [index, amount] of amounts.entries()) weights[name]![index]! += amount;
  return { ...start, weights: flatten(start.config, weights) };
}

describe("a quantised change", () => {
  test("is off by half a step at most, and not at all in each parameter's largest change", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), (bits) => {
        const found = tensors(quantisedDelta(other, start, bits));
        for (const [name, values] of Object.entries(tensors(other))) {
          const before = tensors(start)[name]!;
          const change = Array.from(values, (value, index) => value - before[index]!);
          const largest = Math.max(...change.map(Math.abs));
          const step = largest / (2 ** (bits - 1) - 1);
          const errors = Array.from(values, (value, index) => Math.abs(found[name]![index]! - value));
          expect(Math.max(...errors)).toBeLessThanOrEqual(step / 2 + 1e-6);
          expect(errors[change.findIndex((one) => Math.abs(one) === largest)]).toBeLessThan(1e-6);
          const levels = new Set(
            Array.from(found[name]!, (value, index) => Math.round((value - before[index]!) / step)),
          );
          expect(levels.size).toBeLessThanOrEqual(2 ** bits - 1);
        }
      }),
      { numRuns: 11 },
    );
  });

  test("is the start where nothing changed, and costs a scale for each parameter", () => {
    expect(quantisedDelta(start, start, 4).weights).toEqual(start.weights);
    expect(deltaBits(start, start, 4)).toBe(32 * tensorCount);
  });

  test("of a reward model has the whole head in it, and drops the policy's", () => {
    const { "score.weight": head, ...trunk } = tensors(reward);
    const found = quantisedDelta(reward, start, 16);
    expect(found.head).toBe("reward");
    for (const [name, values] of Object.entries({ ...trunk, "score.weight": head! })) {
      for (const [index, value] of values.entries())
        expect(tensors(found)[name]![index]).toBeCloseTo(value, 3);
    }
    const { "embed_out.weight": _, ...kept } = tensors(start);
    const headless = { ...kept, "score.weight": new Float32Array(start.config.hidden_size) };
    const zeroed: Model = { ...reward, weights: flatten(start.config, headless, "reward") };
    expect(deltaBits(reward, start, 6)).toBe(deltaBits(reward, zeroed, 6));
  });

  test("takes the bits of its histogram and, given that, of its order", () => {
    const amounts = [1, 1, -1, 1];
    const size = start.config.hidden_size;
    const model = raised("gpt_neox.final_layer_norm.bias", amounts);
    const factorial = (n: number): number =>
      total(Array.from({ length: n }, (_, index) => Math.log2(index + 1)));
    const order = factorial(size) - factorial(3) - factorial(1) - factorial(size - 4);
    const histogram = factorial(size + 2) - factorial(size) - factorial(2);
    expect(deltaBits(model, start, 2)).toBeCloseTo(32 * tensorCount + order + histogram, 8);
  });

  test("refuses widths it has no code for, and a start of another shape", () => {
    expect(() => quantisedDelta(other, start, 1)).toThrow(
      "2 to 24 bits per number, but not to 1: change it.",
    );
    const wider = initialModel({ ...start.config, intermediate_size: 8 }, randomStream(3, "weights"));
    expect(() => deltaBits(wider, start, 4)).toThrow(
      /dense_h_to_4h.weight has shape \[8,16\], but its start has \[32,16\]/,
    );
  });
});
