import { mean } from "../../evaluation/statistics.ts";
import type { Label } from "../../results/labels.ts";
import { atBothWidths } from "../layout.ts";
import { INK, PAPER, SMALL, TEXT, textWidth, type VegaLiteSpec, wrap } from "../theme.ts";
import { intervalNote, intervalOver, seedCount } from "./intervals.ts";
import { heading, type Titles } from "./titles.ts";
import { closeScale, decimals, groupByLabel, requireNumbers, requireRows, tooltip } from "./values.ts";

/* Charts of means as dots, with single seeds as rings. */

/** How well one arm does on one seed, and how sharp its policy is. */
export interface Sharpness {
  readonly arm: Label;
  readonly seed: number;
  /** Win rate of greedy decoding, from 0 to 1. */
  readonly greedyWinRate: number;
  /** Mean gold reward when sampling at T = 1. */
  readonly sampledReward: number;
  /** Mean entropy of the policy at T = 1. */
  readonly entropy: number;
}

/** Options of `sharpnessChart`. */
export interface SharpnessOptions extends Titles {
  /** Unit of the entropy, by default "nats per token". */
  readonly entropyUnit?: string;
}

const ROW = 44;
const LINE = 17;
/** The widest line of a name, in pixels. */
const NAME = 165;
const NARROW_NAME = 130;
const COLUMN_GAP = 22;

/**
 * Greedy win rate, reward at T = 1 and entropy in three columns, one row per arm, each with its 95 % t interval. Sampling at
 * T = 1 also rewards a policy for being sharp, so the second column must be read beside the third. Throws if a number is
 * missing.
 */
export function sharpnessChart(rows: readonly Sharpness[], options: SharpnessOptions = {}): VegaLiteSpec {
  const chart = "sharpnessChart";
  requireRows(chart, "rows", rows);
  requireNumbers(chart, rows, ["seed", "greedyWinRate", "sampledReward", "entropy"]);
  const byArm = groupByLabel(rows, ({ arm }) => arm);
  const columns = [
    { field: "greedyWinRate", factor: 100, digits: 1, head: ["Win rate", "greedy, %"] },
    { field: "sampledReward", factor: 1, digits: 2, head: ["Gold reward", "at T = 1"] },
    { field: "entropy", factor: 1, digits: 2, head: ["Entropy", options.entropyUnit ?? "nats per token"] },
  ] as const;
  const drawn = columns.map(({ field, factor, digits, head }) => {
    const rings = byArm.flatMap(([{ name, colour }, own], row) =>
      own.map((one) => ({ name, x: factor * one[field], y: row + 0.3, colour })),
    );
    const means = byArm.map(([{ name, colour }, own], row) => {
      const values = own.map((one) => factor * one[field]);
      const interval = intervalOver(values);
      return {
        ...{ name, x: mean(values), y: row + 0.06, colour, label: decimals(mean(values), digits) },
        ...(interval && { low: interval.low, high: interval.high }),
      };
    });
    return { head, rings, means };
  });
  const summary = byArm.map(([{ name }], row) => {
    const [rate, reward, entropy] = drawn.map(({ means }) => means[row]?.label);
    return `${name} ${rate}%, ${reward}, ${entropy}`;
  });
  const description = `Greedy win rate, mean gold reward at T = 1, and entropy: ${summary.join("; ")}.`;
  const text = {
    title: options.title ?? "Reward at T = 1 beside sharpness",
    subtitle:
      options.subtitle ??
      `Sampling at T = 1 also rewards a sharp policy (low entropy). ${intervalNote(seedCount(rows), "bars")} Rings: single seeds.`,
  };
  return atBothWidths((layout) => {
    const names = byArm.map(([arm]) => wrap(arm.name, layout.narrow ? NARROW_NAME : NAME, TEXT));
    const left = Math.ceil(Math.max(...names.flat().map((line) => textWidth(line, TEXT)))) + 14;
    const width = layout.narrow
      ? layout.width - left - 12
      : Math.floor((layout.width - left - 2 * COLUMN_GAP - 8) / 3);
    const panels = drawn.map((column, at) =>
      panel({ ...column, width, names: at === 0 || layout.narrow ? names : [], left, count: byArm.length }),
    );
    return {
      title: heading(text, layout),
      description,
      spacing: COLUMN_GAP,
      ...(layout.narrow ? { vconcat: panels } : { bounds: "flush", hconcat: panels }),
    };
  });
}

interface Panel {
  readonly rings: readonly { readonly x: number }[];
  readonly means: readonly { readonly low?: number; readonly high?: number }[];
  readonly head: readonly [string, string];
  readonly width: number;
  /** Names at the left, each in lines; none if another panel has them. */
  readonly names: readonly (readonly string[])[];
  readonly left: number;
  /** The number of rows. */
  readonly count: number;
}

function panel({ rings, means, head, width, names, left, count }: Panel): object {
  const { domain, ticks } = closeScale(rings.map(({ x }) => x));
  const axis = {
    values: ticks,
    tickCount: ticks.length,
    ticks: false,
    title: null,
    labelExpr: "replace(datum.label, '-', '−')",
  };
  const x = { field: "x", type: "quantitative", scale: { domain, nice: false, zero: false }, axis };
  const y = {
    field: "y",
    type: "quantitative",
    scale: { domain: [count - 0.5, -0.5], nice: false },
    axis: null,
  };
  const colour = { field: "colour", type: "nominal", scale: null };
  const shown = tooltip({ x: head.join(", ") });
  const known = means.filter(({ low }) => low !== undefined);
  return {
    title: {
      text: head[0],
      subtitle: head[1],
      fontSize: TEXT,
      frame: "group",
      anchor: "start",
      offset: 6,
      subtitlePadding: 2,
    },
    width,
    height: count * ROW,
    layer: [
      ...(known.length > 0
        ? [
            {
              data: { values: known },
              mark: { type: "rule", strokeWidth: 3, opacity: 0.55, clip: true },
              encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y, color: colour },
            },
          ]
        : []),
      {
        data: { values: rings },
        mark: { type: "point", size: 22, strokeWidth: 1.1, filled: false, opacity: 0.8 },
        encoding: { x, y, color: colour, tooltip: shown },
      },
      {
        data: { values: means },
        mark: {
          type: "point",
          shape: "circle",
          size: 100,
          filled: true,
          opacity: 1,
          stroke: PAPER,
          strokeWidth: 1.5,
        },
        encoding: { x, y, fill: colour, tooltip: shown },
      },
      {
        data: { values: means },
        mark: { type: "text", baseline: "bottom", dy: -7, fontSize: SMALL, color: INK },
        encoding: { x, y, text: { field: "label", type: "nominal" } },
      },
      {
        data: { values: names.flatMap(linesOf) },
        mark: { type: "text", align: "left", baseline: "middle", fontSize: TEXT, color: INK },
        encoding: { x: { value: -left }, y, text: { field: "name", type: "nominal" } },
      },
    ],
  };
}

/** The lines of one row's name, centred at the height of its mean. */
function linesOf(lines: readonly string[], row: number): object[] {
  return lines.map((name, at) => ({ name, y: row + 0.06 + ((at - (lines.length - 1) / 2) * LINE) / ROW }));
}
