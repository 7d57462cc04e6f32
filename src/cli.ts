import { parseArgs } from "node:util";
import { auditRuns } from "./audit-command.ts";
import { experiments, experimentsOf, ledgerFolder, programmeStages, tune } from "./experiments/programme.ts";
import { sealAfterRuns, sealBeforeRuns } from "./experiments/seals.ts";
import { runStore } from "./files/repository.ts";
import { execute } from "./pipeline/execute.ts";
import { damaged, inventory, remove, type StoredStage } from "./pipeline/inventory.ts";
import { defaultPool } from "./pipeline/pool.ts";
import { duration, progressOn } from "./pipeline/progress.ts";
import { parents, type Stage, stageId, withAncestors } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { compareWithLedger, writeLedger } from "./results/ledger.ts";
import { type Preset, presetNamed, presets } from "./results/presets.ts";
import { acceptCodeBecause, checkSealsOf, writeSealsOf } from "./seal-commands.ts";

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
  runs verify    check every file in the run store against its digest
  runs compare   compare the run store's records with the committed ledger, exactly
    --seed N         only this seed; may be repeated
  runs audit     train rows of the committed ledger again that are drawn at random, and compare
    --stages N       how many are drawn (default 3); their ancestors are compared too
    --seed N         draws the same rows again
    --store FOLDER   the run store to train in (default a temporary one)
  runs prune     remove what the present code and experiments do not use
    --dry-run        only list what would be removed

  seals check    recompute every verdict from the ledger and compare it, its rule, code, settings and rows with its seal
    --only NAME      only this notebook; may be repeated
  seals write    seal the registrations that have no seal
    --only NAME      only this notebook; may be repeated
    --reason TEXT    seal these again after they were run again, and log why
  seals accept   seal changed code of measures and verdicts if it gives the same numbers and verdicts
    --reason TEXT    what was changed; logged

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
      reason: { type: "string" },
      stages: { type: "string" },
      store: { type: "string" },
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
  switch (["runs", "seals"].includes(command) ? `${command} ${action}` : command) {
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
    case "runs audit":
      return auditRuns({ ...values, seed: values.seed?.at(-1) }, print);
    case "runs prune":
      return pruneRuns(values["dry-run"], print);
    case "seals check":
      return checkSealsOf(only, print);
    case "seals write":
      return writeSealsOf(only, values.reason, print);
    case "seals accept":
      return acceptCodeBecause(values.reason, print);
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
    pool.close();
  });
  const count = withAncestors(stages).length;
  print(`${count} stages are in ${store.folder} (${duration((performance.now() - started) / 1000)}).`);
  return 0;
}

async function ledger(only: readonly string[], print: Print): Promise<number> {
  const folder = ledgerFolder();
  const ids = experimentsOf(only).map((one) => one.id);
  sealBeforeRuns(ids);
  await train("laptop", only, undefined, print);
  const kept = programmeStages(
    experiments.map((one) => one.id),
    "laptop",
  );
  writeLedger(folder, programmeStages(only, "laptop"), openStore(runStore()), kept);
  print(`Wrote ${folder}.`);
  sealAfterRuns(ids);
  const status = checkSealsOf(only, print);
  if (status > 0) print("If runs were repeated on purpose: allroads seals write --only NAME --reason TEXT.");
  return status;
}

async function tuneExperiment(id: string, print: Print): Promise<number> {
  const display = progressOn(process.stdout);
  await tune(id, display.update).finally(display.end);
  print(`Wrote data/tuning/${id}.json.`);
  return 0;
}

function listRuns(print: Print): number {
  for (const { id, provenance, bytes } of stored()) {
    const facts = provenance
      ? [provenance.finished.slice(0, 16).replace("T", " "), `${provenance.seconds} s`, provenance.device]
      : ["not a stage"];
    print([id, `${Math.ceil(bytes / 1024)} KB`, ...facts].join("  "));
  }
  return 0;
}

function showRun(id: string | undefined, print: Print): number {
  const found = stored().find((one) => one.id === id);
  if (found?.stage === undefined) {
    throw new Error(`The run store ${runStore()} has no stage "${id ?? ""}"; see allroads runs list.`);
  }
  const { stage, provenance } = found;
  print(JSON.stringify({ id, provenance, parents: parents(stage).map(stageId), stage }, null, 2));
  return 0;
}

function verifyRuns(print: Print): number {
  const all = stored();
  const broken = damaged(runStore());
  for (const id of broken) print(`${id} is damaged: it will be computed again when it is needed.`);
  print(`${all.length - broken.length} of ${all.length} stages are sound.`);
  return broken.length > 0 ? 1 : 0;
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

function pruneRuns(dry: boolean, print: Print): number {
  const ids = experiments.map((one) => one.id);
  const used = new Set(presets.flatMap((preset) => withAncestors(programmeStages(ids, preset)).map(stageId)));
  const unused = stored().filter(({ id }) => !used.has(id));
  for (const { id } of unused) print(id);
  if (!dry)
    remove(
      runStore(),
      unused.map(({ id }) => id),
    );
  const megabytes = unused.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20;
  print(`${dry ? "Would remove" : "Removed"} ${unused.length} stages, ${megabytes.toFixed(1)} MB.`);
  return 0;
}

function stored(): StoredStage[] {
  return inventory(openStore(runStore()).folder);
}
