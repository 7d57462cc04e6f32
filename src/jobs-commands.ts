import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { cancel, isActive, queued, requireSlurm, submit } from "./cluster/queue.ts";
import { slurmScript } from "./cluster/script.ts";
import { limitSeconds, type SlurmOptions } from "./cluster/slurm-options.ts";
import { heldResults } from "./cluster/stored.ts";
import {
  forgetSubmission,
  logOf,
  makeSubmissionFolder,
  type NamedSubmission,
  readSubmission,
  submissionFolder,
  submissionName,
  submissionNames,
  writeSubmission,
} from "./cluster/submission.ts";
import { type TaskState, taskStates } from "./cluster/task-states.ts";
import { type Task, tasksOf } from "./cluster/tasks.ts";
import { arraySeconds, timedProgramme, togetherSeconds } from "./cluster/timing.ts";
import { ledgerFolder } from "./experiments/programme.ts";
import { writeFileAtomically } from "./files/atomic-write.ts";
import { readUtf8 } from "./files/read-utf8.ts";
import { repositoryRoot, runStore } from "./files/repository.ts";
import { UsageError } from "./files/usage-error.ts";
import { duration } from "./pipeline/progress.ts";
import type { Stage } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { ledgerRecords } from "./results/ledger.ts";

/* The commands `allroads train --on slurm` and `allroads jobs`. Each prints what it found or did and returns an exit status. */

type Print = (text: string) => void;

/** A part of the programme that is to be computed by Slurm. */
export interface Wanted {
  readonly preset: string;
  /** The names that --only gave. */
  readonly only: readonly string[];
  readonly stages: readonly Stage[];
}

/** Submits an array with a task per seed, the largest first; with `dry` only prints what would be submitted. */
export function submitTraining(wanted: Wanted, options: SlurmOptions, dry: boolean, print: Print): number {
  const tasks = tasksOf(wanted.stages);
  const store = openStore(runStore()).folder;
  const name = submissionName(wanted.preset, new Date());
  if (dry) {
    const script = scriptOf(store, { ...wanted, name, options }, tasks);
    for (const line of script.trimEnd().split("\n")) print(line);
    print("");
    print(sizeSentence(tasks, options));
    const timed = timedByLedger(wanted.stages);
    if (timed !== undefined)
      print(`By the ledger's times they compute ${hours(timed.seconds)} core-hours${estimatedText(timed)}.`);
    return 0;
  }
  requireSlurm("sbatch");
  makeSubmissionFolder(store, name);
  const { preset, only } = wanted;
  const blank = { name, preset, only: [...only], options, tasks, arrays: [] };
  try {
    submitArray(store, blank, tasks, print);
  } catch (error) {
    forgetSubmission(store, name);
    throw error;
  }
  print("How far they are: allroads jobs status. When they are done, collect with allroads ledger.");
  return 0;
}

/** Submits an array for some tasks of a submission, and notes it there. */
function submitArray(store: string, submission: NamedSubmission, tasks: readonly Task[], print: Print): void {
  const { name, options, arrays } = submission;
  const script = path.join(submissionFolder(store, name), `array-${arrays.length + 1}.sh`);
  writeFileAtomically(script, Buffer.from(scriptOf(store, submission, tasks)));
  const array = {
    job: submit(script),
    seeds: tasks.map(({ seed }) => seed),
    submitted: new Date().toISOString(),
  };
  writeSubmission(store, { ...submission, arrays: [...arrays, array] });
  print(`Submitted job ${array.job}. ${sizeSentence(tasks, options)}`);
}

function scriptOf(
  store: string,
  { name, preset, only, options }: Pick<NamedSubmission, "name" | "preset" | "only" | "options">,
  tasks: readonly Task[],
): string {
  const logs = submissionFolder(store, name);
  const node = options.node ?? process.execPath;
  return slurmScript({ tasks, preset, only, root: repositoryRoot(), store, logs, node }, options);
}

/** The size of an array: "2 tasks, one per seed, with 4 cores each and at most 4:00:00: at most 32 core-hours." */
function sizeSentence(tasks: readonly Task[], { cpus = "1", time, "max-jobs": most }: SlurmOptions): string {
  const cores = cpus === "1" ? "1 core each" : `${cpus} cores each`;
  const some = `${countText(tasks.length)}, one per seed, with ${cores}`;
  const atOnce = most === undefined ? "" : `, at most ${most} at a time`;
  if (time === undefined)
    return `${some}${atOnce}; the partition limits their time, so their core-hours are not known.`;
  const coreHours = hours(tasks.length * Number(cpus) * limitSeconds(time));
  return `${some}${atOnce}, for at most ${time}: at most ${coreHours} core-hours.`;
}

const countText = (tasks: number): string => `${tasks} ${tasks === 1 ? "task" : "tasks"}`;
const hours = (seconds: number): string => String(Number((seconds / 3600).toPrecision(3)));

/** Prints how far the tasks of a submission have come. */
export function jobsStatus(job: string | undefined, print: Print): number {
  const [store, submission, earlier] = chosenSubmission(job);
  const states = statesOf(store, submission, queueOrSay(submission, print));
  const width = Math.max(...states.map(({ seed }) => String(seed).length));
  for (const { seed, held, total, words } of states)
    print(`seed ${String(seed).padStart(width)}  ${held} of ${total} stages  ${words}`);
  print(summary(states));
  if (job === undefined && earlier.length > 0)
    print(`Earlier submissions: ${earlier.map((one) => `--job ${one}`).join(", ")}.`);
  sayPlatforms(store, submission, print);
  return 0;
}

/** Prints the log of the newest task for a seed. */
export function jobsLogs(seed: string | undefined, job: string | undefined, print: Print): number {
  const [store, submission] = chosenSubmission(job);
  const seeds = submission.tasks.map((task) => task.seed);
  if (seed === undefined || !seeds.includes(Number(seed)))
    throw new UsageError(
      `${seed === undefined ? "Name a seed" : `No task has seed "${seed}"`}: there are ${seeds.join(", ")}.`,
    );
  const log = logOf(store, submission, Number(seed))!;
  let text: string;
  try {
    text = readUtf8(log, MOST_LOG);
  } catch (error) {
    print(`${log} cannot be read (${(error as Error).message}): a task that waits has no log yet.`);
    return 1;
  }
  for (const line of text.trimEnd().split("\n")) print(line);
  return 0;
}

const MOST_LOG = 2 ** 24;

/** Cancels what waits or computes of a submission. */
export function jobsCancel(job: string | undefined, print: Print): number {
  const [, submission] = chosenSubmission(job);
  requireSlurm("scancel");
  const active = queued(jobsOf(submission)).filter(isActive);
  const jobs = [...new Set(active.map((task) => task.job))];
  if (jobs.length > 0) cancel(jobs);
  print(`Cancelled ${countText(active.length)}; allroads jobs retry submits what is missing.`);
  return 0;
}

/**
 * Submits the seeds of a submission of which the run store lacks stages of the present code and which are not in the
 * queue. `stagesOf` gives the stages of what was submitted; `changed` are options that replace those of the submission.
 */
export function jobsRetry(
  job: string | undefined,
  stagesOf: (submission: NamedSubmission) => readonly Stage[],
  changed: SlurmOptions,
  print: Print,
): number {
  const [store, submission] = chosenSubmission(job);
  requireSlurm("sbatch");
  const present = {
    ...submission,
    options: { ...submission.options, ...changed },
    tasks: tasksOf(stagesOf(submission)),
  };
  const states = statesOf(store, present, queued(jobsOf(submission)));
  const lacking = states.filter((one) => one.held < one.total && !one.isActive).map(({ seed }) => seed);
  if (lacking.length === 0) print("Nothing was submitted: every seed is done or in the queue.");
  else
    submitArray(
      store,
      present,
      present.tasks.filter(({ seed }) => lacking.includes(seed)),
      print,
    );
  return 0;
}

/** Waits until no task of a submission waits or computes. The exit status is 1 if stages are missing then. */
export async function jobsWait(job: string | undefined, print: Print): Promise<number> {
  const [store, submission] = chosenSubmission(job);
  requireSlurm("squeue");
  const said = new Set<string>();
  const sayOnce = (text: string) => {
    if (!said.has(text)) print(text);
    said.add(text);
  };
  for (let pause = 1; ; pause = Math.min(30, pause * 1.2)) {
    const queue = queueOrSay(submission, sayOnce);
    const states = statesOf(store, submission, queue);
    const isDone = states.every(({ held, total }) => held === total);
    if (isDone || (queue !== undefined && !states.some((one) => one.isActive))) {
      print(summary(states));
      return isDone ? 0 : 1;
    }
    await setTimeout(1000 * pause);
  }
}

/** Simulates how long some stages take on 2 to 512 workers, from the ledger's times. */
export function jobsPlan(stages: readonly Stage[], { cpus = "4" }: SlurmOptions, print: Print): number {
  const timed = timedByLedger(stages);
  if (timed === undefined)
    throw new UsageError("The ledger has no time of these stages: name experiments that it has.");
  const seeds = new Set(timed.seeds).size;
  print(
    `${timed.jobs.length} stages of ${seeds} seeds compute ${hours(timed.seconds)} core-hours by the ledger's times` +
      `${estimatedText(timed)}.`,
  );
  print(`workers  all in one pool  an array of tasks with ${cpus === "1" ? "1 core" : `${cpus} cores`}`);
  for (let workers = 2; workers <= 512; workers *= 2) {
    const array = arraySeconds(timed, workers, Number(cpus));
    print(
      `${String(workers).padStart(7)}  ${duration(togetherSeconds(timed, workers)).padStart(15)}  ` +
        `${array === undefined ? "too few" : duration(array)}`,
    );
  }
  return 0;
}

function timedByLedger(stages: readonly Stage[]) {
  const records = ledgerRecords(ledgerFolder());
  return timedProgramme(stages, (stage) => records(stage)?.provenance.seconds);
}

const estimatedText = ({ estimated }: { readonly estimated: number }) =>
  estimated > 0 ? `, of ${estimated} stages estimated from their size` : "";

/** The run store, the submission that a job's number names, else the newest, and a job of each other one. */
function chosenSubmission(job: string | undefined): [string, NamedSubmission, string[]] {
  const store = openStore(runStore()).folder;
  const all = submissionNames(store).map((name) => readSubmission(store, name));
  if (all.length === 0)
    throw new UsageError(`Nothing was submitted from the run store ${store}: see allroads train --on slurm.`);
  const chosen = job === undefined ? all[0] : all.find((one) => jobsOf(one).includes(job));
  const firsts = (some: readonly NamedSubmission[]) => some.flatMap((one) => jobsOf(one)[0] ?? []);
  if (chosen === undefined)
    throw new UsageError(`There is no job "${job}" in ${store}: there are ${firsts(all).join(", ")}.`);
  return [store, chosen, firsts(all.filter((one) => one !== chosen))];
}

const jobsOf = ({ arrays }: NamedSubmission) => arrays.map(({ job }) => job);

/** What Slurm says of a submission; undefined, and a sentence, if it cannot be asked. */
function queueOrSay(submission: NamedSubmission, print: Print) {
  try {
    return queued(jobsOf(submission));
  } catch (error) {
    print((error as Error).message);
    return undefined;
  }
}

const heldOf = (store: string, { tasks, options }: NamedSubmission) =>
  heldResults(store, tasks, options.gpus === undefined ? "cpu" : "cuda");

function statesOf(
  store: string,
  submission: NamedSubmission,
  queue: ReturnType<typeof queued> | undefined,
): TaskState[] {
  return taskStates(submission, heldOf(store, submission), queue);
}

function summary(states: readonly TaskState[]): string {
  const done = states.filter(({ held, total }) => held === total).length;
  const active = states.filter((one) => one.isActive).length;
  const rest = states.length - done - active;
  const retry = rest > 0 ? "; allroads jobs retry submits these" : "";
  return `${done} of ${states.length} seeds are done, ${active} in the queue, ${rest} neither${retry}.`;
}

/** Says if seeds were computed on several platforms, whose results no command puts together. */
function sayPlatforms(store: string, submission: NamedSubmission, print: Print): void {
  const platforms = new Set(
    [...heldOf(store, submission).values()].flatMap(({ platform }) => platform ?? []),
  );
  if (platforms.size < 2) return;
  print(
    `The results are of ${platforms.size} platforms (${[...platforms].join("; ")}), and the ledger is written on one: ` +
      "submit with --constraint.",
  );
}
