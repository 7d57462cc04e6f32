import { type Interval, mean, tInterval } from "../../evaluation/statistics.ts";
import { type Difference, type Label, sameLabel } from "../../results/labels.ts";
import { atBothWidths, type Layout } from "../layout.ts";
import { INK, PAPER, QUIET, SMALL, TEXT, type VegaLiteSpec, wrap } from "../theme.ts";
import { intervalNote, seedCount } from "./intervals.ts";
import { haloed, legendPanel } from "./legend.ts";
import { type BestOfN, type TrendOptions, type TrendPoint, trendSeries } from "./line-charts.ts";
import { panelAxis } from "./line-figure.ts";
import { linePanel, type Series, Y_AXIS } from "./lines.ts";
import { meanDot, rowPlaces, valueAxis } from "./rows.ts";
import { placeOf, type Slider, sliderParams } from "./sliders.ts";
import { heading, type Titles } from "./titles.ts";
import { decimals, niceScale, requireNumbers, requireRows, shortNumber } from "./values.ts";

/* Curves with sliders that choose points on them, and below them what the chosen points differ by. */

/** Options of `trendSliderChart`. */
export interface TrendSliderOptions extends TrendOptions {
  /** What the slider sets, with its unit, and where it is at first; by default the last place. */
  readonly slider: { readonly label: string; readonly start?: number };
  /** The differences that are shown at the chosen place. */
  readonly pairs: readonly Difference[];
}

/**
 * A trend with a slider over its places: all curves have a mark at the chosen place, and below them stand the paired
 * differences there with their 95 % t intervals. Throws as `trendChart`, and if no pair was measured on the same seeds.
 */
export function trendSliderChart(points: readonly TrendPoint[], options: TrendSliderOptions): VegaLiteSpec {
  const places = placesOf(points);
  const start = options.slider.start ?? places.at(-1) ?? Number.NaN;
  const slider: Slider = { name: "place", label: options.slider.label, places, start };
  const differences = options.pairs.flatMap((pair) =>
    places.flatMap((at) => paired(points, { ...pair, at: [at, at] }).map((one) => ({ ...one, at: [at] }))),
  );
  return movableChart("trendSliderChart", points, {
    ...options,
    sliders: [slider],
    follows: () => slider,
    differences,
  });
}

/**
 * Best-of-N curves with a slider for N, and the differences of pairs of scorers there. Throws as `trendSliderChart`.
 */
export function bestOfNSliderChart(
  rows: readonly BestOfN[],
  pairs: readonly Difference[],
  options: Titles = {},
): VegaLiteSpec {
  const points = rows.map(({ scorer, n, seed, value }) => ({ series: scorer, x: n, seed, value }));
  return trendSliderChart(points, {
    ...options,
    title: options.title ?? "Best of N",
    x: { title: "N, samples per prompt", scale: "log" },
    y: { title: "Gold reward of the first choice" },
    slider: { label: "N" },
    pairs,
  });
}

/** Options of `pairSliderChart`. */
export interface PairSliderOptions extends TrendOptions {
  readonly pair: Difference;
  /** The sliders of the treatment and the control. */
  readonly sliders: { readonly treatment: PairSlider; readonly control: PairSlider };
}

/** What a slider of `pairSliderChart` sets, with its unit, and where it is at first; by default the first place. */
export interface PairSlider {
  readonly label: string;
  readonly start?: number;
}

/**
 * Two curves with a slider each: what the treatment at one place differs from the control at another by, with its 95 % t
 * interval. Throws as `trendChart`, and if the two were not measured on the same seeds.
 */
export function pairSliderChart(points: readonly TrendPoint[], options: PairSliderOptions): VegaLiteSpec {
  const { treatment, control } = options.pair;
  const sliderOf = (name: "treatment" | "control"): Slider => {
    const places = placesOf(points.filter(({ series }) => sameLabel(series, options.pair[name])));
    const { label, start } = options.sliders[name];
    return { name, label, places, start: start ?? places.at(0) ?? Number.NaN };
  };
  const sliders = [sliderOf("treatment"), sliderOf("control")] as const;
  const differences = sliders[0].places.flatMap((one) =>
    sliders[1].places.flatMap((other) => paired(points, { treatment, control, at: [one, other] })),
  );
  return movableChart("pairSliderChart", points, {
    ...options,
    sliders,
    follows: (label) => sliders[Number(sameLabel(label, control))]!,
    differences,
  });
}

const placesOf = (points: readonly TrendPoint[]) =>
  [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);

/** A difference where the sliders stand at `at`. */
interface Chosen {
  readonly name: string;
  /** The arms that it compares. */
  readonly pair: string;
  readonly at: readonly number[];
  /** The means of the treatment and the control. */
  readonly terms: readonly number[];
  readonly mean: number;
  readonly interval: Interval | undefined;
}

/** The difference of two series at two places, over the seeds on which both were measured; empty if there is none. */
function paired(
  points: readonly TrendPoint[],
  { treatment, control, at }: Difference & { readonly at: readonly [number, number] },
): Chosen[] {
  const of = (label: Label, x: number) =>
    new Map(
      points
        .filter((point) => sameLabel(point.series, label) && point.x === x)
        .map(({ seed, value }) => [seed, value]),
    );
  const controls = of(control, at[1]);
  const differences = [...of(treatment, at[0])].flatMap(([seed, value]) => {
    const other = controls.get(seed);
    return other === undefined ? [] : [value - other];
  });
  if (differences.length === 0) return [];
  const interval = differences.length < 2 ? undefined : tInterval(differences);
  const terms = [of(treatment, at[0]), controls].map((values) => mean([...values.values()]));
  const [left, right] = [treatment, control].map(({ name }, side) => `${name} at ${shortNumber(at[side]!)}`);
  return [
    {
      name: `${left} − ${right}`,
      pair: `${treatment.id} ${control.id}`,
      at,
      terms,
      mean: mean(differences),
      interval,
    },
  ];
}

interface MovableOptions extends TrendOptions {
  readonly sliders: readonly Slider[];
  /** The slider that chooses a point of this curve. */
  readonly follows: (label: Label) => Slider;
  readonly differences: readonly Chosen[];
}

/** Room for a difference with its interval, in pixels. */
const NOTE = 170;

function movableChart(chart: string, points: readonly TrendPoint[], options: MovableOptions): VegaLiteSpec {
  const { x, y, sliders, follows } = options;
  requireRows(chart, "points", points);
  requireNumbers(chart, points, ["x", "seed", "value"]);
  requireRows(chart, "differences on the same seeds", options.differences);
  const factor = y.percent ? 100 : 1;
  const digits = y.percent ? 1 : 2;
  const unit = y.percent ? `${y.title}, %` : y.title;
  const series = trendSeries(points, factor);
  const number = (value: number) => decimals(factor * value, digits, true);
  const pairs = [...new Set(options.differences.map(({ pair }) => pair))];
  const inWords = ({ mean, interval }: Pick<Chosen, "mean" | "interval">) =>
    `${number(mean)}${interval ? ` [${number(interval.low)}, ${number(interval.high)}]` : ""}`;
  const rows = options.differences.map(({ name, pair, at, terms, mean, interval }) => ({
    name,
    terms: terms.map((term) => decimals(factor * term, digits)).join(" − "),
    note: inWords({ mean, interval }),
    x: factor * mean,
    low: factor * (interval?.low ?? mean),
    high: factor * (interval?.high ?? mean),
    y: pairs.indexOf(pair),
    colour: INK,
    ...Object.fromEntries(at.map((place, index) => [`at${index}`, place])),
  }));
  const seeds = seedCount(points);
  const shown = (one: Chosen) => sliders.every(({ start }, index) => one.at[index] === start);
  const started = options.differences.filter(shown).map((one) => `${one.name} ${inWords(one)}`);
  const where = sliders.map(({ label, start }) => `${label} ${shortNumber(start)}`).join(", ");
  const text = {
    title: options.title,
    subtitle: options.subtitle ?? `${intervalNote(seeds)} Below: the difference at the sliders' places.`,
    description: options.description ?? `${unit} by ${x.title}. At ${where}: ${started.join("; ")}.`,
  };
  const filter = sliders.map((slider, index) => `datum.at${index} === ${placeOf(slider)}`).join(" && ");
  const differenceTitle = `Difference${y.percent ? ", percentage points" : `: ${y.title}`}`;
  return atBothWidths((layout) => {
    const { width, axis } = panelAxis(layout, series, points, x.scale === "log");
    const panel = linePanel(series, {
      width,
      height: 240,
      x: axis,
      xTitle: x.scale === "log" ? `${x.title} (logarithmic)` : x.title,
      yTitle: unit,
      dots: true,
      named: !layout.narrow,
    });
    const marks = series.map((one) => chosenPoint(one, follows(one.label)));
    const rules = sliders.map((slider) => chosenPlace(slider, axis));
    return {
      title: heading(text, layout),
      description: text.description,
      params: sliderParams(sliders),
      spacing: 18,
      vconcat: [
        ...(layout.narrow ? [legendPanel(series, width)] : []),
        { ...panel, layer: [...rules, ...panel.layer, ...marks] },
        differencesPanel(rows, pairs.length, { filter, title: differenceTitle, few: seeds < 3 }, layout),
      ],
    };
  });
}

/** A vertical line at the place of a slider. */
function chosenPlace(
  slider: Slider,
  { domain, log }: { domain: readonly [number, number]; log?: boolean },
): object {
  return {
    data: { values: [{ at: 0 }] },
    transform: [{ calculate: placeOf(slider), as: "x" }],
    mark: { type: "rule", color: QUIET, strokeWidth: 1, strokeDash: [4, 3] },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        scale: { domain, nice: false, ...(log ? { type: "log" } : { zero: false }) },
      },
    },
  };
}

/** A large dot at the chosen point of a curve. */
function chosenPoint({ mean, colour }: Series, slider: Slider): object {
  const [x, y] = ["x", "y"].map((field) => ({ field, type: "quantitative" }));
  return {
    data: { values: mean.map(({ x, y }) => ({ x, y: Number(y.toPrecision(4)), colour })) },
    transform: [{ filter: `datum.x === ${placeOf(slider)}` }],
    mark: {
      type: "point",
      shape: "circle",
      size: 170,
      filled: true,
      opacity: 1,
      stroke: PAPER,
      strokeWidth: 2,
    },
    encoding: { x, y, fill: { field: "colour", type: "nominal", scale: null } },
  };
}

/** The differences at the chosen places, a row each, on an axis that does not move. */
function differencesPanel(
  rows: readonly { readonly x: number; readonly low: number; readonly high: number }[],
  count: number,
  { filter, title, few }: { readonly filter: string; readonly title: string; readonly few: boolean },
  layout: Layout,
): object {
  const width = layout.width - Y_AXIS - 14;
  const { domain, ticks } = niceScale(
    [0, ...rows.flatMap(({ x, low, high }) => (few ? [1.5 * x] : [x, low, high]))],
    layout.narrow ? 4 : 6,
  );
  const x = {
    field: "x",
    type: "quantitative",
    scale: { domain, nice: false, zero: false },
    axis: valueAxis(ticks, wrap(title, width, SMALL)),
  };
  const y = rowPlaces(count);
  const lines = layout.narrow ? 2 : 1;
  const row = 38 + 18 * lines;
  const above = (at: number) => 10 - row / 2 + 18 * at;
  const shift = Number(((18 * lines + 16) / row - 0.5).toFixed(3));
  const chosen = {
    data: { values: rows },
    transform: [{ filter }, { calculate: `datum.y + ${shift}`, as: "bar" }],
  };
  const bar = { ...y, field: "bar" };
  const colour = { field: "colour", type: "nominal", scale: null };
  const line = { type: "text", align: "left", baseline: "middle", fontSize: TEXT, color: INK };
  return {
    width,
    height: count * row,
    layer: [
      {
        // Beside the bars only, so that it does not cross the text above them.
        data: {
          values: Array.from({ length: count }, (_, at) => ({
            x: 0,
            bar: at + shift - 0.2,
            end: at + shift + 0.2,
          })),
        },
        mark: { type: "rule", color: INK, strokeWidth: 1.2 },
        encoding: { x, y: bar, y2: { field: "end" } },
      },
      {
        ...chosen,
        mark: { type: "rule", strokeWidth: 4, strokeCap: "round", clip: true },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y: bar, color: colour },
      },
      {
        ...chosen,
        mark: meanDot(),
        encoding: { x, y: bar, fill: colour },
      },
      ...haloed({
        ...chosen,
        mark: { ...line, dy: above(0) },
        encoding: { x: { value: 0 }, y, text: { field: "name", type: "nominal" } },
      }),
      ...haloed({
        ...chosen,
        mark: { ...line, dy: above(lines - 1), align: "right", fontWeight: 600 },
        encoding: { x: { value: width }, y, text: { field: "note", type: "nominal" } },
      }),
      ...haloed({
        ...chosen,
        mark: layout.narrow
          ? { ...line, dy: above(1) }
          : { ...line, dy: above(0), dx: -NOTE, align: "right" },
        encoding: { x: { value: layout.narrow ? 0 : width }, y, text: { field: "terms", type: "nominal" } },
      }),
    ],
  };
}
