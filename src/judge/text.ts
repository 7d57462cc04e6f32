import type { Interval } from "../evaluation/statistics.ts";
import type { Estimate, Usage } from "./judge.ts";
import { type JudgedWinRate, missingText } from "./summary.ts";

/** What judging is going to take, in a sentence. */
export function estimateSentence(judge: string, { answers, cached, needed }: Estimate): string {
  const have = `${judge} needs ${answers} answers, of which ${cached} are here already`;
  if (needed.requests === 0) return `${have}: nothing is sent.`;
  return `${have}. The others take ${usageText(needed)}, as computed from the lengths of the texts.`;
}

/** Requests, tokens and money in words. */
export function usageText({ requests, inputTokens, outputTokens, money }: Usage): string {
  const count = (value: number) => value.toLocaleString("en-US");
  const cost = money === undefined ? "" : `, which cost ${Number(money.toPrecision(3))} at the given prices`;
  return `${count(requests)} requests with about ${count(inputTokens)} tokens in and ${count(outputTokens)} out${cost}`;
}

/** The numbers of a judged win rate as rows of a table. */
export function judgedRows(
  rate: JudgedWinRate,
): { measure: string; value: string; interval: string; note: string }[] {
  const share = ({ mean, low, high }: Interval) => ({
    value: (100 * mean).toFixed(1),
    interval: `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`,
  });
  const row = (measure: string, of: Interval | string, show: typeof share, note = "") =>
    typeof of === "string"
      ? { measure, value: "none", interval: "", note: of }
      : { measure, ...show(of), note };
  const plain = ({ mean, low, high }: Interval) => ({
    value: mean.toFixed(2),
    interval: `${low.toFixed(2)} to ${high.toFixed(2)}`,
  });
  const { contests, decided, missing, bounds } = rate;
  const lacking = contests - decided;
  return [
    row(
      "win rate, %",
      rate.winRate,
      share,
      `${decided} of ${contests} contests, ${rate.seeds.length === 1 ? "1 seed" : `${rate.seeds.length} seeds`}`,
    ),
    row("win rate at equal length, %", rate.lengthControlled, share),
    {
      measure: "contests without a verdict",
      value: String(lacking),
      interval: "",
      note:
        lacking === 0
          ? ""
          : `${missingText(missing)}; win rate ${(100 * bounds.low).toFixed(1)} % if all were lost, ${(100 * bounds.high).toFixed(1)} % if all were won`,
    },
    row("the longer text wins, %", rate.longerWins, share),
    row("log-odds by length", rate.lengthEffect, plain),
    row("the first text wins, %", rate.firstWins, share),
    ...(rate.consistent === undefined
      ? []
      : [row("the same winner in both orders, %", rate.consistent, share)]),
  ];
}
