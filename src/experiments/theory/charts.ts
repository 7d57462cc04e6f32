import { type Curve, curvesChart, meanOf } from "../../report/charts/curves.ts";
import { type Point, Y_AXIS } from "../../report/charts/lines.ts";
import { heading } from "../../report/charts/titles.ts";
import {
  decimals,
  groupBy,
  niceScale,
  requireNumbers,
  requireRows,
  shortNumber,
} from "../../report/charts/values.ts";
import { CONTENT, QUIET, SMALL, textWidth, type VegaLiteSpec } from "../../report/theme.ts";
import { type ClassGap, type DataError, isomorphicSize, simpleSize } from "../../theory/class-size.ts";
import type { Probabilities } from "../../theory/counterexample.ts";
import type { Projection } from "../../theory/gaussians.ts";
import type { WalkComplexity } from "../../theory/walks.ts";

const ONLINE = { name: "RLHF", colour: "#b03a00" };
const OFFLINE = { name: "offline MLE", colour: "#005a9c" };
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

const averaged = (style: { name: string; colour: string }, draws: readonly Point[][]): Curve => ({
  ...style,
  points: meanOf(draws),
  draws,
});

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
    title: "As the reward class grows",
    subtitle:
      "Total variation of each policy from the true reward's policy, and between the two. " +
      `The true reward uses the first ${simpleSize} features; ${isomorphicSize} express every reward. Thin: single draws.`,
    description: `Mean total variation with 1 feature: ${at(1)}; with ${simpleSize}: ${at(simpleSize)}; with ${isomorphicSize}: ${at(isomorphicSize)}.`,
    xTitle: "Features of the reward class",
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
    title: "As the number of comparisons grows",
    subtitle: `Total variation of each policy from the true reward's policy; RLHF with the ${simpleSize} features of the true reward. Thin: single draws.`,
    description: `Mean total variation with ${fewest} comparison of every two completions: ${valuesAt(curves, fewest)}; with ${most}: ${valuesAt(curves, most)}.`,
    xTitle: "Comparisons of every two completions (logarithmic)",
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
    { name: "ξ2", colour: "#cc8400", ink: "#946000", points: curve(([, second]) => second) },
    { name: "ξ3, unseen", colour: "#666666", points: curve(([, , unseen]) => unseen) },
  ];
  const betas = rows.map(({ beta }) => beta);
  const [least, most] = [Math.min(...betas), Math.max(...betas)];
  return curvesChart([{ curves }], {
    title: "RLHF without comparisons of ξ3",
    subtitle:
      "Probability of each completion under the policy that maximises expected reward less β times the KL to π_ref.",
    description: `Probabilities at β = ${least}: ${valuesAt(curves, least)}; at β = ${most}: ${valuesAt(curves, most)}.`,
    xTitle: "β, the weight of the KL (logarithmic)",
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
      points: rows.map((row) => ({ x: row.horizon, y: row.rewardLeaves })),
    },
  ];
  const panels = [
    { title: "Reward for ending at a goal", curves: curves(goal) },
    { title: "Reward that grows with the final position", curves: curves(slope) },
  ];
  const last = Math.max(...goal.map(({ horizon }) => horizon));
  return curvesChart(panels, {
    title: "Complexity against horizon",
    subtitle: `Leaves of the smallest tree within ${tolerance} nats: of the reward over the final position, and of log π* over time, position and step.`,
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
const FORWARD = { name: "forward KL", colour: "#005a9c", ink: "#005a9c" };
const REVERSE = { name: "reverse KL", colour: "#b03a00", ink: "#b03a00" };

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
  const width = CONTENT - Y_AXIS - 12;
  const scale = niceScale(
    [0, ...rows.map(({ y }) => y), ...curves.flatMap((curve) => curve.points.map(({ y }) => y))],
    4,
  );
  const last = target.length - 1;
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
    axis: { values: scale.ticks, ticks: false, title: null, minExtent: Y_AXIS, maxExtent: Y_AXIS },
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
  const colour = { field: "colour", type: "nominal", scale: null };
  const at = ({ centre, width: spread, divergence }: Projection) =>
    `centre ${decimals(centre, 1)}, width ${decimals(spread, 1)}, ${decimals(divergence, 3)} nats`;
  return {
    title: heading({
      title: "Covering and seeking",
      subtitle:
        "Probability of each token: a target with two modes, and the one Gaussian nearest to it by each divergence.",
    }),
    description: `Projections of a target with two modes onto Gaussians. Forward KL: ${at(forward)}. Reverse KL: ${at(reverse)}.`,
    width,
    height: 240,
    layer: [
      {
        data: { values: rows },
        mark: { type: "area", color: "#e4e4e4", line: { color: TARGET.colour } },
        encoding: { x, y },
      },
      {
        data: {
          values: curves.flatMap((curve) =>
            curve.points.map((point) => ({ ...point, colour: curve.colour })),
          ),
        },
        mark: { type: "line", strokeWidth: 2.4 },
        encoding: { x, y, color: colour },
      },
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
