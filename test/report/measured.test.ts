import { describe, expect, test } from "vitest";
import {
  measuredRows,
  measuredValues,
  ofArms,
  planePoints,
  scorerPoints,
} from "../../src/report/measured.ts";
import { arms, scorers, variant } from "../../src/results/labels.ts";
import { armResult, scorerResult, seedResult } from "../seed-results.ts";

const regularised = variant(arms.dpo, "KL 1");
/** A seed whose arms have a KL of ten times their win rate. */
const seedWith = (seed: number, online: number, offline: number) =>
  seedResult(seed, {
    arms: [
      { ...armResult(arms.onlineSft, online), kl: 10 * online },
      { ...armResult(arms.dpo, offline), kl: 10 * offline },
      { ...armResult(regularised, 0.1), kl: 1 },
    ],
    scorers: [scorerResult(scorers.global, 0.9)],
  });
const results = [seedWith(41, 0.4, 0.2), seedWith(42, 0.6, 0.4)];

describe("measures", () => {
  test("are averaged over seeds, shares in percent, arms in display order", () => {
    expect(measuredRows(results, ["greedy-win-rate", "kl"])).toEqual([
      {
        arm: "DPO",
        "win rate, greedy decoding, %": expect.closeTo(30),
        "KL from the reference, nats": expect.closeTo(3),
      },
      {
        arm: "DPO, KL 1",
        "win rate, greedy decoding, %": expect.closeTo(10),
        "KL from the reference, nats": expect.closeTo(1),
      },
      {
        arm: "Online DPO (SFT)",
        "win rate, greedy decoding, %": expect.closeTo(50),
        "KL from the reference, nats": expect.closeTo(5),
      },
    ]);
  });

  test("may be of scorers", () => {
    expect(measuredRows(results, ["accuracy"], [scorers.global])).toEqual([
      { arm: "Global RM", "accuracy, %": 90 },
    ]);
    expect(measuredValues(results, "accuracy", [scorers.global])).toEqual([
      { label: scorers.global, seed: 41, value: 0.9 },
      { label: scorers.global, seed: 42, value: 0.9 },
    ]);
  });

  test("of two kinds give a point per arm and seed", () => {
    expect(planePoints(ofArms(results, [arms.dpo]), "kl", "greedy-win-rate")).toEqual([
      { arm: arms.dpo, seed: 41, x: 2, y: 0.2 },
      { arm: arms.dpo, seed: 42, x: 4, y: 0.4 },
    ]);
    expect(() => ofArms(results, [arms.dpo2x])).toThrow(
      'Seed 41 has no arm "DPO (2x)"; it has Online DPO (SFT), DPO, DPO, KL 1.',
    );
  });
});

test("an arm's scorer is as accurate as measured, and gold is always right", () => {
  const scored = [
    { arm: arms.onlineSft, scorer: scorers.global },
    { arm: arms.dpo, scorer: scorers.gold },
  ];
  const points = scorerPoints(results, scored, "greedy-win-rate");
  expect(points.map(({ arm, x, y }) => [arm.id, x, y])).toEqual([
    ["online-sft", 0.9, 0.4],
    ["online-sft", 0.9, 0.6],
    ["dpo", 1, 0.2],
    ["dpo", 1, 0.4],
  ]);
});
