import path from "node:path";
import { repositoryRoot, runStore } from "../files/repository.ts";
import type { ExecutionProgress } from "../pipeline/execute.ts";
import { defaultPool } from "../pipeline/pool.ts";
import type { Stage } from "../pipeline/stage.ts";
import { collect, type Plan, type SeedResult, trainPlans, wantedStages } from "../results/collect.ts";
import { ledgerRecords, type Records, storeRecords } from "../results/ledger.ts";
import type { Preset } from "../results/presets.ts";
import { testSeeds } from "../verdicts/registration.ts";
import { dataFractionPlan } from "./data-fraction/plan.ts";
import { dataPlan } from "./data-width/plan.ts";
import { generalisationPlan, generalisationTuning } from "./generalisation/plan.ts";
import { clausesPlan, ringPlan } from "./horizon/plan.ts";
import { type Laboratory, laboratory } from "./laboratory.ts";
import { mainComparisonPlan } from "./main-comparison/plan.ts";
import { onPolicyFeedbackPlan } from "./on-policy-feedback/plan.ts";
import { optimisationPlan } from "./optimisation/plan.ts";
import { properLearningPlan } from "./proper-learning/plan.ts";
import { regularisationPlan } from "./regularisation/plan.ts";
import { rewardModelSizePlan, rewardModelSizeTuning } from "./reward-model-size/plan.ts";
import { rougeLPlan, rougeLTuning } from "./rouge-l/plan.ts";
import { keyEnvConfig } from "./settings.ts";
import { type Tuning, type TuningTable, tuningTable, writeTuning } from "./tuning.ts";
import { twoWordsPlan, twoWordsTuning } from "./two-words/plan.ts";

/** What a notebook trains and judges on one seed. */
export type Design = (preset: Preset, seed: number) => Plan;

/** The design that makes a plan in the main comparison's environment. */
const inKeyEnv =
  (plan: (lab: Laboratory) => Plan): Design =>
  (preset, seed) =>
    plan(laboratory(keyEnvConfig(preset), seed));

const mainComparison = inKeyEnv(mainComparisonPlan);

/** The designs by their registrations' names, which begin with the number of the notebook that shows them. */
export const designs: Readonly<Record<string, Design>> = {
  "01-main-comparison": mainComparison,
  "01-replication": mainComparison,
  "03-h1-on-policy-feedback": inKeyEnv(onPolicyFeedbackPlan),
  "04-h2-regularisation": inKeyEnv(regularisationPlan),
  "05-h3-optimisation": inKeyEnv(optimisationPlan),
  "06-h4-data": inKeyEnv(dataPlan),
  "07-h5-generalisation": inKeyEnv(generalisationPlan),
  "08-h6-proper-learning": properLearningPlan,
  "09-ablation-rm-size": inKeyEnv(rewardModelSizePlan),
  "10-ablation-two-words": twoWordsPlan,
  "10-replication": twoWordsPlan,
  "11-ablation-rouge-l": rougeLPlan,
  "12-ablation-data-fraction": inKeyEnv(dataFractionPlan),
  "13-horizon": ringPlan,
  "13-horizon-clauses": clausesPlan,
};

/** What notebooks' settings were chosen from, by the notebooks' names. */
export const tunings: Readonly<Record<string, Tuning>> = {
  "07-h5-generalisation": generalisationTuning,
  "09-ablation-rm-size": rewardModelSizeTuning,
  "10-ablation-two-words": twoWordsTuning,
  "11-ablation-rouge-l": rougeLTuning,
};

/** Runs a notebook's tuning in the run store and writes its table to `data/tuning`. Throws where it has none. */
export async function tune(
  id: string,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<TuningTable> {
  const tuning = tunings[id];
  if (tuning === undefined) {
    throw new Error(`There is no tuning "${id}"; there are ${Object.keys(tunings).join(", ")}.`);
  }
  const results = await runPlans(new Map(tuning.seeds.map((seed) => [seed, tuning.plan(seed)])), onProgress);
  const table = tuningTable(id, results);
  writeTuning(id, table);
  return table;
}

/** The plans of a notebook on its registered seeds. Throws where there is no such design or registration. */
export function plansOf(id: string, preset: Preset): ReadonlyMap<number, Plan> {
  const design = designs[id];
  if (design === undefined) {
    throw new Error(`There is no design "${id}"; there are ${Object.keys(designs).join(", ")}.`);
  }
  return new Map(testSeeds(id, preset).map((seed) => [seed, design(preset, seed)]));
}

/** Every stage that some notebooks' results are read from, at a preset; notebooks without a design have none. */
export function programmeStages(notebooks: readonly string[], preset: Preset): Stage[] {
  return designsOf(notebooks).flatMap((id) => [...plansOf(id, preset).values()].flatMap(wantedStages));
}

/** The designs that some notebooks show: those with the same number. */
export function designsOf(notebooks: readonly string[]): string[] {
  const numbers = new Set(notebooks.map(numberOf));
  return Object.keys(designs).filter((id) => numbers.has(numberOf(id)));
}

const numberOf = (id: string) => id.slice(0, id.indexOf("-"));

/** Where the committed results of the laptop preset are. */
export function ledgerFolder(): string {
  return path.join(repositoryRoot(), "data", "results", "laptop");
}

/** Whether results are to be read from the ledger: `ALLROADS_FROM_LEDGER` is set and not empty. */
export function fromLedger(): boolean {
  return Boolean(process.env.ALLROADS_FROM_LEDGER);
}

/**
 * A notebook's results on its registered seeds: trained and evaluated, with what the run store holds already re-used;
 * or, where the ledger is asked for, read from there. Throws where the ledger is asked for at another preset.
 */
export async function runExperiment(
  id: string,
  preset: Preset,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<SeedResult[]> {
  const plans = plansOf(id, preset);
  if (!fromLedger()) return runPlans(plans, onProgress);
  if (preset !== "laptop") {
    throw new Error(`The ledger holds the laptop preset, not ${preset}: leave out one of the two.`);
  }
  return collectAll(plans, ledgerRecords(ledgerFolder()));
}

/** Results of any plans by seed, trained and evaluated in the run store. */
export async function runPlans(
  plans: ReadonlyMap<number, Plan>,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<SeedResult[]> {
  const [store, pool] = [runStore(), defaultPool()];
  await trainPlans([...plans.values()], store, pool, onProgress).finally(() => pool.close());
  return collectAll(plans, storeRecords(store));
}

function collectAll(plans: ReadonlyMap<number, Plan>, records: Records): SeedResult[] {
  return [...plans].map(([seed, plan]) => collect(seed, plan, records));
}
