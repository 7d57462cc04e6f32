import path from "node:path";
import { requireSlurm, submit } from "./cluster/queue.ts";
import { slurmScript } from "./cluster/script.ts";
import { limitSeconds, type SlurmOptions } from "./cluster/slurm-options.ts";
import {
  forgetSubmission,
  makeSubmissionFolder,
  type NamedSubmission,
  submissionFolder,
  submissionName,
  writeSubmission,
} from "./cluster/submission.ts";
import { type Task, tasksOf } from "./cluster/tasks.ts";
import { writeFileAtomically } from "./files/atomic-write.ts";
import { repositoryRoot, runStore } from "./files/repository.ts";
import type { Stage } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { hours, timeByLedger } from "./plan-command.ts";

/* The command `allroads train --on slurm`. */

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
    const time = timeByLedger(wanted.stages);
    if (time !== undefined) print(`They compute ${time}.`);
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
export function submitArray(
  store: string,
  submission: NamedSubmission,
  tasks: readonly Task[],
  print: Print,
): void {
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

/** A number of tasks in words. */
export const countText = (tasks: number): string => `${tasks} ${tasks === 1 ? "task" : "tasks"}`;
