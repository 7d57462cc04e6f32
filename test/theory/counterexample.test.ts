import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  counterexampleDescents,
  counterexampleLoss,
  counterexampleObjectives,
  counterexampleRlhf,
} from "../../src/theory/counterexample.ts";
import { preferenceProbability } from "../../src/theory/preferences.ts";
import { expectNear } from "./arbitraries.ts";

const anyBeta = fc.double({ min: 0.05, max: 20, noNaN: true });

describe("the slides' example of partial coverage", () => {
  test("RLHF gives ξ1 probability σ(1/β) and ξ3 probability 0 for any reward of ξ3", () => {
    fc.assert(
      fc.property(anyBeta, fc.double({ min: -50, max: 50, noNaN: true }), (beta, unseen) => {
        const expected = [preferenceProbability(1 / beta), preferenceProbability(-1 / beta), 0];
        expectNear(counterexampleRlhf(beta, unseen), expected, 1e-14);
      }),
    );
  });

  test("RLHF's policy maximises the objective with the minus sign", () => {
    const anyShare = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(anyBeta, anyShare, (beta, share) => {
        const other = counterexampleObjectives([share, 1 - share, 0], beta).minus;
        expect(counterexampleObjectives(counterexampleRlhf(beta), beta).minus).toBeGreaterThanOrEqual(
          other - 1e-12,
        );
      }),
    );
  });

  test("with the plus sign the objective of a policy that writes ξ3 is infinite", () => {
    expect(counterexampleObjectives([0.1, 0, 0.9], 1)).toMatchObject({ minus: -Infinity, plus: Infinity });
    expect(counterexampleObjectives([1, 0, 0], 1).divergence).toBeCloseTo(Math.LN2, 15);
  });

  test("DPO's loss depends on the ratio ξ1 : ξ2 only, and is 0 if ξ2 is never written", () => {
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

  test("gradient descent starts at equal probabilities with loss ln 2, and lowers the loss", () => {
    const rows = counterexampleDescents([0, 5, 50], 1);
    expect(rows.map(({ steps }) => steps)).toEqual([0, 5, 50]);
    const losses = rows.map(({ loss }) => loss);
    expect(losses[0]).toBeCloseTo(Math.LN2, 15);
    expect(losses[2]).toBeLessThan(Math.min(...losses.slice(0, 2)));
    expectNear(
      rows.slice(0, 1).flatMap(({ probabilities }) => probabilities),
      [1 / 3, 1 / 3, 1 / 3],
      1e-15,
    );
    for (const { probabilities } of rows)
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
  });
});
