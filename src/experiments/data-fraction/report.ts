import { mean } from "../../evaluation/statistics.ts";
import type { TrendPoint } from "../../report/charts.ts";
import { estimateCell } from "../../report/estimate-text.ts";
import { estimatedPoints, measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { type Style, styleOf } from "../../results/labels.ts";
import { variantId } from "../../results/variants.ts";
import type { Estimate, Registration } from "../../verdicts/registration.ts";
import { dataFractions, type Equality, equalities, fractionVariant } from "./plan.ts";

/*
 * What the notebook on fractions of the data shows: everything by the number of preference posts.
 */

/** One part of the preference posts; the whole has the fraction 1. */
export interface Part {
  readonly fraction: number;
  readonly posts: number;
}

/** The fine-tuned arms of every part. */
export const fractionArms = ["dpo", "dpo-2x", "online-sft", "online-dpo"] as const;

/** How the two ways of keeping things equal look in charts. */
export const equalityStyles: readonly Style[] = [
  { id: "epochs", name: "equal epochs", colour: "#005a9c", ink: "#005a9c" },
  { id: "steps", name: "equal steps", colour: "#b03a00", ink: "#b03a00" },
];

/** The parts in order of size, the whole last. */
export function fractionPlaces(posts: number): Part[] {
  return [...dataFractions, 1].map((fraction) => ({ fraction, posts: Math.round(fraction * posts) }));
}

/** What an arm or verifier is called on a part. */
export function onPart(id: string, { fraction }: Part, equal: Equality): string {
  return fraction === 1 ? id : variantId(id, fractionVariant(fraction, equal));
}

/** A measure of some arms or verifiers by the number of posts. */
export function fractionPoints(
  results: readonly SeedResult[],
  parts: readonly Part[],
  equal: Equality,
  metric: string,
  ids: readonly string[],
): TrendPoint[] {
  const places = ids.flatMap((series) =>
    parts.map((part) => ({ series, x: part.posts, id: onPart(series, part, equal) })),
  );
  return measuredPoints(results, metric, places);
}

/** The registered gap, Online DPO (DPO) less DPO (2x), by the number of posts. */
export function gapPoints(results: readonly SeedResult[], parts: readonly Part[]): TrendPoint[] {
  const places = equalities.flatMap((series) =>
    parts.map((part) => ({ series, x: part.posts, estimate: policyGap(part, series) })),
  );
  return estimatedPoints(results, places);
}

/** Posts, pairs and optimiser steps of DPO on every part, averaged over seeds, as rows of a table. */
export function fractionRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
): Record<string, string | number>[] {
  const averaged = (value: (result: SeedResult) => number) => Math.round(mean(results.map(value)));
  const steps = ({ curves }: SeedResult, id: string) =>
    curves.find(({ arm }) => arm === id)!.rows.at(-1)!.step!;
  return parts.map((part) => {
    const fraction = `${Math.round(100 * part.fraction)} %`;
    return {
      fraction,
      posts: part.posts,
      pairs: averaged(({ pairs }) => pairs[fraction]!),
      ...Object.fromEntries(
        equalities.map((equal) => [
          `steps, equal ${equal}`,
          averaged((result) => steps(result, onPart("dpo", part, equal))),
        ]),
      ),
    };
  });
}

/** The verifiers of every part, the whole's last. */
export function fractionScorers(parts: readonly Part[]): string[] {
  const ids = equalities.flatMap((equal) =>
    parts.flatMap((part) => ["global", "dpo"].map((id) => onPart(id, part, equal))),
  );
  return [...new Set(ids)];
}

/** What training for as many steps as on all posts is worth, part by part and arm by arm, as rows of a table. */
export function stepsRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  interval: Registration["interval"],
): Record<string, string | number>[] {
  const control = (arm: string, part: Part) => onPart(arm, part, "epochs");
  return differenceRows(results, fractionsOf(parts), "steps", control, interval);
}

/** Every arm less SFT, part by part, as rows of a table. */
export function overSftRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  equal: Equality,
  interval: Registration["interval"],
): Record<string, string | number>[] {
  return differenceRows(results, parts, equal, () => "sft", interval);
}

function differenceRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  equal: Equality,
  control: (arm: string, part: Part) => string,
  interval: Registration["interval"],
): Record<string, string | number>[] {
  return parts.map((part) => ({
    posts: part.posts,
    ...Object.fromEntries(
      fractionArms.map((arm) => {
        const difference = { treatment: onPart(arm, part, equal), control: control(arm, part) };
        return [
          styleOf(arm).name,
          estimateCell(results, { metric: "greedy-win-rate", ...difference }, interval),
        ];
      }),
    ),
  }));
}

/** The slope of a difference of two arms' win rates per doubling of the posts. */
export function slopeEstimate(
  parts: readonly Part[],
  equal: Equality,
  treatment: string,
  control: string,
): Estimate {
  return {
    metric: "greedy-win-rate",
    name: `Slope of ${styleOf(treatment).name} − ${styleOf(control).name} per doubling of the pairs, equal ${equal}`,
    scale: "log2",
    slope: parts.map((part) => ({
      at: part.posts,
      treatment: onPart(treatment, part, equal),
      control: onPart(control, part, equal),
    })),
  };
}

/** The gap between verifiers and the gap between policies on every part, in points with intervals, as rows of a table. */
export function bothGapsRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  interval: Registration["interval"],
): Record<string, string | number>[] {
  return equalities.flatMap((equal) =>
    (equal === "epochs" ? parts : fractionsOf(parts)).map((part) => ({
      posts: part.posts,
      "kept equal": part.fraction === 1 ? "" : equal,
      "verification gap": estimateCell(results, verificationGap(part, equal), interval),
      "policy gap": estimateCell(results, policyGap(part, equal), interval),
    })),
  );
}

const fractionsOf = (parts: readonly Part[]) => parts.filter(({ fraction }) => fraction < 1);

const policyGap = (part: Part, equal: Equality): Estimate => ({
  metric: "greedy-win-rate",
  treatment: onPart("online-dpo", part, equal),
  control: onPart("dpo-2x", part, equal),
});

const verificationGap = (part: Part, equal: Equality): Estimate => ({
  metric: "accuracy",
  treatment: onPart("global", part, equal),
  control: onPart("dpo", part, equal),
});
