import { describe, expect, test } from "vitest";
import { winRate } from "../../src/evaluation/win-rate.ts";
import { type Contest, scorerJudge } from "../../src/judge/judge.ts";
import { judgedWinRate } from "../../src/judge/judged-win-rate.ts";

const contests: Contest[] = [
  [5, 3],
  [1, 3],
  [3, 3],
  [9, 2],
].map(([completion = 0, reference = 0]) => ({
  seed: 4,
  prompt: { tokens: [1, 2] },
  completion: [completion],
  reference: [reference],
  text: { prompt: "p", completion: "c".repeat(completion), reference: "r".repeat(reference) },
}));

describe("scorerJudge", () => {
  test("gives the outcomes and the win rate of the scores, without an estimate", async () => {
    const judge = scorerJudge("first token", (samples) =>
      samples.map(({ completion: [token = 0] }) => token),
    );
    expect(await judge.judge(contests)).toEqual([1, 0, 0.5, 1].map((outcome) => ({ outcome })));
    const print = () => expect.fail("nothing costs anything");
    const rate = await judgedWinRate(judge, contests, { print });
    const { outcomes, ...interval } = winRate([5, 1, 3, 9], [3, 3, 3, 2]);
    expect(rate.winRate).toEqual(interval);
    expect(rate.judgements.map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  test("needs contests", async () => {
    const judge = scorerJudge("none", () => expect.fail("there is nothing to score"));
    expect(await judge.judge([])).toEqual([]);
    await expect(judgedWinRate(judge, [])).rejects.toThrow(
      "There are no contests to judge: give at least one.",
    );
  });
});
