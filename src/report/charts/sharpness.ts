import { sortByLabel, styleOf } from "../../results/labels.ts";
import { CONTENT, INK, SMALL, TEXT, textWidth, type VegaLiteSpec, wrap } from "../theme.ts";
import { heading, type Titles } from "./titles.ts";
import { closeScale, decimals, groupBy, mean, requireNumbers, requireRows, tooltip } from "./values.ts";

export interface Sharpness {
  readonly arm: string;
  readonly seed: number;
  /** Win rate of greedy decoding, from 0 to 1. */
  readonly greedyWinRate: number;
  /** Mean gold reward when sampling at T = 1. */
  readonly sampledReward: number;
  /** Mean entropy of the policy at T = 1. */
  readonly entropy: number;
}

export interface SharpnessOptions extends Titles {
  /** What the entropy is measured in, by default "nats per token". */
  readonly entropyUnit?: string;
}

const ROW = 44;
const LINE = 17;
/** The widest line of a name, in pixels. */
const NAME = 165;
const GAP = 22;

/**
 * Greedy win rate, reward at T = 1 and entropy side by side, one row per arm. Sampling at T = 1 rewards a
 * policy for being sharp as well as for being right, so the second column is read beside the third.
 * Throws where a number is missing.
 */
export function sharpnessChart(rows: readonly Sharpness[], options: SharpnessOptions = {}): VegaLiteSpec {
  const chart = "sharpnessChart";
  requireRows(chart, "rows", rows);
  requireNumbers(chart, rows, ["seed", "greedyWinRate", "sampledReward", "entropy"]);
  const byArm = groupBy(rows, (row) => row.arm);
  const arms = sortByLabel(byArm.keys());
  const names = arms.map((arm) => wrap(styleOf(arm).name, NAME, TEXT));
  const left = Math.ceil(Math.max(...names.flat().map((line) => textWidth(line, TEXT)))) + 14;
  const width = Math.floor((CONTENT - left - 2 * GAP - 8) / 3);
  const columns = [
    { field: "greedyWinRate", factor: 100, digits: 1, head: ["Win rate", "greedy, %"] },
    { field: "sampledReward", factor: 1, digits: 2, head: ["Gold reward", "at T = 1"] },
    { field: "entropy", factor: 1, digits: 2, head: ["Entropy", options.entropyUnit ?? "nats per token"] },
  ] as const;
  const panels = columns.map(({ field, factor, digits, head }, at) => {
    const rings = rows.map((row) => ({
      name: styleOf(row.arm).name,
      x: factor * row[field],
      y: arms.indexOf(row.arm) + 0.3,
      colour: styleOf(row.arm).colour,
    }));
    const means = arms.map((arm, index) => {
      const value = factor * mean(byArm.get(arm)!.map((row) => row[field]));
      const { name, colour } = styleOf(arm);
      return { name, x: value, y: index + 0.06, colour, label: decimals(value, digits) };
    });
    const { domain, ticks } = closeScale(rings.map((ring) => ring.x));
    return panel({
      rings,
      means,
      domain,
      ticks,
      head,
      width,
      rows: arms.length,
      names: at === 0 ? names : [],
      left,
    });
  });
  const summary = arms.map((arm) => {
    const own = byArm.get(arm)!;
    const of = (field: keyof Sharpness) => mean(own.map((row) => Number(row[field])));
    return `${styleOf(arm).name} ${decimals(100 * of("greedyWinRate"), 1)}%, ${decimals(of("sampledReward"), 2)}, ${decimals(of("entropy"), 2)}`;
  });
  return {
    title: heading({
      title: options.title ?? "Reward at T = 1 beside sharpness",
      subtitle:
        options.subtitle ??
        "Sampling at T = 1 also rewards a policy for being sharp (low entropy); greedy decoding does not. Dots: means. Rings: seeds.",
    }),
    description: `Greedy win rate, mean gold reward at T = 1, and entropy: ${summary.join("; ")}.`,
    spacing: GAP,
    bounds: "flush",
    hconcat: panels,
  };
}

interface Panel {
  readonly rings: readonly object[];
  readonly means: readonly object[];
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly head: readonly [string, string];
  readonly width: number;
  readonly rows: number;
  /** Names at the left in lines, for the first panel. */
  readonly names: readonly (readonly string[])[];
  readonly left: number;
}

function panel({ rings, means, domain, ticks, head, width, rows, names, left }: Panel): object {
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
    scale: { domain: [rows - 0.5, -0.5], nice: false },
    axis: null,
  };
  const colour = { field: "colour", type: "nominal", scale: null };
  const told = tooltip({ x: head.join(", ") });
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
    height: rows * ROW,
    layer: [
      {
        data: { values: rings },
        mark: { type: "point", size: 22, strokeWidth: 1.1, filled: false, opacity: 0.8 },
        encoding: { x, y, color: colour, tooltip: told },
      },
      {
        data: { values: means },
        mark: {
          type: "point",
          shape: "circle",
          size: 100,
          filled: true,
          opacity: 1,
          stroke: "#ffffff",
          strokeWidth: 1.5,
        },
        encoding: { x, y, fill: colour, tooltip: told },
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

/** The lines of one row's name, around the height of its mean. */
function linesOf(lines: readonly string[], row: number): object[] {
  return lines.map((name, at) => ({ name, y: row + 0.06 + ((at - (lines.length - 1) / 2) * LINE) / ROW }));
}
