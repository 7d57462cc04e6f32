import { setTimeout } from "node:timers/promises";
import { cancel, isActive, queued, requireSlurm } from "./cluster/queue.ts";
import type { SlurmOptions } from "./cluster/slurm-options.ts";
import { heldResults } from "./cluster/stored.ts";
import { logOf, type NamedSubmission, readSubmission, submissionNames } from "./cluster/submission.ts";
import { type TaskState, taskStates } from "./cluster/task-states.ts";
import { tasksOf } from "./cluster/tasks.ts";
import { readUtf8 } from "./files/read-utf8.ts";
import { runStore } from "./files/repository.ts";
import { UsageError } from "./files/usage-error.ts";
import type { Stage } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { countText, submitArray } from "./submit-command.ts";

/* The commands `allroads jobs`, apart from its plan. Each prints what it found or did and returns an exit status. */

type Print = (text: string) => void;

/** Prints how far the tasks of a submission have come. */
export function jobsStatus(job: string | undefined, print: Print): number {
  const [store, submission, earlier] = chosenSubmission(job);
  const held = heldOf(store, submission);
  const states = taskStates(submission, held, queueOrSay(submission, print));
  const width = Math.max(...states.map(({ seed }) => String(seed).length));
  for (const { seed, held, total, words } of states)
    print(`seed ${String(seed).padStart(width)}  ${held} of ${total} stages  ${words}`);
  print(summary(states));
  if (job === undefined && earlier.length > 0)
    print(`Earlier submissions: ${earlier.map((one) => `--job ${one}`).join(", ")}.`);
  sayPlatforms(held, print);
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
function sayPlatforms(held: ReturnType<typeof heldOf>, print: Print): void {
  const platforms = new Set([...held.values()].flatMap(({ platform }) => platform ?? []));
  if (platforms.size < 2) return;
  print(
    `The results are of ${platforms.size} platforms (${[...platforms].join("; ")}), and the ledger is written on one: ` +
      "submit with --constraint.",
  );
}
