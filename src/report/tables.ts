import "../tensors/backend.ts";
import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import { arms, type Label, sameLabel, sortLabels } from "../results/labels.ts";
import { measureNamed } from "../results/measures.ts";
import { type Estimated, estimateName } from "../verdicts/estimates.ts";
import { groupByLabel } from "./charts/values.ts";
import { plainTable } from "./plain-table.ts";
import type { Published } from "./published.ts";

/** One arm's results, averaged over seeds. */
export interface ArmSummary {
  readonly arm: Label;
  readonly seeds: number;
  /** Greedy win rate with its interval, from 0 to 1. */
  readonly winRate: { readonly mean: number; readonly low: number; readonly high: number };
  /** Gold reward of greedy completions. */
  readonly goldGreedy: number;
  /** Gold reward when sampling at T = 1. */
  readonly goldSampled: number;
  /** In nats per decided token, at T = 1. */
  readonly entropy: number;
  /** Share of malformed greedy completions, from 0 to 1. */
  readonly malformed: number;
}

/** The results per arm, in display order, rounded for reading. Throws if there are none. */
export function resultsTable(results: readonly ArmSummary[]): DataFrame {
  const sorted = groupByLabel(results, ({ arm }) => arm).flatMap(([, own]) => own);
  return frame("resultsTable", sorted, {
    arm: ({ arm }) => arm.name,
    seeds: ({ seeds }) => seeds,
    "win rate, %": ({ winRate }) => round(100 * winRate.mean, 1),
    "95% interval": ({ winRate }) => intervalText(100 * winRate.low, 100 * winRate.high, 1),
    "gold, greedy": ({ goldGreedy }) => round(goldGreedy, 3),
    "gold, T = 1": ({ goldSampled }) => round(goldSampled, 3),
    entropy: ({ entropy }) => round(entropy, 3),
    "malformed, %": ({ malformed }) => round(100 * malformed, 1),
  });
}

/**
 * Differences of one unit in the given order: shares in percentage points, others in their own unit. Throws if there are
 * none or their units differ.
 */
export function differencesTable(estimated: readonly Estimated[]): DataFrame {
  const units = new Set(estimated.map(({ estimate }) => measureNamed(estimate.metric).unit));
  if (units.size > 1)
    throw new Error(`differencesTable: the units ${[...units].join(" and ")} need a table each.`);
  const [factor, digits] = units.has("share") ? [100, 1] : [1, 3];
  return frame("differencesTable", estimated, {
    contrast: ({ estimate }) => estimateName(estimate),
    [units.has("share") ? "difference, points" : "difference"]: ({ mean }) => round(factor * mean, digits),
    "95% interval": ({ low, high }) => intervalText(factor * low, factor * high, digits),
    "above zero": ({ low, high }) => (low > 0 ? "yes" : high < 0 ? "no, below" : "not shown"),
    seeds: ({ values }) => values.length,
  });
}

/**
 * The paper's win rates beside ours, in percent: one column for each of `models`, the ids of published rows. The two are
 * measured on different tasks, models and judges, so orders and signs compare, sizes do not. Throws if a model or an arm
 * of the published rows is unknown.
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
  const reported = rows.flatMap(({ winRate }) => Object.keys(winRate).map(armWithId));
  const winRateOf = (label: Label) => results.find(({ arm }) => sameLabel(arm, label))?.winRate;
  const paper = rows.map((row): [string, (arm: Label) => string] => [
    `paper, ${row.name}`,
    ({ id }) => row.winRate[id]?.toFixed(1) ?? "not reported",
  ]);
  return frame("publishedTable", sortLabels([...reported, ...results.map(({ arm }) => arm)]), {
    "win rate, %": ({ name }) => name,
    ...Object.fromEntries(paper),
    here: (arm) => {
      const here = winRateOf(arm);
      return here ? (100 * here.mean).toFixed(1) : "not run";
    },
    "here, 95% interval": (arm) => {
      const here = winRateOf(arm);
      return here ? intervalText(100 * here.low, 100 * here.high, 1) : "";
    },
  });
}

function armWithId(id: string): Label {
  const found = Object.values(arms).find((arm) => arm.id === id);
  if (found === undefined) throw new Error(`The paper's win rates name an unknown arm "${id}".`);
  return found;
}

type Cell = string | number;

/** Rows as a danfo table with the columns of the first row. Throws if there are none. */
export function rowsTable(rows: readonly Readonly<Record<string, Cell>>[]): DataFrame {
  const names = Object.keys(rows.at(0) ?? {});
  return frame("rowsTable", rows, Object.fromEntries(names.map((name) => [name, (row) => row[name]])));
}

/**
 * danfojs-node, loaded by the first table: it takes a second, and most programs show none. Undefined where it is not
 * installed.
 */
function loadDanfo(): typeof import("danfojs-node") | undefined {
  const require = createRequire(import.meta.url);
  try {
    require.resolve("danfojs-node");
  } catch {
    return undefined;
  }
  return require("danfojs-node");
}

function frame<R>(
  name: string,
  rows: readonly R[],
  columns: Record<string, (row: R) => Cell | undefined>,
): DataFrame {
  if (rows.length === 0) throw new Error(`${name} has no rows; give at least one.`);
  const cells = rows.map((row) => Object.values(columns).map((value) => value(row)));
  const danfo = loadDanfo();
  // A plain table has what the displays and programs read of danfo's, and none of its computing.
  if (danfo === undefined) return plainTable(Object.keys(columns), cells) as unknown as DataFrame;
  return new danfo.DataFrame(cells, { columns: Object.keys(columns) });
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

/** An interval as text, for example "[−0.5, 2.0]". */
export const intervalText = (low: number, high: number, digits: number) =>
  `[${low.toFixed(digits)}, ${high.toFixed(digits)}]`.replaceAll("-", "−");
