import "../tensors/backend.ts";
import { DataFrame } from "danfojs-node";
import { contrastName, sortByLabel, styleOf } from "../results/labels.ts";
import { type Contrast, side } from "../verdicts/contrasts.ts";
import type { Published } from "./published.ts";

/** One arm's results, averaged over seeds. */
export interface ArmSummary {
  readonly arm: string;
  readonly seeds: number;
  /** Greedy win rate with its interval, from 0 to 1. */
  readonly winRate: { readonly mean: number; readonly low: number; readonly high: number };
  readonly goldGreedy: number;
  /** Gold reward and entropy when sampling at T = 1. */
  readonly goldSampled: number;
  readonly entropy: number;
  /** Share of greedy completions with an error, from 0 to 1. */
  readonly errors: number;
}

/** The results per arm, in the arms' own order, rounded for reading. Throws where there are none. */
export function resultsTable(results: readonly ArmSummary[]): DataFrame {
  const order = sortByLabel(results.map(({ arm }) => arm));
  const sorted = [...results].sort((a, b) => order.indexOf(a.arm) - order.indexOf(b.arm));
  return frame("resultsTable", sorted, {
    arm: ({ arm }) => styleOf(arm).name,
    seeds: ({ seeds }) => seeds,
    "win rate, %": ({ winRate }) => round(100 * winRate.mean, 1),
    "95% interval": ({ winRate }) => intervalText(100 * winRate.low, 100 * winRate.high, 1),
    "gold, greedy": ({ goldGreedy }) => round(goldGreedy, 3),
    "gold, T = 1": ({ goldSampled }) => round(goldSampled, 3),
    entropy: ({ entropy }) => round(entropy, 3),
    "errors, %": ({ errors }) => round(100 * errors, 1),
  });
}

/**
 * Paired differences as they came. `unit` "share" shows them in percentage points, "reward" as they are.
 * Throws where there are none.
 */
export function contrastsTable(
  contrasts: readonly Contrast[],
  { unit = "share" }: { readonly unit?: "share" | "reward" } = {},
): DataFrame {
  const [factor, digits] = unit === "share" ? [100, 1] : [1, 3];
  return frame("contrastsTable", contrasts, {
    contrast: ({ id }) => contrastName(id),
    [unit === "share" ? "difference, points" : "difference"]: ({ mean }) => round(factor * mean, digits),
    "95% interval": ({ low, high }) => intervalText(factor * low, factor * high, digits),
    "above zero": (contrast) => ({ above: "yes", across: "not shown", below: "no, below" })[side(contrast)],
    seeds: ({ seeds }) => seeds.length,
  });
}

/**
 * The paper's win rates beside ours, in percent: one column for each of `models` (ids of the published rows)
 * and "not reported" where no number was found. The two are measured on other tasks, models and judges, so
 * orders and signs compare, sizes do not. Throws where a model is not among the published rows.
 */
export function publishedTable(
  published: Published,
  results: readonly ArmSummary[],
  models: readonly string[] = ["pythia-1.4b", "pythia-2.8b"],
): DataFrame {
  const rows = models.map((id) => {
    const row = published.rows.find((one) => one.id === id);
    if (!row)
      throw new Error(
        `The paper's win rates have no row "${id}"; there are ${published.rows.map((one) => one.id).join(", ")}.`,
      );
    return row;
  });
  const reported = rows.flatMap(({ winRate }) => Object.keys(winRate));
  const arms = sortByLabel([...reported, ...results.map(({ arm }) => arm)]);
  const ours = new Map(results.map((result) => [result.arm, result.winRate]));
  const paper = rows.map((row): [string, (arm: string) => string] => [
    `paper, ${row.name}`,
    (arm) => row.winRate[arm]?.toFixed(1) ?? "not reported",
  ]);
  return frame("publishedTable", arms, {
    "win rate, %": (arm) => styleOf(arm).name,
    ...Object.fromEntries(paper),
    here: (arm) => (ours.has(arm) ? (100 * ours.get(arm)!.mean).toFixed(1) : "not run"),
    "here, 95% interval": (arm) => {
      const own = ours.get(arm);
      return own ? intervalText(100 * own.low, 100 * own.high, 1) : "";
    },
  });
}

type Cell = string | number;

/** Plain rows as a danfo table: one column for each field of the first. Throws where there are none. */
export function rowsTable(rows: readonly Readonly<Record<string, Cell>>[]): DataFrame {
  const names = Object.keys(rows[0] ?? {});
  return frame("rowsTable", rows, Object.fromEntries(names.map((name) => [name, (row) => row[name]!])));
}

function frame<R>(name: string, rows: readonly R[], columns: Record<string, (row: R) => Cell>): DataFrame {
  if (rows.length === 0) throw new Error(`${name} has no rows; give at least one.`);
  const cells = rows.map((row) => Object.values(columns).map((value) => value(row)));
  return new DataFrame(cells, { columns: Object.keys(columns) });
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));
/** An interval as tables show it, for example "[−0.5, 2.0]". */
export const intervalText = (low: number, high: number, digits: number) =>
  `[${low.toFixed(digits)}, ${high.toFixed(digits)}]`.replaceAll("-", "−");
