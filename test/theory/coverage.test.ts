import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/tensors/random.ts";
import {
  counterexampleDescents,
  counterexampleLoss,
  counterexampleObjectives,
  counterexampleRlhf,
} from "../../src/theory/counterexample.ts";
import { coverageMeasures, matchedPreferences } from "../../src/theory/coverage.ts";
import { preferenceProbability } from "../../src/theory/preferences.ts";
import { expectNear } from "./laws.ts";

const anyBeta = fc.double({ min: 0.05, max: 20, noNaN: true });

describe("the slides' example", () => {
  test("RLHF writes ξ1 with probability σ(1/β) and ξ3 never, whatever its reward", () => {
    fc.assert(
      fc.property(anyBeta, fc.double({ min: -50, max: 50, noNaN: true }), (beta, unseen) => {
        const expected = [preferenceProbability(1 / beta), preferenceProbability(-1 / beta), 0];
        expectNear(counterexampleRlhf(beta, unseen), expected, 1e-14);
      }),
    );
  });

  test("its policy is the best for the objective with the minus, among any others", () => {
    const anyWeights = fc.tuple(...[1, 2, 3].map(() => fc.double({ min: 0.001, max: 1, noNaN: true })));
    fc.assert(
      fc.property(anyBeta, anyWeights, (beta, weights) => {
        const seen = weights[0]! + weights[1]!;
        const other = counterexampleObjectives([weights[0]! / seen, weights[1]! / seen, 0], beta).minus;
        expect(counterexampleObjectives(counterexampleRlhf(beta), beta).minus).toBeGreaterThanOrEqual(
          other - 1e-12,
        );
      }),
    );
  });

  test("with the plus, writing what the reference never writes is worth everything", () => {
    expect(counterexampleObjectives([0.1, 0, 0.9], 1)).toMatchObject({ minus: -Infinity, plus: Infinity });
    expect(counterexampleObjectives([1, 0, 0], 1).divergence).toBeCloseTo(Math.LN2, 15);
  });

  test("DPO's loss sees nothing but ξ1 : ξ2, and is at its infimum where ξ2 is never written", () => {
    expect(counterexampleLoss([1, 0, 0], 0.1)).toBe(0);
    expect(counterexampleLoss([0.1, 0, 0.9], 0.1)).toBe(0);
    expect(counterexampleLoss([0.5, 0.5, 0], 3)).toBeCloseTo(Math.LN2, 15);
    fc.assert(
      fc.property(anyBeta, fc.double({ min: 0.01, max: 1, noNaN: true }), (beta, kept) => {
        expect(counterexampleLoss([0.7 * kept, 0.3 * kept, 1 - kept], beta)).toBeCloseTo(
          counterexampleLoss([0.7, 0.3, 0], beta),
          12,
        );
      }),
    );
  });

  test("gradient descent lowers the loss from ln 2 at equal probabilities", () => {
    const rows = counterexampleDescents([0, 5, 50], 1);
    expect(rows.map(({ steps }) => steps)).toEqual([0, 5, 50]);
    expect(rows[0]!.loss).toBeCloseTo(Math.LN2, 15);
    expectNear(rows[0]!.probabilities, [1 / 3, 1 / 3, 1 / 3], 1e-15);
    expect(rows[2]!.loss).toBeLessThan(rows[1]!.loss);
    for (const { probabilities } of rows)
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
  });
});

describe("comparisons in pairs that nothing joins", () => {
  test("are of every completion once, either way round", () => {
    const pairs = matchedPreferences({ prompts: 1, actions: 2, horizon: 4 }, randomStream(1, "pairs"));
    expect(pairs).toHaveLength(16);
    expect(new Set(pairs.map(({ chosen }) => chosen)).size).toBe(16);
    for (const [at, { chosen, rejected, weight }] of pairs.entries()) {
      const other = pairs[at % 2 === 0 ? at + 1 : at - 1]!;
      expect([other.chosen, other.rejected]).toEqual([rejected, chosen]);
      expect(weight + other.weight).toBeCloseTo(5, 12);
    }
  });

  test("leave the loss the same and the policies apart", () => {
    const measures = coverageMeasures({ seed: 5, instances: 10 });
    for (const gap of measures["same-optima"]!) expect(gap).toBeLessThan(1e-12);
    for (const apart of measures["not-unique"]!) expect(apart).toBeGreaterThan(1e-3);
  });
});
