import { expect, test } from "vitest";
import { amount, percentage, pText, signed, unitWord } from "../../src/report/quantities.ts";

test("an amount has its unit, points for shares and none for rewards", () => {
  expect(amount(0.03, "share")).toBe("3 points");
  expect(amount(0.01, "share")).toBe("1 point");
  expect(amount(0.15, "reward")).toBe("0.15");
  expect(amount(2, "nats")).toBe("2 nats");
  expect(unitWord("nats")).toBe(" nats");
});

test("a signed number has enough digits not to be rounded to zero", () => {
  expect(signed(0.0476, "share")).toBe("+4.8");
  expect(signed(-0.55, "reward")).toBe("−0.550");
  expect(signed(0.00003, "share")).toBe("+0.003");
  expect(signed(0, "share")).toBe("0.0");
});

test("a confidence and a p-value have the digits that matter", () => {
  expect([0.95, 1 - 0.05 / 7, 0.9].map(percentage)).toEqual(["95%", "99.3%", "90%"]);
  expect([0, 0.0004, 0.0042, 0.5, 1].map(pText)).toEqual([
    "p < .001",
    "p < .001",
    "p = .004",
    "p = .500",
    "p = 1",
  ]);
});
