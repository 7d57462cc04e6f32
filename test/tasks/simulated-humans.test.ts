import { describe, expect, test } from "vitest";
import { bestDraft, prefersFirst } from "../../src/tasks/simulated-humans.ts";
import { randomStream } from "../../src/tensors/random.ts";

test.each([
  [1, 0.5],
  [-0.4, 0.12],
  [0, 2],
])(
  "an annotator prefers a completion that is better by %d at temperature %d as often as Bradley and Terry's model",
  (gap, tau) => {
    const stream = randomStream(1, "test", "annotator");
    const wins = Array.from({ length: 4000 }, () => Number(prefersFirst(3 + gap, 3, tau, stream)));
    const rate = wins.reduce((sum, win) => sum + win, 0) / wins.length;
    expect(Math.abs(rate - 1 / (1 + Math.exp(-gap / tau)))).toBeLessThan(0.03);
  },
);

describe("the best draft", () => {
  const write = (drafts: number[][]) => () => drafts.shift() ?? [];
  const firstToken = ([token = 0]: readonly number[]) => token;

  test("is the one with the highest score, the first of equals", () => {
    expect(bestDraft(4, write([[1], [7, 0], [7, 1], [2]]), firstToken)).toEqual([7, 0]);
  });

  test("is chosen among as many drafts as asked for", () => {
    expect(bestDraft(2, write([[1], [2], [3]]), firstToken)).toEqual([2]);
    expect(bestDraft(1, write([[1], [2]]), firstToken)).toEqual([1]);
  });
});
