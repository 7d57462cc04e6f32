import { curvesChart } from "../../report/charts/curves.ts";
import { crossOf, drawsSingles, intervalNote } from "../../report/charts/intervals.ts";
import { decimals, niceScale } from "../../report/charts/values.ts";
import { trendChart } from "../../report/charts.ts";
import { dashOf } from "../../report/dashes.ts";
import { measuredValues } from "../../report/measured.ts";
import { measuredPoints } from "../../report/points.ts";
import type { VegaLiteSpec } from "../../report/theme.ts";
import type { SeedResult } from "../../results/collect.ts";
import { type Label, sameLabel } from "../../results/labels.ts";
import { measureNamed } from "../../results/measures.ts";
import { afterEpochs, epochGrid } from "./epochs.ts";

/** What a chart over epochs shows. */
interface OverEpochs {
  /** Arms without their epochs. */
  readonly arms: readonly Label[];
  readonly title: string;
}

/** The numbers of epochs after which a plan has this arm, from the fewest to the most. Throws if there are none. */
function epochsOf(results: readonly SeedResult[], series: Label): number[] {
  const planned = results.flatMap(({ arms, missing }) => [...arms.map(({ arm }) => arm), ...missing]);
  const epochs = epochGrid.filter((count) =>
    planned.some((label) => sameLabel(label, afterEpochs(series, count))),
  );
  if (epochs.length > 0) return epochs;
  throw new Error(`The plan has no arm "${series.name}" after ${epochGrid.join(", ")} epochs.`);
}

/** A measure of arms after each number of epochs, each a run of its own. Throws if a plan has no such arm. */
export function epochsChart(
  results: readonly SeedResult[],
  metric: string,
  { arms, title }: OverEpochs,
): VegaLiteSpec {
  const places = arms.flatMap((series) =>
    epochsOf(results, series).map((x) => ({ series, x, label: afterEpochs(series, x) })),
  );
  const { percent, axis } = axisOf(metric);
  return trendChart(measuredPoints(results, metric, places), {
    title,
    x: { title: "Epochs", scale: "log" },
    y: { title: axis, percent },
  });
}

/**
 * One measure of arms against another, a curve for each arm through its numbers of epochs from the fewest to the most. At
 * equal x the higher curve is the better road. Throws if a plan has no such arm.
 */
export function pathsChart(
  results: readonly SeedResult[],
  [xMetric, yMetric]: readonly [x: string, y: string],
  { arms, title }: OverEpochs,
): VegaLiteSpec {
  const [x, y] = [axisOf(xMetric), axisOf(yMetric)];
  const valuesAt = (metric: string, label: Label) =>
    new Map(measuredValues(results, metric, [label]).map(({ seed, value }) => [seed, value]));
  const curves = arms.flatMap((arm) => {
    const steps = epochsOf(results, arm)
      .map((count) => afterEpochs(arm, count))
      .map((label) => ({ xs: valuesAt(xMetric, label), ys: valuesAt(yMetric, label) }))
      .filter(({ xs }) => xs.size > 0);
    if (steps.length === 0) return [];
    const seedPoint = ({ xs, ys }: (typeof steps)[number], seed: number) => ({
      x: x.factor * (xs.get(seed) ?? Number.NaN),
      y: y.factor * (ys.get(seed) ?? Number.NaN),
    });
    const points = steps.map((step) => crossOf([...step.xs.keys()].map((seed) => seedPoint(step, seed))));
    return {
      ...{ name: arm.name, colour: arm.colour, ink: arm.ink, dash: dashOf(arm) },
      ...{ points, bars: points },
      draws: drawsSingles(results.length)
        ? results.map(({ seed }) => steps.map((step) => seedPoint(step, seed)))
        : [],
    };
  });
  const ends = curves.map(({ name, points }) => {
    const described = [points.at(0), points.at(-1)].map((end) =>
      end === undefined ? "" : `${decimals(end.y, 2)} at ${decimals(end.x, 2)}`,
    );
    return `${name} ${described.join(" to ")}`;
  });
  return curvesChart([{ curves }], {
    title,
    subtitle: `A point for each number of epochs, from ${epochGrid[0]} to ${epochGrid.at(-1)}. ${intervalNote(results.length, "bars")}`,
    description: `${y.text} by ${x.text}, from the fewest to the most epochs: ${ends.join("; ")}.`,
    xTitle: x.text,
    yTitle: y.text,
    ticks: niceScale(curves.flatMap(({ points }) => points.map((point) => point.x))).ticks,
    dots: true,
    height: 280,
  });
}

/** A measure's name on an axis, and what its values are multiplied by. */
function axisOf(metric: string) {
  const { name: lower, unit } = measureNamed(metric);
  const name = lower.charAt(0).toUpperCase() + lower.slice(1);
  const percent = unit === "share";
  const axis = unit === "share" || unit === "reward" ? name : `${name}, ${unit}`;
  return { percent, factor: percent ? 100 : 1, axis, text: percent ? `${axis}, %` : axis };
}
