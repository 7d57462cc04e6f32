import fc from "fast-check";
import { expect, test } from "vitest";
import {
  closeScale,
  decimals,
  niceScale,
  requireNumbers,
  shortNumber,
  spread,
} from "../../../src/report/charts/values.ts";

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const values = fc.array(finite, { minLength: 1, maxLength: 40 });

test("a scale holds its values between its first and last tick, in few equal steps", () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 8 }), (numbers, count) => {
      const { domain, ticks } = niceScale(numbers, count);
      const width = domain[1] - domain[0];
      expect(Math.min(...numbers)).toBeGreaterThanOrEqual(domain[0] - 1e-9 * width);
      expect(Math.max(...numbers)).toBeLessThanOrEqual(domain[1] + 1e-9 * width);
      expect([ticks[0], ticks.at(-1)]).toEqual([...domain]);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(count + 3);
    }),
  );
  expect(niceScale([0.31, 0.58], 5).ticks).toEqual([0.3, 0.4, 0.5, 0.6]);
});

test("a close scale shows two or three ticks, all inside", () => {
  expect(closeScale([28, 61]).ticks).toEqual([40, 60]);
  fc.assert(
    fc.property(fc.array(finite, { minLength: 2, maxLength: 9 }), (numbers) => {
      const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
      fc.pre(high - low > 1e-3);
      const { domain, ticks } = closeScale(numbers);
      expect(domain[0]).toBeLessThan(low);
      expect(domain[1]).toBeGreaterThan(high);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(3);
    }),
  );
});

test("labels keep order and distance within bounds, and do not move if there is room", () => {
  const target = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(target, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0.1, max: 30, noNaN: true }),
      (targets, gap) => {
        const places = spread(targets, gap, 0, 100);
        const room = Math.min(gap, 100 / Math.max(1, targets.length - 1));
        const labels = targets.map((target, at) => ({ target, place: places[at]! }));
        let before: (typeof labels)[number] | undefined;
        for (const label of labels.sort((a, b) => a.place - b.place)) {
          expect(label.place).toBeGreaterThanOrEqual(-1e-9);
          expect(label.place).toBeLessThanOrEqual(100 + 1e-9);
          if (before) {
            expect(label.place - before.place).toBeGreaterThanOrEqual(room - 1e-6);
            expect(label.target).toBeGreaterThanOrEqual(before.target);
          }
          before = label;
        }
      },
    ),
  );
  expect(spread([10, 90, 50], 16, 0, 100)).toEqual([10, 90, 50]);
  expect(spread([50, 50], 10, 0, 100)).toEqual([45, 55]);
});

test("numbers are written with a true minus, and zero without a sign", () => {
  expect(decimals(-1.25, 1, true)).toMatch(/^−1\.[23]$/);
  expect(decimals(0.04, 1, true)).toBe("0.0");
  expect(decimals(-0.04, 1)).toBe("0.0");
  expect(decimals(3, 2, true)).toBe("+3.00");
});

test("a row with a missing number is named", () => {
  expect(() => requireNumbers("aChart", [{ value: 1 }, { value: Number.NaN }], ["value"])).toThrow(
    'aChart: row 1 ({"value":null}) needs a finite number as `value`',
  );
});

test.each([
  [0, "0"],
  [3, "3"],
  [0.123456, "0.123"],
  [-0.5, "−0.5"],
  [1.26e-13, "1.3e-13"],
  [1e-8, "1e-8"],
  [0.0001, "1e-4"],
  [-Infinity, "−∞"],
])("shortNumber writes %d as %s", (value, text) => expect(shortNumber(value)).toBe(text));
