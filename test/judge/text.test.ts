import { describe, expect, test } from "vitest";
import { summarise } from "../../src/judge/summary.ts";
import { estimateSentence, judgedRows, usageText } from "../../src/judge/text.ts";

test("usage and estimates are sentences with their numbers", () => {
  const needed = { requests: 1200, inputTokens: 922_800, outputTokens: 120_000, money: 3.507 };
  expect(usageText(needed)).toBe(
    "1,200 requests with about 922,800 tokens in and 120,000 out, which cost 3.51 at the given prices",
  );
  expect(estimateSentence("gpt", { answers: 1500, cached: 300, needed })).toMatch(
    /^gpt needs 1500 answers, of which 300 are here already\. The others take 1,200 requests/,
  );
  const nothing = { requests: 0, inputTokens: 0, outputTokens: 0 };
  expect(estimateSentence("gpt", { answers: 3, cached: 3, needed: nothing })).toBe(
    "gpt needs 3 answers, of which 3 are here already: nothing is sent.",
  );
});

describe("judgedRows", () => {
  const contest = (completion: string) => ({ seed: 1, text: { prompt: "p", completion, reference: "xx" } });
  const showing = (prefersCompletion: boolean) => [{ completionFirst: true, prefersCompletion }];

  test("has every measure with its interval, and says what is missing and what that could change", () => {
    const contests = ["a", "bbb", "c", "ddd", "eeee"].map(contest);
    const outcomes = [1, 1, 0, 0];
    const judgements = outcomes.map((outcome) => ({ outcome, showings: showing(outcome === 1) }));
    const rows = judgedRows(summarise("gpt", contests, [...judgements, { outcome: "refused" }]));
    expect(rows.map(({ measure, value, note }) => [measure, value, note])).toEqual([
      ["win rate, %", "50.0", "4 of 5 contests, 1 seed"],
      ["win rate at equal length, %", "50.0", ""],
      [
        "contests without a verdict",
        "1",
        "1 refused; win rate 40.0 % if all were lost, 60.0 % if all were won",
      ],
      ["the longer text wins, %", "50.0", ""],
      ["log-odds by length", "0.00", ""],
      ["the first text wins, %", "50.0", ""],
    ]);
    expect(rows[0]?.interval).toBe("15.0 to 85.0");
  });

  test("gives the reason for a measure that there is none of", () => {
    const rows = judgedRows(
      summarise("gold", [contest("a"), contest("bbb")], [{ outcome: 1 }, { outcome: 1 }]),
    );
    expect(rows.filter(({ value }) => value === "none").map(({ measure, note }) => [measure, note])).toEqual([
      ["win rate at equal length, %", "every completion won"],
      ["log-odds by length", "every completion won"],
      ["the first text wins, %", "the judge is shown no order"],
    ]);
  });
});
