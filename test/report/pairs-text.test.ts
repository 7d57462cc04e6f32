import { expect, test } from "vitest";
import { pairRows, widthSentence } from "../../src/report/pairs-text.ts";
import { seedResult } from "../seed-results.ts";

const narrow = { goldMean: 0.5, goldSd: 1, goldGap: 1, distinct: 0.2, agreement: 0.8 };
const wide = { goldMean: 0.1, goldSd: 2, goldGap: 1.5, distinct: 0.25, agreement: 0.9 };
const results = (other: typeof wide) => [
  seedResult(41, { pairs: { narrow: 100, wide: 98 }, pairStatistics: { narrow, wide: other } }),
  seedResult(42, { pairs: { narrow: 102, wide: 99 }, pairStatistics: { narrow, wide: other } }),
];

test("sets of pairs are rows of a table, averaged over seeds", () => {
  expect(pairRows(results(wide))).toEqual([
    {
      pairs: "narrow",
      number: 101,
      "gold, mean": 0.5,
      "gold, sd": 1,
      "gap within pairs": 1,
      "distinct ways, %": 20,
      "labels right, %": 80,
    },
    expect.objectContaining({ pairs: "wide", number: 99, "gold, sd": 2 }),
  ]);
});

test("pairs are wider if both gold and ways of completing are", () => {
  const said = widthSentence(results(wide), "wide", "narrow");
  expect(said).toContain("standard deviation of gold 2 against 1 (× 2)");
  expect(said).toContain("They are wider in gold and in ways of completing.");
  expect(widthSentence(results({ ...wide, distinct: 0.1 }), "wide", "narrow")).toContain(
    "They are not wider",
  );
});

test("pairs without statistics are named", () => {
  expect(() => pairRows([seedResult(41, { pairs: { narrow: 1 } })])).toThrow(
    'Seed 41 has no statistics of the pairs "narrow".',
  );
});
