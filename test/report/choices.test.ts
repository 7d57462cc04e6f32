import { describe, expect, test } from "vitest";
import { choiceRows, choicesRows, edgeSentence } from "../../src/report/choices.ts";
import { arms, type Label, scorers, variant } from "../../src/results/labels.ts";
import { seedResult } from "../seed-results.ts";

describe("a choice of epochs", () => {
  const order = [arms.dpo, arms.dpo2x, arms.dpo5x];
  const seedsThatChose = (...chosen: Label[]) =>
    chosen.map((label, at) =>
      seedResult(41 + at, {
        choices: [
          {
            best: arms.dpoBest,
            chosen: label,
            candidates: [
              { label: arms.dpo, value: 0.25 },
              { label: arms.dpo2x, value: 0.5 },
              { label: arms.dpo5x, value: 0.75 },
            ],
          },
        ],
      }),
    );

  test("is a row with every candidate's win rate", () => {
    expect(choiceRows(seedsThatChose(arms.dpo2x), arms.dpoBest)).toEqual([
      { seed: 41, "DPO, %": 25, "DPO (2x), %": 50, "DPO (5x), %": 75, chosen: "DPO (2x)" },
    ]);
  });

  test("may be at an end of what was tried", () => {
    expect(edgeSentence(seedsThatChose(arms.dpo5x, arms.dpo2x), arms.dpoBest, order)).toBe(
      "Of 2 seeds the choice fell on an end of what was tried on 1 (DPO on 0, DPO (5x) on 1): there, something beyond what was tried may be better.",
    );
    expect(edgeSentence(seedsThatChose(arms.dpo2x), arms.dpoBest, order)).toContain(
      "the best lies within what was tried",
    );
  });

  test("that was not made is an error", () => {
    expect(() => edgeSentence(seedsThatChose(arms.dpo), variant(arms.dpoBest, "KL 1"), order)).toThrow(
      'Seed 41 has no choice of "DPO (best epoch), KL 1"; it has DPO (best epoch).',
    );
  });
});

describe("choices of scorers", () => {
  const [one, eight] = [variant(scorers.global, "1 epoch"), variant(scorers.global, "8 epochs")];
  const results = [41, 42, 43].map((seed, index) =>
    seedResult(seed, {
      choices: [
        {
          best: scorers.global,
          chosen: index === 0 ? one : eight,
          candidates: [
            { label: one, value: 0.5 },
            { label: eight, value: 0.4 + index / 10 },
          ],
        },
      ],
    }),
  );

  test("are averaged over seeds and counted, by the candidates' variants", () => {
    expect(choicesRows(results, [scorers.global])).toEqual([
      {
        "chosen among": "Global RM",
        "1 epoch, %": expect.closeTo(50),
        "8 epochs, %": expect.closeTo(50),
        chosen: "1 epoch (1), 8 epochs (2)",
      },
    ]);
  });

  test("name scorers at the ends of what was tried", () => {
    expect(edgeSentence(results, scorers.global, [one, eight])).toContain(
      "(Global RM, 1 epoch on 1, Global RM, 8 epochs on 2)",
    );
  });
});
