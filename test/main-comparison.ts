import { type LaboratoryConfig, laboratory } from "../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../src/experiments/main-comparison/plan.ts";
import type { ExecutionProgress } from "../src/pipeline/execute.ts";
import type { Pool } from "../src/pipeline/pool.ts";
import { collect, type Plan, type SeedResult, trainPlans } from "../src/results/collect.ts";
import { storeRecords } from "../src/results/ledger.ts";

/* The main comparison in any store, for tests of what experiments are made of. */

export const mainPlan = (config: LaboratoryConfig, seed: number): Plan =>
  mainComparisonPlan(laboratory(config, seed));

/** Trains the main comparison on every seed and reads its results. */
export async function runMain(
  config: LaboratoryConfig,
  seeds: readonly number[],
  store: string,
  pool: Pool,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<SeedResult[]> {
  const plans = seeds.map((seed) => mainPlan(config, seed));
  await trainPlans(plans, store, pool, onProgress);
  return plans.map((plan, index) => collect(seeds[index]!, plan, storeRecords(store)));
}
