import { type CommandShape, parseCommand } from "./command-line.ts";
import {
  experiments,
  experimentsOf,
  ledgerFolder,
  programmeStages,
  tune,
  tunedExperiments,
} from "./experiments/programme.ts";
import { updateReadme } from "./experiments/readme.ts";
import { runStore } from "./files/repository.ts";
import { UsageError } from "./files/usage-error.ts";
import { execute } from "./pipeline/execute.ts";
import { damaged, inventory, remove, type StoredStage } from "./pipeline/inventory.ts";
import { defaultPool } from "./pipeline/pool.ts";
import { duration, progressOn } from "./pipeline/progress.ts";
import { parents, type Stage, stageId, withAncestors } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { compareWithLedger, writeLedger } from "./results/ledger.ts";
import { type Preset, presets } from "./results/presets.ts";
import { unknownName } from "./text/nearest.ts";
import { visibleLine } from "./text/visible-text.ts";
import { lockRegistrations } from "./verdicts/registration-lock.ts";

/* The command `allroads`: trains the notebooks' experiments, looks after the run store and writes the ledger. */

const HELP = `allroads COMMAND [options]

  train          train and evaluate all registered experiments
    --preset NAME    ${presets.join(", ")} (default laptop)
    --only NAME      only the experiments of this notebook, given by its name or the start of it, or only this
                     experiment; may be repeated
    --seed N         only this seed; may be repeated
  ledger         train the laptop preset, then write its records into data/results/laptop
    --only NAME      only these, as above; the records of others stay
  tune NAME      run what an experiment's settings are chosen from, and write its table into data/tuning
  readme         write the ledger's results into README.md
  runs list      every finished stage in the run store
  runs show ID   a stage's definition, provenance and parents
  runs verify    check every file in the run store against its digest
  runs compare   compare the run store's records with the committed ledger, exactly
    --seed N         only this seed; may be repeated
  runs prune     remove what the present code and experiments do not use
    --dry-run        only list what would be removed

The run store is runs/ in the repository, or the folder in ALLROADS_RUNS.`;

const COMMANDS: Readonly<Record<string, CommandShape>> = {
  train: { options: { preset: "NAME", only: "NAME", seed: "N" } },
  ledger: { options: { only: "NAME" } },
  tune: { operand: "NAME" },
  readme: {},
  "runs list": {},
  "runs show": { operand: "ID" },
  "runs verify": {},
  "runs compare": { options: { seed: "N" } },
  "runs prune": { options: { "dry-run": undefined } },
};

type Print = (text: string) => void;

/**
 * Runs `allroads` with these arguments and returns its exit status. Each line goes to `print` with characters that are
 * not seen shown as escapes. Throws a UsageError if the command was called wrongly, and other errors as
 * `describeFailure` expects them.
 */
export async function cli(argv: readonly string[], print: Print = console.log): Promise<number> {
  const { command, operand, options } = parseCommand(argv, COMMANDS);
  const printLine = (text: string) => print(visibleLine(text));
  const only = options.get("only");
  const seeds = seedsNamed(options.get("seed"));
  switch (command) {
    case undefined:
      print(HELP);
      return 0;
    case "train":
      return train(presetOf(options.get("preset")), only, seeds, printLine);
    case "ledger":
      return ledger(only, printLine);
    case "tune":
      return tuneExperiment(operand, printLine);
    case "readme":
      process.env.ALLROADS_FROM_LEDGER = "1";
      await updateReadme();
      return 0;
    case "runs list":
      return listRuns(printLine);
    case "runs show":
      return showRun(operand, printLine);
    case "runs verify":
      return verifyRuns(printLine);
    case "runs compare":
      return compareRuns(seeds, printLine);
    default:
      return pruneRuns(options.has("dry-run"), printLine);
  }
}

/** The preset that `--preset` names last. Throws if there is none of that name. */
function presetOf(given: readonly string[] = []): Preset {
  const name = given.at(-1) ?? "laptop";
  const found = presets.find((preset) => preset === name);
  if (found === undefined) throw new UsageError(unknownName("preset", name, presets));
  return found;
}

/** The seeds that `--seed` names, or undefined for all. Throws if one is not a whole number from 0. */
function seedsNamed(given: readonly string[] | undefined): number[] | undefined {
  const wrong = given?.find((seed) => !/^\d{1,15}$/.test(seed));
  if (wrong !== undefined) throw new UsageError(`--seed is "${wrong}": give a whole number from 0.`);
  return given?.map(Number);
}

const ids = (some: readonly { readonly id: string }[]) => some.map(({ id }) => id);
const ALL = ids(experiments);

/** The stages of some experiments, of all seeds or of some. Throws if a seed has none. */
function stagesOf(only: readonly string[], preset: Preset, seeds: readonly number[] | undefined): Stage[] {
  const stages = programmeStages(only, preset);
  const unused = seeds?.find((seed) => !stages.some(({ setting }) => setting.seed === seed));
  if (unused !== undefined) {
    const used = [...new Set(stages.map(({ setting }) => setting.seed))].sort((a, b) => a - b);
    throw new UsageError(
      `No experiment uses seed ${unused} at the preset ${preset}: there are ${used.join(", ")}.`,
    );
  }
  return stages.filter(({ setting }) => seeds?.includes(setting.seed) ?? true);
}

async function train(
  preset: Preset,
  only: readonly string[] = ALL,
  seeds: readonly number[] | undefined,
  print: Print,
): Promise<number> {
  if (experimentsOf(only).length === 0) {
    print(`There is nothing to train: no registered experiment belongs to ${only.join(", ")}.`);
    return 0;
  }
  await compute(stagesOf(only, preset, seeds), print);
  return 0;
}

/** Computes stages with their ancestors, as far as the run store lacks them. */
async function compute(stages: readonly Stage[], print: Print): Promise<void> {
  const [store, pool, started] = [openStore(runStore()), defaultPool(), performance.now()];
  const display = progressOn(process.stdout);
  await execute(store, stages, pool, display.update).finally(() => {
    display.end();
    pool.close();
  });
  const count = withAncestors(stages).length;
  print(`${count} stages are in ${store.folder} (${duration((performance.now() - started) / 1000)}).`);
}

async function ledger(only: readonly string[] = ALL, print: Print): Promise<number> {
  const chosen = ids(experimentsOf(only));
  if (chosen.length === 0)
    throw new UsageError(
      `The ledger has no results of ${only.join(" or ")}: name a notebook with a registration.`,
    );
  const stages = programmeStages(chosen, "laptop");
  const folder = ledgerFolder();
  lockRegistrations(folder, chosen);
  await compute(stages, print);
  writeLedger(folder, stages, openStore(runStore()), programmeStages(ALL, "laptop"));
  const others = chosen.length < ALL.length ? "; the records of other experiments stayed" : "";
  print(`Wrote the ${withAncestors(stages).length} records of ${chosen.join(", ")} into ${folder}${others}.`);
  return 0;
}

async function tuneExperiment(id: string | undefined, print: Print): Promise<number> {
  const tuned = ids(tunedExperiments());
  if (id === undefined) throw new UsageError(`Name what to tune: ${tuned.join(", ")}.`);
  if (!tuned.includes(id)) throw new UsageError(unknownName("tuning", id, tuned));
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
  if (id === undefined) throw new UsageError("Name a stage by its id: see allroads runs list.");
  const all = stored();
  const found = all.find((one) => one.id === id);
  if (found === undefined)
    throw new UsageError(unknownName("stage", id, ids(all), "see allroads runs list."));
  const { stage, provenance } = found;
  if (stage === undefined) throw new Error(`${id} in ${runStore()} is no stage: see allroads runs verify.`);
  const text = JSON.stringify({ id, provenance, parents: parents(stage).map(stageId), stage }, null, 2);
  for (const line of text.split("\n")) print(line);
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
  const stages = stagesOf(ALL, "laptop", seeds);
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
  const used = new Set(presets.flatMap((preset) => withAncestors(programmeStages(ALL, preset)).map(stageId)));
  const unused = stored().filter(({ id }) => !used.has(id));
  for (const { id } of unused) print(id);
  if (!dry) remove(runStore(), ids(unused));
  const megabytes = unused.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20;
  print(`${dry ? "Would remove" : "Removed"} ${unused.length} stages, ${megabytes.toFixed(1)} MB.`);
  return 0;
}

function stored(): StoredStage[] {
  return inventory(openStore(runStore()).folder);
}
