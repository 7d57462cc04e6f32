import type { Projection } from "../../theory/gaussians.ts";
import { CONTENT, QUIET, SMALL, textWidth, type VegaLiteSpec } from "../theme.ts";
import { Y_AXIS } from "./lines.ts";
import { heading } from "./titles.ts";
import { decimals, niceScale, requireNumbers } from "./values.ts";

const TARGET = { name: "target", colour: "#b5b5b5", ink: QUIET };
const FORWARD = { name: "forward KL", colour: "#005a9c", ink: "#005a9c" };
const REVERSE = { name: "reverse KL", colour: "#b03a00", ink: "#b03a00" };

/**
 * A target over ordered tokens, filled, under its forward and its reverse KL projection onto Gaussians, each named
 * where it is highest above the others. The distributions are log-probabilities of the same tokens. Throws where one is not finite.
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
    const above = own.map(({ y }, token) => y - Math.max(...others.map((curve) => curve.points[token]!.y)));
    const { x, y } = own[above.indexOf(Math.max(...above))]!;
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
