import { describe, expect, test } from "vitest";
import { lengthControl } from "../../src/evaluation/length-control.ts";
import { tInterval, wilson } from "../../src/evaluation/statistics.ts";
import type { Judgement, NoVerdict, Showing, TextContest } from "../../src/judge/judge.ts";
import { summarise } from "../../src/judge/summary.ts";

/** A contest whose texts have these lengths, for the judgement beside it. */
type Row = readonly [
  completion: number,
  reference: number,
  outcome: number | NoVerdict,
  showings?: Showing[],
];

const contest = ([completion, reference]: Row, seed: number): TextContest => ({
  seed,
  text: { prompt: "post", completion: ` ${"é".repeat(completion)}\n`, reference: "x".repeat(reference) },
});

/** The summary of judgements by seed. */
function summaryOf(bySeed: Record<number, Row[]>, confidence?: number) {
  const rows = Object.entries(bySeed).flatMap(([seed, own]) =>
    own.map((row) => ({ row, seed: Number(seed) })),
  );
  const contests = rows.map(({ row, seed }) => contest(row, seed));
  const judgements = rows.map(({ row: [, , outcome, showings] }): Judgement => ({ outcome, showings }));
  return summarise("judge", contests, judgements, confidence);
}

const shown = (completionFirst: boolean, prefersCompletion: boolean): Showing => ({
  completionFirst,
  prefersCompletion,
});
const seed1: Row[] = [
  [5, 3, 1],
  [4, 3, 0],
  [2, 3, 0],
  [3, 3, 0.5],
  [9, 3, 1],
  [1, 3, 0],
];
const seed2: Row[] = [
  [7, 3, 0],
  [4, 3, 1],
  [2, 3, 0],
  [1, 3, 1],
];
const seed3: Row[] = seed2.map(([completion, reference, outcome]) => [
  completion,
  reference,
  1 - Number(outcome),
]);

describe("summarise", () => {
  test("with one seed has Wilson's intervals over its prompts", () => {
    const summary = summaryOf({ 1: seed1 });
    expect(summary).toMatchObject({ seeds: [1], over: "prompts", contests: 6, decided: 6 });
    expect(summary.winRate).toEqual(wilson(2.5, 6));
    expect(summary.bounds).toEqual({ low: 2.5 / 6, high: 2.5 / 6 });
    // Of five with different lengths the longer won in the first and the fifth, and as the reference in the third and the last.
    expect(summary.longerWins).toEqual(wilson(4, 5));
    expect(summaryOf({ 1: seed1 }, 0.5).winRate).toEqual(wilson(2.5, 6, 0.5));
  });

  test("with several seeds has Student's t over one value per seed", () => {
    const summary = summaryOf({ 1: seed1, 2: seed2, 3: seed3 });
    expect(summary).toMatchObject({ seeds: [1, 2, 3], over: "seeds", contests: 14 });
    expect(summary.winRate).toEqual(tInterval([2.5 / 6, 0.5, 0.5]));
    expect(summary.longerWins).toEqual(tInterval([4 / 5, 2 / 4, 2 / 4]));
  });

  test("controls for length by characters, per seed", () => {
    const control = (rows: Row[]) => {
      const fitted = lengthControl(
        rows.map(([, , outcome]) => Number(outcome)),
        rows.map(([completion, reference]) => completion - reference),
      );
      if (typeof fitted === "string") throw new Error(fitted);
      return fitted;
    };
    expect(summaryOf({ 1: seed1 })).toMatchObject({
      lengthControlled: control(seed1).winRate,
      lengthEffect: control(seed1).effect,
    });
    const fits = [seed1, seed2, seed3].map(control);
    const several = summaryOf({ 1: seed1, 2: seed2, 3: seed3 });
    expect(several.lengthControlled).toEqual(tInterval(fits.map(({ winRate }) => winRate.mean)));
    expect(several.lengthEffect).toEqual(tInterval(fits.map(({ effect }) => effect.mean)));
    const won: Row[] = [
      [5, 3, 1],
      [4, 3, 1],
    ];
    expect(summaryOf({ 1: won }).lengthControlled).toBe("every completion won");
    expect(summaryOf({ 1: seed1, 2: won }).lengthEffect).toBe("every completion won on seed 2");
  });

  test("leaves contests without a verdict out of every number, counts them and bounds what they could change", () => {
    const summary = summaryOf({
      1: [...seed1, [90, 3, "refused"], [80, 3, "unreadable"]],
      2: [...seed2, [1, 30, "no answer"], [1, 30, "cut off"], [1, 30, "cut off"]],
    });
    expect(summary).toMatchObject({
      contests: 15,
      decided: 10,
      missing: { refused: 1, unreadable: 1, "no answer": 1, "cut off": 2 },
    });
    expect(summary.winRate).toEqual(tInterval([2.5 / 6, 2 / 4]));
    expect(summary.bounds.low).toBeCloseTo((2.5 / 8 + 2 / 7) / 2, 12);
    expect(summary.bounds.high).toBeCloseTo((4.5 / 8 + 5 / 7) / 2, 12);
    expect(summary.longerWins).toEqual(tInterval([4 / 5, 2 / 4]));
  });

  test("finds a bias for the first position, and how often both orders agree", () => {
    const drawn = summaryOf({
      1: [
        [5, 3, 1, [shown(true, true)]],
        [5, 3, 1, [shown(false, true)]],
        [4, 3, 0, [shown(false, false)]],
        [4, 3, 1, [shown(true, true)]],
      ],
    });
    expect(drawn.firstWins).toEqual(wilson(3, 4));
    expect(drawn.consistent).toBeUndefined();
    const both = summaryOf({
      1: [
        [5, 3, 0.5, [shown(true, true), shown(false, false)]],
        [5, 3, 1, [shown(true, true), shown(false, true)]],
        [4, 3, 0.5, [shown(true, false), shown(false, true)]],
      ],
    });
    expect(both.firstWins).toEqual(wilson(1.5, 3));
    expect(both.consistent).toEqual(wilson(1, 3));
  });

  test("says why a number is missing", () => {
    const same: Row[] = [
      [3, 3, 1],
      [4, 4, 0],
    ];
    expect(summaryOf({ 1: same })).toMatchObject({
      firstWins: "the judge is shown no order",
      longerWins: "no two texts differ in length",
      lengthControlled: "all differences in length are equal",
    });
    expect(summaryOf({ 1: seed1, 2: same }).longerWins).toBe("no two texts differ in length on seed 2");
  });

  test("throws if a seed has no verdict at all, or judgements are missing", () => {
    expect(() => summaryOf({ 1: seed1, 2: [[1, 2, "refused"]] })).toThrow(
      "judge gave no verdict on seed 2: of its 1 contests 1 refused.",
    );
    expect(() => summarise("judge", [contest([1, 2, 1], 1)], [])).toThrow(
      "judge gave 0 judgements of 1 contests: it needs one each.",
    );
  });
});
