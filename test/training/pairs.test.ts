import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Prompt, Sample, Task } from "../../src/tasks/task.ts";
import { annotatedPairs, bestAgainstWorst } from "../../src/training/pairs.ts";
import { data, task } from "../laboratory.ts";

const prompts: Prompt[] = [{ tokens: [1] }, { tokens: [2] }];
const bySum = (samples: readonly Sample[]) =>
  samples.map(({ completion }) => completion.reduce((a, b) => a + b, 0));

describe("best against worst", () => {
  test("pairs each prompt's highest with its lowest score", () => {
    const samples = [
      [[3], [9, 1], [5]],
      [[4], [4], [2, 1]],
    ];
    expect(bestAgainstWorst(prompts, samples, bySum)).toEqual([
      { prompt: prompts[0], chosen: [9, 1], rejected: [3], rewardDifference: 7 },
      { prompt: prompts[1], chosen: [4], rejected: [2, 1], rewardDifference: 1 },
    ]);
  });

  test("refuses samples without a score", () => {
    const samples = [[[3], [9, 1]], [[4]]];
    const unscored = () => bestAgainstWorst(prompts, samples, () => [1, Number.NaN, 2]);
    expect(unscored).toThrow("Prompt 0 has no samples, or one has no score");
  });

  test("drops prompts whose samples are all the same, and never pairs worse above better", () => {
    const samples = fc.array(
      fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 }),
      {
        minLength: 2,
        maxLength: 2,
      },
    );
    fc.assert(
      fc.property(samples, (drawn) => {
        const pairs = bestAgainstWorst(prompts, drawn, bySum);
        for (const { prompt, chosen, rejected } of pairs) {
          const [best, worst] = bySum([
            { prompt, completion: chosen },
            { prompt, completion: rejected },
          ]);
          expect(best).toBeGreaterThanOrEqual(worst!);
          expect(chosen).not.toEqual(rejected);
        }
        const varied = drawn.filter(
          (own) => new Set(bySum(own.map((completion) => ({ prompt: prompts[0]!, completion })))).size > 1,
        );
        expect(pairs.length).toBeGreaterThanOrEqual(varied.length);
      }),
    );
  });
});

describe("annotated pairs", () => {
  test("follow the annotator's odds", () => {
    const [good, bad] = [data.evaluation[0]!.completion, [task.vocabulary.eos]];
    const many = Array.from({ length: 400 }, () => data.evaluation[0]!.prompt);
    const pairs = annotatedPairs(
      task,
      many,
      many.map(() => [[...good], bad]),
      3,
    );
    const margin = task.score(many[0]!, good) - task.score(many[0]!, bad);
    const share = pairs.filter(({ chosen }) => chosen.length > 1).length / pairs.length;
    expect(share).toBeCloseTo(1 / (1 + Math.exp(-margin / 0.6)), 1);
  });

  test("need an annotator", () => {
    const mute: Task = { ...task, name: "mute", prefer: undefined };
    expect(() => annotatedPairs(mute, prompts, [[[1], [2]]], 1)).toThrow(/The task mute has no annotator/);
  });
});
