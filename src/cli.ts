import path from "node:path";
import { parseArgs } from "node:util";
import { experiments, experimentsOf, ledgerFolder, programmeStages, tune } from "./experiments/programme.ts";
import { runStore } from "./files/repository.ts";
import { execute } from "./pipeline/execute.ts";
import { bytesBelow, inventory, problems, remove } from "./pipeline/inventory.ts";
import { leftovers } from "./pipeline/leftovers.ts";
import { defaultPool } from "./pipeline/pool.ts";
import { duration, progressOn } from "./pipeline/progress.ts";
import { parents, type Stage, stageId, withAncestors } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { compareWithLedger, writeLedger } from "./results/ledger.ts";
import { type Preset, presetNamed, presets } from "./results/presets.ts";
import { lockRegistrations } from "./verdicts/registration-lock.ts";

/* The command `allroads`: trains the notebooks' experiments, looks after the run store and writes the ledger. */

const HELP = `allroads COMMAND [options]

  train          train and evaluate all registered experiments
    --preset NAME    ${presets.join(", ")} (default laptop)
    --only NAME      only this notebook; may be repeated
    --seed N         only this seed; may be repeated
  ledger         train the laptop preset, then write its records into data/results/laptop
    --only NAME      only this notebook; the records of others stay
  tune NAME      run what a notebook's settings are chosen from, and write its table into data/tuning
  runs list      every finished stage in the run store
  runs show ID   a stage's definition, provenance and parents
  runs verify    check every byte in the run store against its digest, and every id against its stage
  runs compare   compare the run store's records with the committed ledger, exactly
    --seed N         only this seed; may be repeated
  runs prune     remove what the present code and experiments do not use, and what killed runs left
    --dry-run        only list what would be removed

The run store is runs/ in the repository, or the folder in ALLROADS_RUNS.`;

type Print = (text: string) => void;

/** Runs `allroads` with these arguments and returns its exit status. Throws an error with a clear message otherwise. */
export async function cli(argv: readonly string[], print: Print = console.log): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      preset: { type: "string" },
      only: { type: "string", multiple: true },
      seed: { type: "string", multiple: true },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, action, id] = positionals;
  if (values.help || command === undefined) {
    print(HELP);
    return 0;
  }
  const only = values.only ?? experiments.map((one) => one.id);
  switch (command === "runs" ? `runs ${action}` : command) {
    case "train":
      return train(values.preset, only, seedsNamed(values.seed), print);
    case "ledger":
      return ledger(only, print);
    case "tune":
      return tuneExperiment(action ?? "", print);
    case "runs list":
      return listRuns(print);
    case "runs show":
      return showRun(id, print);
    case "runs verify":
      return verifyRuns(print);
    case "runs compare":
      return compareRuns(seedsNamed(values.seed), print);
    case "runs prune":
      return pruneRuns(values["dry-run"], print);
    default:
      throw new Error(`There is no command "${positionals.join(" ")}"; see allroads --help.`);
  }
}

/** The seeds that `--seed` names, or undefined for all. Throws if one is not a whole number from 0. */
function seedsNamed(given: readonly string[] | undefined): number[] | undefined {
  const wrong = given?.find((seed) => !/^\d+$/.test(seed));
  if (wrong !== undefined) throw new Error(`--seed must be a whole number from 0, not "${wrong}".`);
  return given?.map(Number);
}

/** The stages of some notebooks, of all seeds or of some. Throws if a seed has none. */
function stagesOf(only: readonly string[], preset: Preset, seeds: readonly number[] | undefined): Stage[] {
  const stages = programmeStages(only, preset);
  const unused = seeds?.find((seed) => !stages.some(({ setting }) => setting.seed === seed));
  if (unused !== undefined) throw new Error(`No experiment uses seed ${unused} at the preset ${preset}.`);
  return stages.filter(({ setting }) => seeds?.includes(setting.seed) ?? true);
}

async function train(
  preset: string | undefined,
  only: readonly string[],
  seeds: readonly number[] | undefined,
  print: Print,
): Promise<number> {
  const stages = stagesOf(only, presetNamed(preset), seeds);
  const [store, pool, started] = [openStore(runStore()), defaultPool(), performance.now()];
  const display = progressOn(process.stdout);
  await execute(store, stages, pool, display.update).finally(() => {
    display.end();
    return pool.close();
  });
  const count = withAncestors(stages).length;
  print(`${count} stages are in ${store.folder} (${duration((performance.now() - started) / 1000)}).`);
  return 0;
}

async function ledger(only: readonly string[], print: Print): Promise<number> {
  const folder = ledgerFolder();
  lockRegistrations(
    folder,
    experimentsOf(only).map((one) => one.id),
  );
  await train("laptop", only, undefined, print);
  const kept = programmeStages(
    experiments.map((one) => one.id),
    "laptop",
  );
  writeLedger(folder, programmeStages(only, "laptop"), openStore(runStore()), kept);
  print(`Wrote ${folder}.`);
  return 0;
}

async function tuneExperiment(id: string, print: Print): Promise<number> {
  const display = progressOn(process.stdout);
  await tune(id, display.update).finally(display.end);
  print(`Wrote data/tuning/${id}.json.`);
  return 0;
}

function listRuns(print: Print): number {
  for (const { id, manifest, bytes } of inventory(storeFolder())) {
    const { finished, seconds, device } = manifest?.provenance ?? {};
    const facts = finished ? [finished.slice(0, 16).replace("T", " "), `${seconds} s`, device] : ["damaged"];
    print([id, `${Math.ceil(bytes / 1024)} KB`, ...facts].join("  "));
  }
  return 0;
}

function showRun(id: string | undefined, print: Print): number {
  const found = inventory(storeFolder()).find((one) => one.id === id);
  if (found === undefined)
    throw new Error(`The run store ${runStore()} has no stage "${id ?? ""}"; see allroads runs list.`);
  if (found.manifest === undefined)
    throw new Error(`The stage "${found.id}" in the run store is damaged; see allroads runs verify.`);
  const { stage, provenance } = found.manifest;
  print(JSON.stringify({ id, provenance, parents: parents(stage).map(stageId), stage }, null, 2));
  return 0;
}

function verifyRuns(print: Print): number {
  const folder = storeFolder();
  const wrong = problems(folder);
  for (const { id, problem } of wrong)
    print(`${id} is damaged (${problem}): it will be set aside and computed again when it is needed.`);
  const count = inventory(folder).length;
  print(`${count - wrong.length} of ${count} stages are sound.`);
  return wrong.length > 0 ? 1 : 0;
}

function compareRuns(seeds: readonly number[] | undefined, print: Print): number {
  const ids = experiments.map((one) => one.id);
  const stages = stagesOf(ids, "laptop", seeds);
  const { equal, different, missing } = compareWithLedger(ledgerFolder(), stages, openStore(runStore()));
  for (const id of different) print(`${id} differs from the ledger.`);
  const total = equal.length + different.length + missing.length;
  print(
    `${equal.length} of ${total} records equal the ledger's, provenance apart; ${different.length} differ, ` +
      `${missing.length} are in only one of the two.`,
  );
  return different.length + missing.length > 0 ? 1 : 0;
}

async function pruneRuns(dry: boolean, print: Print): Promise<number> {
  const folder = storeFolder();
  const ids = experiments.map((one) => one.id);
  const used = new Set(presets.flatMap((preset) => withAncestors(programmeStages(ids, preset)).map(stageId)));
  const unused = inventory(folder).flatMap(({ id }) => (used.has(id) ? [] : [id]));
  const { unneeded, unfinished, running } = await leftovers(folder, (id) => used.has(id));
  const names = [...unused, ...unneeded];
  const bytes = names.reduce((sum, name) => sum + bytesBelow(path.join(folder, name)), 0);
  for (const name of names) print(name);
  const failed = dry ? [] : remove(folder, names);
  for (const { name, reason } of failed) print(`${name} could not be removed (${reason}).`);
  for (const id of unfinished) print(`${id} is kept: a later run continues it from its checkpoint.`);
  for (const id of running) print(`${id} is kept: a process is computing it.`);
  print(
    `${dry ? "Would remove" : "Removed"} ${unused.length} stages and ${unneeded.length} leftovers, ` +
      `${(bytes / 2 ** 20).toFixed(1)} MB.`,
  );
  return failed.length > 0 ? 1 : 0;
}

/** The folder of the run store, which is made if it is missing. */
function storeFolder(): string {
  return openStore(runStore()).folder;
}
