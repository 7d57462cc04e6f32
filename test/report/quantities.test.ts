import { expect, test } from "vitest";
import { amount, signed, unitWord } from "../../src/report/quantities.ts";

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
