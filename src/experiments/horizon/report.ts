import type { TrendPoint } from "../../report/charts.ts";
import { estimateCell } from "../../report/estimate-text.ts";
import { estimatedPoints, measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { contrastId, contrastName, type Style } from "../../results/labels.ts";
import { measureNamed, stylesOf } from "../../results/measures.ts";
import { variantId } from "../../results/variants.ts";
import type { Estimate, Registration } from "../../verdicts/registration.ts";
import { clauseCounts, clausesVariant, horizons, horizonVariant } from "./plan.ts";

/*
 * What the notebook on horizons shows: everything by how far ahead a policy has to plan.
 */

/** What is lengthened, where, and what the ids of the arms and verifiers there end in. */
export interface HorizonAxis {
  readonly symbol: string;
  readonly title: string;
  readonly places: readonly number[];
  variant(place: number): string;
}

export const ringAxis: HorizonAxis = {
  symbol: "H",
  title: "H, steps of a walk",
  places: horizons,
  variant: horizonVariant,
};

export const clausesAxis: HorizonAxis = {
  symbol: "F",
  title: "F, most clauses of a summary",
  places: clauseCounts,
  variant: clausesVariant,
};

/** How the ways to train DPO's implicit reward look beside the reward model. */
export const scorerStyles: readonly Style[] = [
  { id: "global", name: "Global RM", colour: "#b03a00", ink: "#b03a00" },
  { id: "dpo", name: "DPO RM, 1 epoch", colour: "#3a9bdc", ink: "#1a78b5" },
  { id: "dpo@5 epochs", name: "DPO RM, 5 epochs", colour: "#005a9c", ink: "#005a9c" },
  { id: "dpo@trained as the RM", name: "DPO RM as the RM", colour: "#332288", ink: "#332288" },
];

/** A measure of some arms or verifiers along an axis. */
export function alongAxis(
  results: readonly SeedResult[],
  axis: HorizonAxis,
  metric: string,
  ids: readonly string[],
): TrendPoint[] {
  const places = ids.flatMap((series) =>
    axis.places.map((x) => ({ series, x, id: variantId(series, axis.variant(x)) })),
  );
  return measuredPoints(results, metric, places);
}

/** What an arm or a verifier is ahead of others along an axis, each series named by the other. */
export function gapsAlongAxis(
  results: readonly SeedResult[],
  axis: HorizonAxis,
  metric: string,
  treatment: string,
  controls: readonly string[],
): TrendPoint[] {
  const places = controls.flatMap((series) =>
    axis.places.map((x) => ({ series, x, estimate: gapAt(axis, x, metric, treatment, series) })),
  );
  return estimatedPoints(results, places);
}

/** The slope of a difference per doubling of an axis's number, as registrations put it. */
export function slopeAlongAxis(
  axis: HorizonAxis,
  metric: string,
  treatment: string,
  control: string,
): Estimate {
  const name = contrastName(contrastId(treatment, control), stylesOf(metric));
  return {
    metric,
    name: `Slope of ${name} per doubling of ${axis.symbol}`,
    scale: "log2",
    slope: axis.places.map((at) => ({
      at,
      treatment: variantId(treatment, axis.variant(at)),
      control: variantId(control, axis.variant(at)),
    })),
  };
}

/** A gap in one measure. */
export interface Gap {
  readonly metric: string;
  readonly treatment: string;
  readonly control: string;
}

/**
 * Several gaps at every place of an axis with their intervals, as rows of a table, shares in points; columns name the
 * measure where it is not the same for all.
 */
export function gapRowsAlongAxis(
  results: readonly SeedResult[],
  axis: HorizonAxis,
  gaps: readonly Gap[],
  interval: Registration["interval"],
): Record<string, string | number>[] {
  const oneMeasure = new Set(gaps.map(({ metric }) => metric)).size === 1;
  const heading = ({ metric, treatment, control }: Gap) => {
    const name = contrastName(contrastId(treatment, control), stylesOf(metric));
    return oneMeasure ? name : `${name}, ${measureNamed(metric).name}`;
  };
  return axis.places.map((place) => ({
    [axis.symbol]: place,
    ...Object.fromEntries(
      gaps.map((gap) => [
        heading(gap),
        estimateCell(results, gapAt(axis, place, gap.metric, gap.treatment, gap.control), interval),
      ]),
    ),
  }));
}

function gapAt(
  axis: HorizonAxis,
  place: number,
  metric: string,
  treatment: string,
  control: string,
): Estimate {
  const at = (id: string) => variantId(id, axis.variant(place));
  return { metric, treatment: at(treatment), control: at(control) };
}
