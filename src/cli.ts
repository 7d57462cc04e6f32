import path from "node:path";
import { auditRuns, compareRuns, repeatRuns } from "./audit-commands.ts";
import { commandOptions, siteOptions, slurmOptions } from "./cluster/slurm-options.ts";
import type { NamedSubmission } from "./cluster/submission.ts";
import { checkSubmittedTask } from "./cluster/tasks.ts";
import { parseCommand } from "./command-line.ts";
import { ALLROADS } from "./commands.ts";
import type { Experiment } from "./experiments/experiment.ts";
import {
  experiments,
  experimentsOf,
  programmeStages,
  registered,
  superseded,
  tune,
  tunings,
} from "./experiments/programme.ts";
import { updateReadme } from "./experiments/readme.ts";
import { ledgerFolder } from "./experiments/results-source.ts";
import { sealAfterRuns, sealBeforeRuns } from "./experiments/seals.ts";
import { readInstead, trainingTime, trainingTimeSentence } from "./experiments/training-time.ts";
import { runStore } from "./files/repository.ts";
import { UsageError } from "./files/usage-error.ts";
import { visibleLine } from "./files/visible-text.ts";
import { jobsCancel, jobsLogs, jobsRetry, jobsStatus, jobsWait } from "./jobs-commands.ts";
import { judgeArm } from "./judge-command.ts";
import { execute } from "./pipeline/execute.ts";
import { bytesBelow, inventory, problems, remove } from "./pipeline/inventory.ts";
import { leftovers } from "./pipeline/leftovers.ts";
import { defaultPool } from "./pipeline/pool.ts";
import { duration, progressOn } from "./pipeline/progress.ts";
import type { Stage } from "./pipeline/stage.ts";
import { inputsOf, stageId, withAncestors } from "./pipeline/stage-id.ts";
import { openStore } from "./pipeline/store.ts";
import { checkSubmittedCode } from "./pipeline/submitted-code.ts";
import { jobsPlan } from "./plan-command.ts";
import { writeLedger } from "./results/ledger.ts";
import { type Preset, presetNamed, presets } from "./results/presets.ts";
import { acceptCodeBecause, checkSealsOf, waitingSentence, writeSealsOf } from "./seal-commands.ts";
import { simulateInstrument } from "./simulate-command.ts";
import { submitTraining } from "./submit-command.ts";
import { unknownName } from "./text/nearest.ts";

/* The command `allroads`: trains the notebooks' experiments, looks after the run store and writes the ledger. */

type Print = (text: string) => void;

/**
 * Runs `allroads` with these arguments and returns its exit status. Each line goes to `print` with characters that are
 * not seen shown as escapes. Throws a UsageError if the command was called wrongly, and other errors as
 * `describeFailure` expects them.
 */
export async function cli(argv: readonly string[], print: Print = console.log): Promise<number> {
  const call = parseCommand(argv, ALLROADS);
  if ("help" in call) {
    print(call.help);
    return 0;
  }
  const { command, operand, options } = call;
  const printLine = (text: string) => print(visibleLine(text));
  const only = options.get("only");
  const seeds = options.get("seed")?.map(Number);
  const job = options.get("job")?.at(-1);
  switch (command) {
    case "setup":
      throw new UsageError("allroads setup is run as a command: type npx allroads setup.");
    case "train":
      return isOnSlurm(options)
        ? trainOnSlurm(options, seeds, printLine)
        : train(presetNamed(options.get("preset")?.at(-1)), only, seeds, printLine);
    case "jobs status":
      return jobsStatus(job, printLine);
    case "jobs logs":
      return jobsLogs(operand, job, printLine);
    case "jobs cancel":
      return jobsCancel(job, printLine);
    case "jobs retry":
      return jobsRetry(job, submittedStages, commandOptions(options), printLine);
    case "jobs wait":
      return jobsWait(job, printLine);
    case "jobs plan":
      return jobsPlan(stagesOf(only, "laptop", seeds), commandOptions(options), printLine);
    case "ledger":
      return ledger(only, seeds, printLine);
    case "tune":
      return tuneExperiment(operand, printLine);
    case "simulate":
      return simulateInstrument(printLine);
    case "readme":
      await updateReadme();
      return 0;
    case "judge":
      return judgeArm(operand, options, printLine);
    case "runs list":
      return listRuns(printLine);
    case "runs show":
      return showRun(operand, printLine);
    case "runs verify":
      return verifyRuns(printLine);
    case "runs compare":
      return compareRuns(stagesOf(undefined, "laptop", seeds), printLine);
    case "runs repeat":
      return repeatRuns(printLine);
    case "runs audit":
      return auditRuns(
        { stages: options.get("stages")?.at(-1), seed: seeds?.at(-1), store: options.get("store")?.at(-1) },
        printLine,
      );
    case "seals check":
      return checkSealsOf(only ? ids(ofLedger(only)) : ids([...experiments, ...superseded]), printLine);
    case "seals write":
      return writeSealsOf(ids(ofLedger(only)), options.get("reason")?.at(-1), printLine);
    case "seals accept":
      return acceptCodeBecause(options.get("reason")?.at(-1), printLine);
    default:
      return pruneRuns(options.has("dry-run"), printLine);
  }
}

const ids = (some: readonly { readonly id: string }[]) => some.map(({ id }) => id);

/** The stages of some experiments, default all, of all seeds or of some. Throws if a seed has none. */
function stagesOf(
  only: readonly string[] | undefined,
  preset: Preset,
  seeds: readonly number[] | undefined,
): Stage[] {
  const stages = programmeStages(only ? experimentsOf(only) : registered, preset);
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
  only: readonly string[] | undefined,
  seeds: readonly number[] | undefined,
  print: Print,
): Promise<number> {
  if (only && experimentsOf(only).length === 0) {
    print(`There is nothing to train: no registered experiment belongs to ${only.join(", ")}.`);
    return 0;
  }
  checkSubmittedCode();
  const stages = stagesOf(only, preset, seeds);
  checkSubmittedTask(stages);
  await compute(stages, print);
  return 0;
}

type Options = ReadonlyMap<string, readonly string[]>;

/** Whether --on names Slurm. Throws if it names something else, or is missing beside options that need it. */
function isOnSlurm(options: Options): boolean {
  const place = options.get("on")?.at(-1);
  if (place !== undefined && place !== "slurm") throw new UsageError(unknownName("place", place, ["slurm"]));
  const needing = [...slurmOptions, "dry-run"].find((name) => options.has(name));
  if (place === undefined && needing !== undefined)
    throw new UsageError(`--${needing} goes with --on slurm: add that, or leave --${needing} out.`);
  return place !== undefined;
}

function trainOnSlurm(options: Options, seeds: readonly number[] | undefined, print: Print): number {
  const [preset, only = []] = [presetNamed(options.get("preset")?.at(-1)), options.get("only")];
  const stages = stagesOf(only.length > 0 ? only : undefined, preset, seeds);
  if (stages.length === 0)
    throw new UsageError(
      `There is nothing to submit: no registered experiment belongs to ${only.join(", ")}.`,
    );
  const asked = { ...siteOptions(), ...commandOptions(options) };
  return submitTraining({ preset, only, stages }, asked, options.has("dry-run"), print);
}

/** The stages of what was submitted, by the experiments as they are now. */
function submittedStages({ preset, only, tasks }: NamedSubmission): Stage[] {
  const seeds = tasks.map(({ seed }) => seed);
  return stagesOf(only.length > 0 ? only : undefined, presetNamed(preset), seeds);
}

/** Computes stages with their ancestors, as far as the run store lacks them. */
async function compute(stages: readonly Stage[], print: Print): Promise<void> {
  const [store, pool, started] = [openStore(runStore()), defaultPool(), performance.now()];
  const time = trainingTime(stages, store, pool.size);
  if (time.left > 0) print(`${trainingTimeSentence(time)} ${readInstead}`);
  const display = progressOn(process.stdout);
  await execute(store, stages, pool, display.update).finally(() => {
    display.end();
    return pool.close();
  });
  const count = withAncestors(stages).length;
  print(`${count} stages are in ${store.folder} (${duration((performance.now() - started) / 1000)}).`);
}

/** The experiments of some notebooks, default all. Throws if they have none. */
function ofLedger(only: readonly string[] | undefined): readonly Experiment[] {
  if (only === undefined) return registered;
  const chosen = experimentsOf(only);
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `The ledger has no results of ${only.join(" or ")}: name a notebook with a registration.`,
  );
}

async function ledger(
  only: readonly string[] | undefined,
  seeds: readonly number[] | undefined,
  print: Print,
): Promise<number> {
  const chosen = ids(ofLedger(only));
  const stages = stagesOf(only, "laptop", seeds);
  const folder = ledgerFolder();
  sealBeforeRuns(chosen);
  await compute(stages, print);
  writeLedger(folder, stages, openStore(runStore()), programmeStages(registered, "laptop"));
  const others = chosen.length < registered.length ? "; the records of other experiments stayed" : "";
  print(`Wrote the ${withAncestors(stages).length} records of ${chosen.join(", ")} into ${folder}${others}.`);
  const { waiting, awaited = [] } = sealAfterRuns(chosen);
  for (const id of waiting) print(waitingSentence(id, awaited));
  const run = chosen.filter((id) => !waiting.includes(id));
  const status = run.length > 0 ? checkSealsOf(run, print) : 0;
  if (status > 0) print("If runs were repeated on purpose: allroads seals write --only NAME --reason TEXT.");
  return status;
}

async function tuneExperiment(id: string | undefined, print: Print): Promise<number> {
  const tuned = Object.keys(tunings);
  if (id === undefined) throw new UsageError(`Name what to tune: ${tuned.join(", ")}.`);
  if (!tuned.includes(id)) throw new UsageError(unknownName("tuning", id, tuned));
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
  if (id === undefined) throw new UsageError("Name a stage by its id: see allroads runs list.");
  const all = inventory(storeFolder());
  const found = all.find((one) => one.id === id);
  if (found === undefined)
    throw new UsageError(unknownName("stage", id, ids(all), "see allroads runs list."));
  if (found.manifest === undefined)
    throw new Error(`${id} in ${runStore()} is damaged: see allroads runs verify.`);
  const { stage, provenance } = found.manifest;
  const text = JSON.stringify({ id, provenance, inputs: inputsOf(stage).map(stageId), stage }, null, 2);
  for (const line of text.split("\n")) print(line);
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

async function pruneRuns(dry: boolean, print: Print): Promise<number> {
  const folder = storeFolder();
  const used = new Set(
    presets.flatMap((preset) => withAncestors(programmeStages(registered, preset)).map(stageId)),
  );
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
