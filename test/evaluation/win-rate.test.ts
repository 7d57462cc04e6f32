import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { winRate } from "../../src/evaluation/win-rate.ts";

describe("winRate", () => {
  test("counts a win as 1, a tie as ½ and a loss as 0, with Wilson's interval", () => {
    const rate = winRate([3, 2, 1, 5], [1, 2, 3, 0]);
    expect(rate.outcomes).toEqual([1, 0.5, 0, 1]);
    expect(rate.mean).toBe(0.625);
    expect(rate.low).toBeCloseTo(0.21942652006536284, 12);
    expect(rate.high).toBeCloseTo(0.9081007708209878, 12);
    expect(winRate([3, 2, 1, 5], [1, 2, 3, 0], { confidence: 0.5 }).low).toBeGreaterThan(rate.low);
  });

  test("treats scores within the tolerance as ties", () => {
    expect(winRate([1.1, 1.3, 0.9, 0.7], [1, 1, 1, 1], { tolerance: 0.2 }).outcomes).toEqual([
      0.5, 1, 0.5, 0,
    ]);
    expect(winRate([0.1 + 0.2], [0.3]).mean).toBe(1);
    expect(winRate([0.1 + 0.2], [0.3], { tolerance: 1e-9 }).mean).toBe(0.5);
  });

  test("is complementary when scores and references are swapped", () => {
    const scores = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(scores, (pairs) => {
        const [a, b] = [pairs.map(([first]) => first), pairs.map(([, second]) => second)];
        expect(winRate(a, b).mean + winRate(b, a).mean).toBeCloseTo(1, 12);
      }),
    );
  });

  test("throws on invalid input and names it", () => {
    expect(() => winRate([], [])).toThrow("scores is empty");
    expect(() => winRate([1, 2], [1])).toThrow("scores and references must have the same length");
    expect(() => winRate([1, 2], [1, Number.NaN])).toThrow("references[1] must be a finite number, not NaN.");
    expect(() => winRate([1], [1], { tolerance: -1 })).toThrow("tolerance must be a number from 0, not -1.");
  });
});
