import { describe, expect, it } from "vitest";
import { learningRatePoints, stepPoints } from "../../src/experiments/optimisation/report.ts";
import { choiceRows, edgeSentence } from "../../src/report/choices.ts";
import { measuredRows, ofArms, planePoints, scorerPoints } from "../../src/report/measured.ts";
import { frontierValues } from "../../src/report/results.ts";
import type { ArmResult, ScorerResult, SeedResult } from "../../src/results/collect.ts";

/** A seed in which every arm has the win rate that is said, and a KL of ten times that. */
const seedWith = (seed: number, rates: Readonly<Record<string, number>>, chosen = "dpo"): SeedResult => ({
  seed,
  arms: Object.entries(rates).map(
    ([arm, rate]) =>
      ({
        arm,
        outcomes: [rate, rate],
        kl: 10 * rate,
        greedyRewards: [4 * rate, 2 * rate],
        frontier: [
          { temperature: 1, reward: rate, entropy: 1 },
          { temperature: 0.5, reward: 2 * rate, entropy: 0.5 },
        ],
      }) as unknown as ArmResult,
  ),
  scorers: [{ scorer: "global", accuracy: [0.8, 1] } as unknown as ScorerResult],
  choices: [
    {
      id: "dpo@best",
      chosen,
      from: [
        { id: "dpo", value: 0.25 },
        { id: "dpo-2x", value: 0.5 },
        { id: "dpo-5x", value: 0.75 },
      ],
    },
  ],
  curves: [],
  pairs: {},
  provenance: [],
});

describe("measures of arms", () => {
  const results = [
    seedWith(41, { "online-sft": 0.4, dpo: 0.2, "dpo@KL 1": 0.1 }),
    seedWith(42, { "online-sft": 0.6, dpo: 0.4, "dpo@KL 1": 0.1 }),
  ];

  it("are averaged over seeds, shares in percent, in the arms' order", () => {
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

  it("are a point of two for each arm and seed", () => {
    const points = planePoints(ofArms(results, ["dpo"]), "kl", "greedy-win-rate");
    expect(points).toEqual([
      { arm: "dpo", seed: 41, x: 2, y: 0.2 },
      { arm: "dpo", seed: 42, x: 4, y: 0.4 },
    ]);
    expect(() => ofArms(results, ["dpo-2x"])).toThrow(
      'Seed 41 has no arm "dpo-2x"; it has online-sft, dpo, dpo@KL 1.',
    );
  });

  it("stand beside the accuracy of those who labelled; gold is always right", () => {
    const points = scorerPoints(results, { "online-sft": "global", dpo: "gold" }, "greedy-win-rate");
    expect(points.map(({ arm, x, y }) => [arm, x, y])).toEqual([
      ["online-sft", 0.9, 0.4],
      ["online-sft", 0.9, 0.6],
      ["dpo", 1, 0.2],
      ["dpo", 1, 0.4],
    ]);
  });

  it("go on to greedy decoding, which has no entropy", () => {
    const [dpo] = frontierValues(ofArms(results.slice(0, 1), ["dpo"]).slice(0, 1));
    expect(dpo).toEqual({ arm: "dpo", seed: 41, temperature: 0, entropy: 0, reward: expect.closeTo(0.6) });
    expect(frontierValues(results)).toHaveLength(2 * 3 * 3);
  });
});

describe("choices on validation prompts", () => {
  const order = ["dpo", "dpo-2x", "dpo-5x"];
  const chosen = (...ids: string[]) =>
    ids.map((id, at) => seedWith(41 + at, { dpo: 0.5, "dpo-2x": 0.5, "dpo-5x": 0.5 }, id));

  it("are rows with every candidate's win rate", () => {
    expect(choiceRows(chosen("dpo-2x"), "dpo@best")).toEqual([
      { seed: 41, "DPO, %": 25, "DPO (2x), %": 50, "DPO (5x), %": 75, chosen: "DPO (2x)" },
    ]);
  });

  it("say where they fell on an end of what was tried", () => {
    expect(edgeSentence(chosen("dpo-5x", "dpo-2x"), "dpo@best", order)).toBe(
      "Of 2 seeds the choice fell on an end of what was tried on 1 (DPO on 0, DPO (5x) on 1): there, something beyond what was tried may be better.",
    );
    expect(edgeSentence(chosen("dpo-2x"), "dpo@best", order)).toContain(
      "the best lies within what was tried",
    );
    expect(() => edgeSentence(chosen("dpo"), "dpo@other", order)).toThrow(
      'Seed 41 made no choice "dpo@other"',
    );
  });
});

describe("the optimisation's points", () => {
  const places = ["dpo", "online-sft"].flatMap((arm) => [
    arm,
    `${arm}@lr × 1/3`,
    `${arm}@lr × 3`,
    `${arm}@lr × 9`,
  ]);
  const steps = ["dpo-2x", "dpo-5x", "dpo-10x", "online-sft@3 epochs", "online-sft@more prompts"];
  const rates = Object.fromEntries([...places, ...steps].map((arm, at) => [arm, at / 100]));
  const results = [seedWith(41, rates)];

  it("lie at the learning rates that the arms have", () => {
    const at = learningRatePoints(results, 1e-3).map(({ series, x, value }) => [series, x, value]);
    expect(at).toEqual([
      ["dpo", 0.001, 0],
      ["dpo", 0.00033, 0.01],
      ["dpo", 0.003, 0.02],
      ["dpo", 0.009, 0.03],
      ["online-sft", 0.001, 0.04],
      ["online-sft", 0.00033, 0.05],
      ["online-sft", 0.003, 0.06],
      ["online-sft", 0.009, 0.07],
    ]);
  });

  it("start both online series at one pass, and go on to the same steps", () => {
    const points = stepPoints(results);
    const of = (series: string) =>
      points.filter((one) => one.series === series).map(({ x, value }) => [x, value]);
    expect(of("online-sft")).toEqual([
      [1, 0.04],
      [3, rates["online-sft@3 epochs"]],
    ]);
    expect(of("online-sft@more prompts")).toEqual([
      [1, 0.04],
      [3, rates["online-sft@more prompts"]],
    ]);
    expect(of("dpo").map(([x]) => x)).toEqual([1, 2, 5, 10]);
  });
});
