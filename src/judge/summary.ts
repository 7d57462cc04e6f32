import { type LengthControl, lengthControl } from "../evaluation/length-control.ts";
import { type Interval, mean, tInterval, wilson } from "../evaluation/statistics.ts";
import type { Judgement, NoVerdict, TextContest } from "./judge.ts";

/** Win rate and biases of a judge, over seeds or over prompts. */
export interface JudgedWinRate {
  readonly judge: string;
  readonly seeds: readonly number[];
  /** Contests, and those of them with a verdict. */
  readonly contests: number;
  readonly decided: number;
  /** How many contests have no verdict, by the reason. They count neither as won nor as lost. */
  readonly missing: Readonly<Record<NoVerdict, number>>;
  /**
   * "seeds": intervals are Student's t over one value per seed. "prompts": with one seed, they are Wilson's over its prompts,
   * and those of `lengthControlled` and `lengthEffect` Wald's.
   */
  readonly over: "seeds" | "prompts";
  /** The share of contests that the completion wins, ties counted one half. */
  readonly winRate: Interval;
  /** The win rate if every contest without a verdict was lost, and if it was won. */
  readonly bounds: { readonly low: number; readonly high: number };
  /** The win rate at equal lengths; see `lengthControl`. Or why there is none, as the end of a sentence. */
  readonly lengthControlled: Interval | string;
  /** The log-odds that length adds; see `LengthControl.effect`. Or why there are none. */
  readonly lengthEffect: Interval | string;
  /** How often the longer text wins, among contests of different lengths, ties counted one half. */
  readonly longerWins: Interval | string;
  /** How often the text that is shown first is preferred; ½ without a bias for a position. */
  readonly firstWins: Interval | string;
  /** How often both orders give the same winner; only if contests were shown in both. */
  readonly consistent?: Interval;
  readonly judgements: readonly Judgement[];
}

/** A contest with a verdict. */
interface Decided {
  readonly outcome: number;
  /** Characters of the completion less those of the reference. */
  readonly difference: number;
  readonly showings: Judgement["showings"];
}

/** Win rate and biases from the judgements of contests. Throws if the lists differ in length or a seed has no verdict. */
export function summarise(
  judge: string,
  contests: readonly TextContest[],
  judgements: readonly Judgement[],
  confidence = 0.95,
): JudgedWinRate {
  if (contests.length !== judgements.length)
    throw new Error(
      `${judge} gave ${judgements.length} judgements of ${contests.length} contests: it needs one each.`,
    );
  const seeds = [...new Set(contests.map(({ seed }) => seed))].sort((a, b) => a - b);
  const bySeed = seeds.map((seed): SeedVerdicts => {
    const own = contests.flatMap((contest, at) =>
      contest.seed === seed ? [{ contest, judgement: judgements[at]! }] : [],
    );
    const decided = own.flatMap(({ contest, judgement: { outcome, showings } }): Decided[] =>
      typeof outcome === "string" ? [] : [{ outcome, difference: lengthDifference(contest), showings }],
    );
    if (decided.length === 0)
      throw new Error(
        `${judge} gave no verdict on seed ${seed}: of its ${own.length} contests ${missingText(countMissing(own.map(({ judgement }) => judgement)))}.`,
      );
    return { seed, contests: own.length, decided };
  });
  const shares = (of: (one: Decided) => number | undefined, without = "") =>
    shareOverSeeds(bySeed, of, without, confidence);
  const controlled = controlOverSeeds(bySeed, confidence);
  const consistent = shares(({ showings = [] }) =>
    showings.length < 2
      ? undefined
      : Number(new Set(showings.map((one) => one.prefersCompletion)).size === 1),
  );
  const wins = ({ decided }: SeedVerdicts) => decided.reduce((sum, { outcome }) => sum + outcome, 0);
  return {
    judge,
    seeds,
    contests: contests.length,
    decided: bySeed.reduce((sum, { decided }) => sum + decided.length, 0),
    missing: countMissing(judgements),
    over: seeds.length > 1 ? "seeds" : "prompts",
    winRate: shares(({ outcome }) => outcome) as Interval,
    bounds: {
      low: mean(bySeed.map((one) => wins(one) / one.contests)),
      high: mean(bySeed.map((one) => (wins(one) + one.contests - one.decided.length) / one.contests)),
    },
    lengthControlled: typeof controlled === "string" ? controlled : controlled.winRate,
    lengthEffect: typeof controlled === "string" ? controlled : controlled.effect,
    longerWins: shares(
      ({ outcome, difference }) => (difference === 0 ? undefined : difference > 0 ? outcome : 1 - outcome),
      "no two texts differ in length",
    ),
    firstWins: shares(({ showings = [] }) => {
      const first = showings.map((one) => Number(one.prefersCompletion === one.completionFirst));
      return first.length === 0 ? undefined : mean(first);
    }, "the judge is shown no order"),
    ...(typeof consistent !== "string" && { consistent }),
    judgements,
  };
}

/** The verdicts of one seed. */
interface SeedVerdicts {
  readonly seed: number;
  readonly contests: number;
  readonly decided: readonly Decided[];
}

const length = (text: string) => [...text.trim()].length;
const lengthDifference = ({ text: { completion, reference } }: TextContest) =>
  length(completion) - length(reference);

function countMissing(judgements: readonly Judgement[]): Record<NoVerdict, number> {
  const missing = { unreadable: 0, refused: 0, "cut off": 0, "no answer": 0 };
  for (const { outcome } of judgements) if (typeof outcome === "string") missing[outcome]++;
  return missing;
}

/** Counts of what is missing, in words: "3 refused, 1 cut off". */
export function missingText(missing: JudgedWinRate["missing"]): string {
  const counts = Object.entries(missing).filter(([, count]) => count > 0);
  return counts.map(([reason, count]) => `${count} ${reason}`).join(", ") || "none";
}

/** The mean of a value from 0 to 1 over contests that have it, with its interval; or `without`, why there is none. */
function shareOverSeeds(
  bySeed: readonly SeedVerdicts[],
  of: (one: Decided) => number | undefined,
  without: string,
  confidence: number,
): Interval | string {
  const values = bySeed.map(({ decided }) => decided.map(of).filter((value) => value !== undefined));
  const empty = values.findIndex((own) => own.length === 0);
  const isEverywhere = values.every((own) => own.length === 0);
  if (empty >= 0) return isEverywhere ? without : `${without} on seed ${bySeed[empty]!.seed}`;
  const [only = [], ...others] = values;
  return others.length === 0
    ? wilson(
        only.reduce((sum, value) => sum + value, 0),
        only.length,
        confidence,
      )
    : tInterval(values.map(mean), confidence);
}

function controlOverSeeds(bySeed: readonly SeedVerdicts[], confidence: number): LengthControl | string {
  const fits: LengthControl[] = [];
  for (const { seed, decided } of bySeed) {
    const [outcomes, differences] = [decided.map((one) => one.outcome), decided.map((one) => one.difference)];
    const fitted = lengthControl(outcomes, differences, confidence);
    if (typeof fitted === "string") return bySeed.length === 1 ? fitted : `${fitted} on seed ${seed}`;
    fits.push(fitted);
  }
  const [only, second] = fits;
  if (only !== undefined && second === undefined) return only;
  return {
    winRate: tInterval(
      fits.map((one) => one.winRate.mean),
      confidence,
    ),
    effect: tInterval(
      fits.map((one) => one.effect.mean),
      confidence,
    ),
  };
}
