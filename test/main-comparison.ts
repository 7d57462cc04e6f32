import { type LaboratoryConfig, laboratory } from "../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../src/experiments/main-comparison/plan.ts";
import { type ExecutionProgress, execute } from "../src/pipeline/execute.ts";
import type { Pool } from "../src/pipeline/pool.ts";
import { openStore } from "../src/pipeline/store.ts";
import { collect, type SeedResult } from "../src/results/collect.ts";
import { storeRecords } from "../src/results/ledger.ts";
import { type Plan, seedPlan, wantedStages } from "../src/results/plan.ts";

/* The main comparison with any settings, in any run store. */

export const mainPlan = (config: LaboratoryConfig, seed: number): Plan =>
  mainComparisonPlan(laboratory(config, seed));

/** Trains the main comparison on every seed in the run store at `folder`, and collects its results. */
export async function runMain(
  config: LaboratoryConfig,
  seeds: readonly number[],
  folder: string,
  pool: Pool,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<SeedResult[]> {
  const store = openStore(folder);
  const plans = seeds.map((seed) => seedPlan(seed, mainPlan(config, seed)));
  await execute(store, plans.flatMap(wantedStages), pool, onProgress);
  return plans.map((planned) => collect(planned, storeRecords(store)));
}
