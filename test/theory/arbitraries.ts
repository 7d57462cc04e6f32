import fc from "fast-check";
import { expect } from "vitest";
import { randomStream } from "../../src/tensors/random.ts";
import { type CompletionSpace, treeSizes } from "../../src/theory/completion-space.ts";
import { policyFromLogits } from "../../src/theory/policies.ts";
import { randomRewards, sampledPreferences } from "../../src/theory/preferences.ts";

/** Spaces of at most 16 completions per prompt. */
export const anySpace: fc.Arbitrary<CompletionSpace> = fc
  .record({
    prompts: fc.integer({ min: 1, max: 3 }),
    actions: fc.integer({ min: 2, max: 4 }),
    horizon: fc.integer({ min: 1, max: 4 }),
  })
  .filter(({ actions, horizon }) => actions ** horizon <= 16);

export const numbers = (length: number, size = 4) =>
  fc.array(fc.double({ min: -size, max: size, noNaN: true }), { minLength: length, maxLength: length });

/** A space with a reward per completion and a random policy. */
export const anyProblem = anySpace.chain((space) => {
  const { completions, edges } = treeSizes(space);
  return fc.record({
    space: fc.constant(space),
    rewards: numbers(space.prompts * completions),
    policy: numbers(space.prompts * edges).map((logits) => policyFromLogits(space, logits)),
  });
});

/** A space with noisy preferences over all pairs of completions, whose likelihood has a unique maximiser. */
export const anyPreferences = fc.tuple(anySpace, fc.integer()).map(([space, seed]) => {
  const stream = randomStream(seed, "laws");
  return { space, stream, comparisons: sampledPreferences(space, randomRewards(space, stream), 3, stream) };
});

/** Fails if `gradient` differs from the central differences of `value` at `at`. */
export function expectGradient(
  value: (x: readonly number[]) => number,
  gradient: readonly number[],
  at: readonly number[],
  digits = 6,
) {
  expect(gradient).toHaveLength(at.length);
  for (const [place, slope] of gradient.entries()) {
    const moved = (by: number) => value(at.map((x, index) => (index === place ? x + by : x)));
    expect((moved(1e-5) - moved(-1e-5)) / 2e-5, `component ${place}`).toBeCloseTo(slope, digits);
  }
}

/** Fails if any two corresponding numbers differ by more than `tolerance`. */
export function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number) {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of actual.entries())
    expect(
      Math.abs(value - expected[at]!),
      `index ${at}: ${value}, expected ${expected[at]}`,
    ).toBeLessThanOrEqual(tolerance);
}
