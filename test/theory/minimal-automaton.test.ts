import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completionTokens } from "../../src/theory/completion-space.ts";
import { minimalAutomatonStates } from "../../src/theory/minimal-automaton.ts";

/** A function of binary completions, with one value per completion. */
const binaryFunction = (horizon: number, values: readonly number[]) => {
  const prefixes = 2 ** horizon - 1;
  return {
    root: 0,
    key: (node: number) => node,
    next: (node: number) => (node < prefixes ? [2 * node + 1, 2 * node + 2] : []),
    output: (node: number) => (node < prefixes ? [] : values.slice(node - prefixes, node - prefixes + 1)),
  };
};

describe("minimalAutomatonStates", () => {
  test("counts the distinct subtrees at each step", () => {
    const horizon = 4;
    const anyValues = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(anyValues, (values) => {
        let states = 0;
        for (let step = 0; step < horizon; step++) {
          const width = 2 ** (horizon - step);
          const futures = Array.from({ length: 2 ** step }, (_, at) =>
            values.slice(at * width, (at + 1) * width).join(),
          );
          states += new Set(futures).size;
        }
        expect(minimalAutomatonStates(binaryFunction(horizon, values))).toBe(states);
      }),
    );
  });

  test("is one per count and step for the number of ones", () => {
    const values = Array.from({ length: 16 }, (_, at) =>
      completionTokens({ prompts: 1, actions: 2, horizon: 4 }, at).reduce((sum, token) => sum + token, 0),
    );
    expect(minimalAutomatonStates(binaryFunction(4, values))).toBe(1 + 2 + 3 + 4);
  });
});
