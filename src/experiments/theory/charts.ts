import { type Curve, curvesChart, meanOf } from "../../report/charts/curves.ts";
import { bandsByX, intervalNote, type Point } from "../../report/charts/intervals.ts";
import { verticalAxis, Y_AXIS } from "../../report/charts/lines.ts";
import { heading } from "../../report/charts/titles.ts";
import {
  decimals,
  groupBy,
  niceScale,
  requireNumbers,
  requireRows,
  shortNumber,
} from "../../report/charts/values.ts";
import { atBothWidths, type Layout } from "../../report/layout.ts";
import { HAIRLINE, QUIET, SMALL, textWidth, type VegaLiteSpec } from "../../report/theme.ts";
import { type ClassGap, type DataError, isomorphicSize, simpleSize } from "../../theory/class-size.ts";
import type { Probabilities } from "../../theory/counterexample.ts";
import type { Projection } from "../../theory/gaussians.ts";
import type { WalkComplexity } from "../../theory/walks.ts";

const ONLINE = { name: "RLHF", colour: "#b03a00" };
const OFFLINE = { name: "offline MLE", colour: "#005a9c", dash: [8, 3] };
const GAP = { name: "RLHF to offline", colour: "#666666" };

/** One line of points per draw. */
function lines<R extends { readonly draw: number }>(
  rows: readonly R[],
  x: (row: R) => number,
  y: (row: R) => number,
) {
  return [...groupBy(rows, ({ draw }) => draw).values()].map((own) =>
    own.map((row): Point => ({ x: x(row), y: y(row) })),
  );
}

const averaged = (style: Pick<Curve, "name" | "colour" | "dash">, draws: readonly Point[][]): Curve => ({
  ...style,
  points: meanOf(draws),
  band: bandsByX(draws.flat()),
});

const drawCount = (rows: readonly { readonly draw: number }[]) => new Set(rows.map(({ draw }) => draw)).size;

/** The curves' values at `x` in words, for a description. Throws if a curve has no point there. */
function valuesAt(curves: readonly Curve[], x: number): string {
  return curves
    .map(({ name, points }) => {
      const found = points.find((point) => point.x === x);
      if (found === undefined) throw new Error(`The curve "${name}" has no point at ${x}.`);
      return `${name} ${shortNumber(found.y)}`;
    })
    .join(", ");
}

/**
 * Total variation of the policies of RLHF and of offline maximum likelihood from each other, and from the true reward's
 * soft-optimal policy, by the size of the reward class. Throws if there are no rows.
 */
export function classSizeChart(rows: readonly ClassGap[]): VegaLiteSpec {
  requireRows("classSizeChart", "rows", rows);
  const size = ({ features }: ClassGap) => features;
  const curves = [
    averaged(
      GAP,
      lines(rows, size, ({ gap }) => gap),
    ),
    averaged(
      ONLINE,
      lines(rows, size, ({ rlhfError }) => rlhfError),
    ),
    averaged(
      OFFLINE,
      lines(rows, size, ({ offlineError }) => offlineError),
    ),
  ];
  const at = (features: number) => valuesAt(curves, features);
  return curvesChart([{ curves }], {
    title: "The two methods meet as the reward class grows",
    subtitle: `The true reward uses ${simpleSize} features; ${isomorphicSize} express every reward. ${intervalNote(drawCount(rows), "bands", "draws")}`,
    description: `Mean total variation with 1 feature: ${at(1)}; with ${simpleSize}: ${at(simpleSize)}; with ${isomorphicSize}: ${at(isomorphicSize)}.`,
    xTitle: "Features of the reward class",
    yTitle: "Total variation: from the true reward's policy, and between the two",
    ticks: [1, simpleSize, 7, 10, isomorphicSize],
    dots: true,
    height: 280,
  });
}

/**
 * The errors of RLHF and offline maximum likelihood by the number of comparisons, on a logarithmic axis. Rows with
 * infinitely many are not drawn. Throws if no row is left.
 */
export function dataChart(rows: readonly DataError[]): VegaLiteSpec {
  const drawn = rows.filter(({ times }) => Number.isFinite(times));
  requireRows("dataChart", "rows", drawn);
  const counts = [...new Set(drawn.map(({ times }) => times))].sort((a, b) => a - b);
  const curves = [
    averaged(
      { ...ONLINE, name: "RLHF, simple" },
      lines(
        drawn,
        ({ times }) => times,
        ({ rlhfError }) => rlhfError,
      ),
    ),
    averaged(
      OFFLINE,
      lines(
        drawn,
        ({ times }) => times,
        ({ offlineError }) => offlineError,
      ),
    ),
  ];
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return curvesChart([{ curves }], {
    title: "Fewer comparisons, larger gain from a simple reward",
    subtitle: `RLHF has the ${simpleSize} features of the true reward. ${intervalNote(drawCount(drawn), "bands", "draws")}`,
    description: `Mean total variation with ${fewest} comparison of every two completions: ${valuesAt(curves, fewest)}; with ${most}: ${valuesAt(curves, most)}.`,
    xTitle: "Comparisons of every two completions (logarithmic)",
    yTitle: "Total variation from the true reward's policy",
    ticks: counts,
    log: true,
    dots: true,
  });
}

/** RLHF's probabilities of the three completions of the partial-coverage example at one β. */
export interface CoverageRow {
  readonly beta: number;
  readonly probabilities: Probabilities;
}

/** RLHF's policy in the partial-coverage example by β, on a logarithmic axis. Throws if there are no rows. */
export function coverageChart(rows: readonly CoverageRow[]): VegaLiteSpec {
  requireRows("coverageChart", "rows", rows);
  const curve = (probability: (probabilities: Probabilities) => number) =>
    rows.map(({ beta, probabilities }) => ({ x: beta, y: probability(probabilities) }));
  const curves = [
    { name: "ξ1, preferred", colour: "#b03a00", points: curve(([first]) => first) },
    { name: "ξ2", colour: "#cc8400", ink: "#946000", dash: [8, 3], points: curve(([, second]) => second) },
    { name: "ξ3, unseen", colour: "#666666", points: curve(([, , unseen]) => unseen) },
  ];
  const betas = rows.map(({ beta }) => beta);
  const [least, most] = [Math.min(...betas), Math.max(...betas)];
  return curvesChart([{ curves }], {
    title: "RLHF without comparisons of ξ3",
    subtitle: "RLHF's policy never writes ξ3; with a small β it writes ξ1 only.",
    description: `Probabilities at β = ${least}: ${valuesAt(curves, least)}; at β = ${most}: ${valuesAt(curves, most)}.`,
    xTitle: "β, the weight of the KL (logarithmic)",
    yTitle: "Probability of each completion",
    ticks: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20].filter((tick) => tick >= least && tick <= most),
    log: true,
    format: "~g",
  });
}

/**
 * Leaves of the smallest trees of a reward and of its soft-optimal policy by horizon: one panel for the reward of ending
 * at a goal, one for the reward that grows with the final position. Throws if there are no rows.
 */
export function complexityChart(
  goal: readonly WalkComplexity[],
  slope: readonly WalkComplexity[],
  tolerance: number,
): VegaLiteSpec {
  requireRows("complexityChart", "goal", goal);
  requireRows("complexityChart", "slope", slope);
  const curves = (rows: readonly WalkComplexity[]): Curve[] => [
    {
      name: "policy",
      colour: "#b03a00",
      points: rows.map((row) => ({ x: row.horizon, y: row.policyLeaves })),
    },
    {
      name: "reward",
      colour: "#005a9c",
      dash: [8, 3],
      points: rows.map((row) => ({ x: row.horizon, y: row.rewardLeaves })),
    },
  ];
  const panels = [
    { title: "Leaves: reward for ending at a goal", curves: curves(goal) },
    { title: "Leaves: reward that grows with the final position", curves: curves(slope) },
  ];
  const last = Math.max(...goal.map(({ horizon }) => horizon));
  return curvesChart(panels, {
    title: "A simple reward can have a complex policy",
    subtitle: `Leaves of the smallest tree within ${tolerance} nats: of the reward, and of its policy's log π*.`,
    description: `Leaves at horizon ${last}. ${panels
      .map((panel) => `${panel.title}: ${valuesAt(panel.curves, last)}`)
      .join(". ")}.`,
    xTitle: "Horizon H, tokens",
    ticks: goal.map(({ horizon }) => horizon),
    dots: true,
    height: 170,
  });
}

const TARGET = { name: "target", colour: "#b5b5b5", ink: QUIET };
const FORWARD = { name: "forward KL", colour: "#005a9c", ink: "#005a9c", dash: [8, 3] };
const REVERSE = { name: "reverse KL", colour: "#b03a00", ink: "#b03a00", dash: [] as number[] };

/**
 * A target over ordered tokens, as an area, with its forward and reverse KL projections onto Gaussians as lines. Each
 * name is where its curve is highest above the others. Takes log-probabilities of the same tokens. Throws if one is not
 * finite.
 */
export function projectionsChart(
  target: readonly number[],
  forward: Projection,
  reverse: Projection,
): VegaLiteSpec {
  const points = (logps: readonly number[]) => logps.map((logp, token) => ({ x: token, y: Math.exp(logp) }));
  const rows = points(target);
  const curves = [
    { ...FORWARD, points: points(forward.logps) },
    { ...REVERSE, points: points(reverse.logps) },
  ];
  for (const some of [rows, ...curves.map((curve) => curve.points)])
    requireNumbers("projectionsChart", some, ["x", "y"]);
  const at = ({ centre, width: spread, divergence }: Projection) =>
    `centre ${decimals(centre, 1)}, width ${decimals(spread, 1)}, ${decimals(divergence, 3)} nats`;
  const text = {
    title: "Covering and seeking",
    subtitle: "A target with two modes, and the one Gaussian nearest to it by each divergence.",
    description: `Projections of a target with two modes onto Gaussians. Forward KL: ${at(forward)}. Reverse KL: ${at(reverse)}.`,
  };
  return atBothWidths((layout) => ({
    title: heading(text, layout),
    description: text.description,
    ...drawProjections(rows, curves, layout),
  }));
}

type ProjectionCurve = typeof FORWARD & { readonly points: readonly Point[] };

function drawProjections(rows: readonly Point[], curves: readonly ProjectionCurve[], layout: Layout): object {
  const width = layout.width - Y_AXIS - 12;
  const scale = niceScale(
    [0, ...rows.map(({ y }) => y), ...curves.flatMap((curve) => curve.points.map(({ y }) => y))],
    4,
  );
  const last = rows.length - 1;
  const ticks = niceScale([0, last], 6).ticks.filter((tick) => tick <= last);
  const x = {
    field: "x",
    type: "quantitative",
    scale: { domain: [0, last], nice: false },
    axis: { values: ticks, grid: false, title: "Token, in order", titleAnchor: "start" },
  };
  const y = {
    field: "y",
    type: "quantitative",
    scale: { domain: scale.domain, nice: false },
    axis: verticalAxis(scale.ticks, "Probability", width),
  };
  const named = [{ ...TARGET, points: rows }, ...curves];
  const labels = named.map(({ name, ink, points: own }) => {
    const others = named.filter((curve) => curve.points !== own);
    const { x, y } = own
      .map((point, token) => ({
        ...point,
        above: point.y - Math.max(...others.map((curve) => curve.points[token]!.y)),
      }))
      .reduce((highest, point) => (point.above > highest.above ? point : highest));
    const half = (textWidth(name, SMALL) / width) * last * 0.5;
    return { name, ink, x: Math.min(Math.max(x, half), last - half), y };
  });
  const short = (points: readonly Point[]) =>
    points.map((point) => ({ x: point.x, y: Number(point.y.toPrecision(4)) }));
  return {
    width,
    height: 260,
    layer: [
      {
        data: { values: short(rows) },
        mark: { type: "area", color: HAIRLINE, line: { color: TARGET.colour } },
        encoding: { x, y },
      },
      ...curves.map((curve) => ({
        data: { values: short(curve.points) },
        mark: { type: "line", strokeWidth: 2.4, strokeDash: curve.dash, color: curve.colour },
        encoding: { x, y },
      })),
      {
        data: { values: labels },
        mark: { type: "text", baseline: "bottom", dy: -5, fontSize: SMALL },
        encoding: {
          x,
          y,
          text: { field: "name", type: "nominal" },
          color: { field: "ink", type: "nominal", scale: null },
        },
      },
    ],
  };
}
