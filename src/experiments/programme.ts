import { runStore } from "../files/repository.ts";
import { UsageError } from "../files/usage-error.ts";
import { type ExecutionProgress, execute } from "../pipeline/execute.ts";
import { defaultPool } from "../pipeline/pool.ts";
import { definitionId, type Output, type Stage } from "../pipeline/stage.ts";
import { openStore } from "../pipeline/store.ts";
import { collect, type SeedResult } from "../results/collect.ts";
import { ledgerRows, type Recorded, type Records, storeRecords } from "../results/ledger.ts";
import { type SeedPlan, seedPlan, wantedStages } from "../results/plan.ts";
import type { Preset } from "../results/presets.ts";
import { unknownName } from "../text/nearest.ts";
import { readRegistration, testSeeds } from "../verdicts/read-registration.ts";
import { type Primary, primariesOf } from "../verdicts/registration.ts";
import { readSeal } from "../verdicts/seal.ts";
import type { Experiment } from "./experiment.ts";
import * as folders from "./index.ts";
import { meaningOf, numberOf } from "./names.ts";
import { fromLedger, HOW_TO_TRAIN, ledgerFolder, type SourceOptions } from "./results-source.ts";
import { announcement, trainingTime } from "./training-time.ts";
import { type Tuning, type TuningTable, tuningTable, writeTuning } from "./tuning.ts";

/** What a folder of experiments lists. */
type Folder = Partial<Readonly<Record<"experiments" | "running" | "superseded", readonly Experiment[]>>>;
const byId = (some: readonly Experiment[]) => [...some].sort((a, b) => (a.id < b.id ? -1 : 1));
const inOrder = (list: (folder: Folder) => readonly Experiment[] | undefined): Experiment[] =>
  byId(Object.values<Folder>(folders).flatMap((folder) => list(folder) ?? []));

/** The experiments that notebooks show, in order of id. */
export const experiments: readonly Experiment[] = inOrder((folder) => folder.experiments);
/** Registered experiments whose runs are under way: no notebook shows them yet. In order of id. */
export const running: readonly Experiment[] = inOrder((folder) => folder.running);
/** Experiments that better ones of the same questions have taken the place of. In order of id. */
export const superseded: readonly Experiment[] = inOrder((folder) => folder.superseded);
/** Every registered experiment. In order of id. */
export const registered: readonly Experiment[] = byId([...experiments, ...running, ...superseded]);

/** The experiment with this id. Throws if there is none. */
export function experimentNamed(id: string): Experiment {
  const found = registered.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("experiment", id, namesOf(registered)));
}

/**
 * The experiments that names stand for. A notebook, given by its name or the start of it, stands for those that it shows,
 * which have its number: none, if it trains nothing. The id of an experiment without a notebook of its own, and the file
 * of its registration, stand for that experiment. Throws if a name is neither.
 */
export function experimentsOf(names: readonly string[]): Experiment[] {
  const chosen = new Set(names.flatMap(experimentsNamed));
  return registered.filter((one) => chosen.has(one));
}

function experimentsNamed(given: string): Experiment[] {
  const meaning = meaningOf(given, namesOf(registered));
  if ("id" in meaning) return registered.filter(({ id }) => id === meaning.id);
  return experiments.filter(({ id }) => meaning.numbers.includes(numberOf(id)));
}

const namesOf = (some: readonly Experiment[]) => some.map(({ id }) => id);

/** The experiments whose runs are complete: their seals in the ledger hold rows and verdicts. */
export function completedExperiments(): Experiment[] {
  return registered.filter(({ id }) => readSeal(ledgerFolder(), id)?.rows !== undefined);
}

/** An experiment's plans on its registered seeds. Throws if it registers none at the preset. */
export function plansOf(experiment: Experiment | string, preset: Preset): SeedPlan[] {
  const { id, plan } = typeof experiment === "string" ? experimentNamed(experiment) : experiment;
  return testSeeds(id, preset).map((seed) => seedPlan(seed, plan(preset, seed)));
}

/** Every stage that the results of some experiments are read from. */
export function programmeStages(some: readonly Experiment[], preset: Preset): Stage[] {
  return some.flatMap((one) => plansOf(one, preset).flatMap(wantedStages));
}

/** The primary hypotheses of all experiments' registrations: one family, which is corrected for together. */
export function primaryHypotheses(): Primary[] {
  return registered.flatMap(({ id }) => primariesOf(readRegistration(id)));
}

/** An experiment's results on its registered seeds: from the ledger if `fromLedger` says so, or else as `runPlans`. */
export async function runExperiment(
  experiment: Experiment | string,
  preset: Preset,
  onProgress?: (progress: ExecutionProgress) => void,
  source: SourceOptions = {},
): Promise<SeedResult[]> {
  const plans = plansOf(experiment, preset);
  return fromLedger(preset, source) ? ledgerResults(plans) : runPlans(plans, onProgress);
}

/**
 * The results of plans from a ledger, with the digests of the rows that they were read from. Seeds that lack most of their
 * arms and scorers have not been run yet and are left out. Throws if that leaves none.
 */
export function ledgerResults(plans: readonly SeedPlan[], folder = ledgerFolder()): SeedResult[] {
  const rows = ledgerRows(folder);
  const records: Records = <O extends Output>(stage: Stage<O>) =>
    rows(stage)?.record as Recorded<O> | undefined;
  const results = plans.map((plan) => collect(plan, records, (stage) => rows(stage)?.sha256));
  const run = results.filter(({ arms, scorers, missing }) => missing.length <= arms.length + scorers.length);
  if (run.length > 0) return run;
  const [example] = plans.flatMap(({ evaluations }) => evaluations);
  throw new Error(
    `The ledger lacks most arms of ${plans.length === 1 ? "seed" : "seeds"} ` +
      `${plans.map(({ seed }) => seed).join(", ")}` +
      `${example === undefined ? "" : ` (for example ${example.label.name}, ${definitionId(example.stage)})`}: they ` +
      `are new, or their settings differ from the ledger's. Train them by ${HOW_TO_TRAIN}.`,
  );
}

/**
 * The results of plans. Trains and judges what the run store lacks; if that takes longer than a minute, `announce` is told
 * before it starts how long, and how to read results instead.
 */
export async function runPlans(
  plans: readonly SeedPlan[],
  onProgress?: (progress: ExecutionProgress) => void,
  announce: (text: string) => void = console.log,
): Promise<SeedResult[]> {
  const [store, pool] = [openStore(runStore()), defaultPool()];
  const announced = announcement(trainingTime(plans.flatMap(wantedStages), store, pool.size));
  if (announced !== undefined) announce(announced);
  await execute(store, plans.flatMap(wantedStages), pool, onProgress).finally(() => pool.close());
  const records = storeRecords(store);
  return plans.map((plan) => collect(plan, records));
}

/** Every tuning, by the name of its table in `data/tuning`: the experiments' own, and those that experiments share. */
export const tunings: Readonly<Record<string, Tuning>> = {
  ...Object.fromEntries(registered.flatMap(({ id, tuning }) => (tuning === undefined ? [] : [[id, tuning]]))),
  ...folders.tuned.tunings,
};

/** Runs a tuning in the run store and writes its table to `data/tuning`. Throws if there is none of this name. */
export async function tune(
  id: string,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<TuningTable> {
  const tuning = Object.hasOwn(tunings, id) ? tunings[id] : undefined;
  if (tuning === undefined) throw new UsageError(unknownName("tuning", id, Object.keys(tunings)));
  const plans = tuning.seeds.map((seed) => seedPlan(seed, tuning.plan(seed)));
  const table = tuningTable(id, await runPlans(plans, onProgress));
  writeTuning(id, table);
  return table;
}
