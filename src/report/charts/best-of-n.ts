import { scorerLabels, sortByLabel, styleOf } from "../../results/labels.ts";
import { CONTENT, type VegaLiteSpec } from "../theme.ts";
import { labelWidth, linePanel, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";
import { groupBy, mean, requireNumbers, requireRows } from "./values.ts";

/** One seed's mean gold reward when `scorer` picks the best of `n` samples. */
export interface BestOfN {
  readonly scorer: string;
  readonly seed: number;
  readonly n: number;
  readonly value: number;
}

export interface BestOfNOptions extends Titles {
  /** The vertical axis's meaning, shown below the heading; by default the gold reward of the sample picked. */
  readonly subtitle?: string;
}

/**
 * Best-of-N curves on a logarithmic axis of N: the mean over seeds for each scorer, every seed thin behind it.
 * Throws where the seeds of a scorer were not measured at the same N or a number is missing.
 */
export function bestOfNChart(rows: readonly BestOfN[], options: BestOfNOptions = {}): VegaLiteSpec {
  const chart = "bestOfNChart";
  requireRows(chart, "rows", rows);
  requireNumbers(chart, rows, ["seed", "n", "value"]);
  const below = rows.find((row) => row.n < 1);
  if (below)
    throw new Error(`${chart}: N must be at least 1, and a row of scorer "${below.scorer}" has ${below.n}.`);

  const byScorer = groupBy(rows, (row) => row.scorer);
  const series = sortByLabel(byScorer.keys(), scorerLabels).map((scorer) => {
    const { name, colour, ink } = styleOf(scorer, scorerLabels);
    const own = [...byScorer.get(scorer)!].sort((a, b) => a.n - b.n);
    const seeds = [...groupBy(own, (row) => row.seed)].map(([seed, some]) => ({
      seed,
      points: some.map((row) => ({ x: row.n, y: row.value })),
    }));
    const places = (points: readonly { x: number }[]) => points.map((point) => point.x).join(", ");
    const other = seeds.find((one) => places(one.points) !== places(seeds[0]!.points));
    if (other)
      throw new Error(
        `${chart}: scorer "${scorer}" has N = ${places(seeds[0]!.points)} for seed ${seeds[0]!.seed} but ` +
          `N = ${places(other.points)} for seed ${other.seed}; measure every seed once at the same N.`,
      );
    const average = seeds[0]!.points.map(({ x }, at) => ({
      x,
      y: mean(seeds.map((one) => one.points[at]!.y)),
    }));
    return { name, colour, ink, mean: average, seeds: seeds.map((one) => one.points) };
  });
  const ns = [...new Set(rows.map((row) => row.n))].sort((a, b) => a - b);
  const width = CONTENT - Y_AXIS - labelWidth(series.map((one) => one.name));
  const last = ns.at(-1)!;
  return {
    title: heading({
      title: options.title ?? "Best of N",
      subtitle: options.subtitle ?? "Gold reward of each scorer's first choice. Thin lines: single seeds.",
    }),
    description: `Mean gold reward of the completion ranked first among ${last}: ${series
      .map((one) => `${one.name} ${one.mean.at(-1)!.y.toPrecision(3)}`)
      .join("; ")}.`,
    ...linePanel(series, {
      width,
      height: 230,
      x: { domain: [ns[0]!, last === ns[0] ? last * 2 : last], ticks: ns, log: true },
      xTitle: "N, samples per prompt (logarithmic)",
      dots: true,
    }),
  };
}
