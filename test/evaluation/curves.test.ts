import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meanGap } from "../../src/evaluation/curves.ts";

const points = (...pairs: readonly (readonly [x: number, y: number])[]) => pairs.map(([x, y]) => ({ x, y }));

describe("meanGap", () => {
  test("is the area between two broken lines over the range that both cover", () => {
    const tent = points([0, 0], [1, 1], [2, 0]);
    expect(meanGap(tent, points([0, 0], [2, 0]))).toBeCloseTo(0.5);
    expect(meanGap(tent, points([-1, 0], [1, 0]))).toBeCloseTo(0.5);
    expect(meanGap(tent, points([0.5, 0], [1.5, 0], [9, 9]))).toBeCloseTo(
      // From 0.5 to 1.5 the tent has 0.75; from 1.5 to 2 it has 0.125, and the other line 0.15.
      (0.75 + 0.125 - 0.15) / 1.5,
    );
  });

  test("takes points in any order, and steps where two have one x", () => {
    const step = points([2, 1], [1, 1], [1, 0], [0, 0]);
    expect(meanGap(step, points([2, 0], [0, 0]))).toBeCloseTo(0.5);
  });

  test("is undefined where the ranges do not overlap or only touch", () => {
    expect(meanGap(points([0, 1], [1, 1]), points([1, 0], [2, 0]))).toBeUndefined();
    expect(meanGap(points([0, 1], [1, 1]), points([3, 0], [2, 0]))).toBeUndefined();
    expect(meanGap(points([0, 1]), points([0, 0], [2, 0]))).toBeUndefined();
    expect(meanGap([], points([0, 0], [2, 0]))).toBeUndefined();
  });

  test("equals a sum over many small steps, and changes its sign with the sides", () => {
    const coordinate = fc.integer({ min: 0, max: 60 }).map((x) => x / 10);
    const curve = fc
      .uniqueArray(fc.tuple(coordinate, coordinate), { minLength: 2, maxLength: 6, selector: ([x]) => x })
      .map((pairs) => points(...pairs).sort((a, b) => a.x - b.x));
    const at = (line: readonly { x: number; y: number }[], x: number) => {
      const right = line.find((point) => point.x >= x)!;
      const left = line.findLast((point) => point.x <= x)!;
      return right.x === left.x ? left.y : left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x);
    };
    fc.assert(
      fc.property(curve, curve, (a, b) => {
        const [from, to] = [Math.max(a[0]!.x, b[0]!.x), Math.min(a.at(-1)!.x, b.at(-1)!.x)];
        const found = meanGap(a, b);
        if (from >= to) {
          expect(found).toBeUndefined();
          return;
        }
        const steps = 3000;
        let sum = 0;
        for (let step = 0; step < steps; step++) {
          const x = from + ((step + 0.5) / steps) * (to - from);
          sum += (at(a, x) - at(b, x)) / steps;
        }
        expect(found).toBeCloseTo(sum, 3);
        expect(meanGap(b, a)).toBeCloseTo(-found!, 12);
      }),
      { numRuns: 50 },
    );
  });
});
