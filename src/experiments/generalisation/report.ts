import type { TrendPoint } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { afterEpochs } from "../tuned/epochs.ts";
import { rewardModelKinds } from "../tuned/reward-models.ts";
import { ladderEpochs } from "./ladder.ts";

/** A measure of every kind of reward model by its epochs. */
export function ladderPoints(results: readonly SeedResult[], metric: string): TrendPoint[] {
  const places = rewardModelKinds.flatMap(({ label: series }) =>
    ladderEpochs.map((x) => ({ series, x, label: afterEpochs(series, x) })),
  );
  return measuredPoints(results, metric, places);
}
