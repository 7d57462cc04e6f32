import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  forwardProjection,
  gaussian,
  minorModeMass,
  moments,
  probabilityBetween,
  reverseProjection,
  twoModes,
} from "../../src/theory/gaussians.ts";
import { expectNear } from "./arbitraries.ts";
import { reference } from "./reference.ts";

describe("projections onto Gaussians", () => {
  test("equal scipy's best of many starts", () => {
    for (const { weight, centres, width, forward, reverse } of reference.projections) {
      const target = twoModes({ tokens: 41, weight, centres, width });
      for (const [found, expected] of [
        [forwardProjection(target), forward],
        [reverseProjection(target), reverse],
      ] as const)
        expectNear([found.centre, found.width, found.divergence], expected, 1e-5);
    }
  });

  test("of a Gaussian are that Gaussian", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 12, max: 28, noNaN: true }),
        fc.double({ min: 1, max: 5, noNaN: true }),
        (centre, width) => {
          const target = gaussian(41, centre, width);
          for (const found of [forwardProjection(target), reverseProjection(target)]) {
            expectNear([found.centre, found.width], [centre, width], 1e-6);
            expect(found.divergence).toBeCloseTo(0, 12);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test("by forward KL have the target's moments", () => {
    const target = twoModes({ tokens: 61, weight: 0.6, centres: [18, 42], width: 3 });
    const [wanted, found] = [moments(target), moments(forwardProjection(target).logps)];
    expect(found.mean).toBeCloseTo(wanted.mean, 8);
    expect(found.variance).toBeCloseTo(wanted.variance, 7);
  });
});

test("minorModeMass is the weight of the smaller mode", () => {
  const modes = { tokens: 41, weight: 0.7, width: 2 } as const;
  for (const centres of [
    [10, 30],
    [30, 10],
  ] as const)
    expect(minorModeMass({ ...modes, centres }, twoModes({ ...modes, centres }))).toBeCloseTo(0.3, 5);
});

test("probabilityBetween is additive over adjacent ranges", () => {
  const logps = gaussian(10, 4, 2);
  expect(probabilityBetween(logps, 0, 10)).toBeCloseTo(1, 14);
  expect(probabilityBetween(logps, 0, 4) + probabilityBetween(logps, 4, 10)).toBeCloseTo(1, 14);
});
