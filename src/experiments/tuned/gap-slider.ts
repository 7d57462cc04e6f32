import { pairSliderChart } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import type { VegaLiteSpec } from "../../report/theme.ts";
import type { SeedResult } from "../../results/collect.ts";
import { type Label, sameLabel } from "../../results/labels.ts";
import { afterEpochs, epochGrid } from "./epochs.ts";

/** Options of `gapSliderChart`. */
export interface GapSliderOptions {
  /** The offline and the online arm without their epochs. */
  readonly offline: Label;
  readonly online: Label;
  /** The numbers of epochs, for both arms; those that an arm was not trained for are left out. */
  readonly epochs?: readonly number[];
  /** Epochs at which the sliders are at first, by default 1 and 1. */
  readonly start?: { readonly offline: number; readonly online: number };
  readonly title?: string;
}

/**
 * Win rates of an offline and an online arm by epochs, with a slider for each: the paired difference between any two
 * numbers of epochs, so that one sees the gap open and close. Throws if an arm has no results.
 */
export function gapSliderChart(
  results: readonly SeedResult[],
  { offline, online, epochs = epochGrid, start = { offline: 1, online: 1 }, title }: GapSliderOptions,
): VegaLiteSpec {
  const places = [online, offline].flatMap((series) =>
    epochs
      .map((x) => ({ series, x, label: afterEpochs(series, x) }))
      .filter(({ label }) => results.every(({ arms }) => arms.some(({ arm }) => sameLabel(arm, label)))),
  );
  return pairSliderChart(measuredPoints(results, "greedy-win-rate", places), {
    title: title ?? "The gap by epochs of both arms",
    pair: { treatment: online, control: offline },
    sliders: {
      control: { label: `Epochs of ${offline.name}`, start: start.offline },
      treatment: { label: `Epochs of ${online.name}`, start: start.online },
    },
    x: { title: "Epochs", scale: "log" },
    y: { title: "Win rate, greedy decoding", percent: true },
  });
}
