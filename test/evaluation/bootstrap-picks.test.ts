import fc from "fast-check";
import { expect, test } from "vitest";
import { pairedHierarchicalBootstrap } from "../../src/evaluation/bootstrap.ts";
import { picksOf } from "../../src/evaluation/bootstrap-picks.ts";
import { integer, randomStream } from "../../src/tensors/random.ts";

const stream = (seed: number) => () => randomStream(seed, "picks");

test("picks are those that the stream gives, a seed and then its prompts", () => {
  const shape = fc.tuple(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 9 }),
  );
  fc.assert(
    fc.property(shape, fc.nat(), ([draws, seeds, prompts], seed) => {
      const { seeds: chosen, prompts: picked } = picksOf(`test ${seed}`, stream(seed), [
        draws,
        seeds,
        prompts,
      ])!;
      const own = stream(seed)();
      for (let one = 0; one < draws * seeds; one++) {
        expect(chosen[one]).toBe(integer(own, seeds));
        for (let n = 0; n < prompts; n++) expect(picked[one * prompts + n]).toBe(integer(own, prompts));
      }
    }),
  );
});

test("picks are drawn once for a shape, and anew for another shape or name", () => {
  const first = picksOf("once", stream(1), [10, 2, 3]);
  expect(picksOf("once", stream(1), [10, 2, 3])).toBe(first);
  expect(picksOf("once", stream(1), [10, 3, 2])).not.toBe(first);
  expect(picksOf("other", stream(1), [10, 2, 3])).not.toBe(first);
});

test("what would take too much memory is not kept", () => {
  expect(picksOf("large", stream(1), [10_000, 20, 500])).toBeUndefined();
  expect(picksOf("wide", stream(1), [1, 1, 2 ** 16 + 1])).toBeUndefined();
  const first = picksOf("room", stream(1), [1000, 1, 1000]);
  for (let n = 0; n < 3; n++) picksOf(`room ${n}`, stream(1), [1000, 32, 1000]);
  expect(picksOf("room", stream(1), [1000, 1, 1000])).not.toBe(first);
});

test("intervals are those of resampling without kept picks, to the last digit", () => {
  const own = randomStream(3, "data");
  const row = (length: number) => Array.from({ length }, () => integer(own, 1000) / 997);
  const even = [row(6), row(6), row(6)];
  const uneven = [...even.slice(0, 2), [...even[2]!, ...even[2]!]];
  const interval = (rows: number[][]) => pairedHierarchicalBootstrap(rows, { seed: 5, draws: 500 });
  const means = plainBootstrap(even, 5, 500);
  const at = (q: number) => {
    const place = q * 499;
    const [low, high] = [means[Math.floor(place)]!, means[Math.floor(place) + 1]!];
    return low + (place - Math.floor(place)) * (high - low);
  };
  expect([interval(even).low, interval(even).high]).toEqual([at((1 - 0.95) / 2), at(1 - (1 - 0.95) / 2)]);
  expect(interval(uneven).low).not.toBe(interval(even).low);
});

/** The statistics of all resamples, sorted, drawn one after the other. */
function plainBootstrap(rows: readonly (readonly number[])[], seed: number, draws: number): number[] {
  const own = randomStream(seed, "paired hierarchical bootstrap");
  const statistic = () => {
    let total = 0;
    for (const _ of rows) {
      const values = rows[integer(own, rows.length)]!;
      let sum = 0;
      for (const _ of values) sum += values[integer(own, values.length)]!;
      total += sum / values.length;
    }
    return total / rows.length;
  };
  return Array.from({ length: draws }, statistic).sort((a, b) => a - b);
}
