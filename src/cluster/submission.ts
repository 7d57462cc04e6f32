import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { makeFolder, writeFileAtomically } from "../files/atomic-write.ts";
import { validated } from "../files/data-files.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import type { SlurmOptions } from "./slurm-options.ts";
import type { Task } from "./tasks.ts";

/*
 * What was submitted is remembered in the run store, in a folder per submission below `.jobs`: submission.json, the
 * scripts, and the logs of the tasks.
 */

const JOBS = ".jobs";
const RECORD = "submission.json";
const MOST_BYTES = 2 ** 26;

const schema = z.object({
  preset: z.string(),
  only: z.array(z.string()),
  options: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  tasks: z.array(z.object({ seed: z.int(), results: z.array(z.string()), cost: z.number() })),
  arrays: z.array(
    z.object({ job: z.string().regex(/^\d+$/), seeds: z.array(z.int()), submitted: z.string() }),
  ),
});

/** What was asked for, with the task of each seed. */
export interface Submission {
  readonly preset: string;
  /** The names that --only gave. */
  readonly only: readonly string[];
  readonly options: SlurmOptions;
  readonly tasks: readonly Task[];
  /** The arrays of jobs, the oldest first. The index of a task is the place of its seed. */
  readonly arrays: readonly {
    readonly job: string;
    readonly seeds: readonly number[];
    readonly submitted: string;
  }[];
}

/** A submission with its name, which is that of its folder. */
export type NamedSubmission = Submission & { readonly name: string };

/** The folder of a submission. */
export function submissionFolder(store: string, name: string): string {
  return path.join(store, JOBS, name);
}

/** A name for what is submitted now: the time, then the preset. Later names come later in order. */
export function submissionName(preset: string, now: Date): string {
  return `${now.toISOString().replaceAll(/[-:]|\.\d+Z/g, "")}-${preset}`;
}

/** Makes the folder of a new submission. Throws if it exists. */
export function makeSubmissionFolder(store: string, name: string): string {
  const folder = submissionFolder(store, name);
  if (existsSync(folder)) throw new Error(`${folder} exists already: submit again in a second.`);
  makeFolder(folder);
  return folder;
}

/** Writes a submission's record. */
export function writeSubmission(store: string, { name, ...record }: NamedSubmission): void {
  const file = path.join(submissionFolder(store, name), RECORD);
  writeFileAtomically(file, Buffer.from(`${JSON.stringify(record, null, 1)}\n`));
}

/** Removes the folder of a submission that came to nothing. */
export function forgetSubmission(store: string, name: string): void {
  rmSync(submissionFolder(store, name), { recursive: true, force: true });
}

/** The names of the submissions of a run store, the newest first. */
export function submissionNames(store: string): string[] {
  const folder = path.join(store, JOBS);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, RECORD)));
  return names.sort().reverse();
}

/** Reads a submission. Throws an error that names the file if it is not as it was written. */
export function readSubmission(store: string, name: string): NamedSubmission {
  const file = path.join(submissionFolder(store, name), RECORD);
  let value: unknown;
  try {
    value = JSON.parse(readUtf8(file, MOST_BYTES));
  } catch (error) {
    throw new Error(`${file} could not be read (${(error as Error).message}): remove its folder.`);
  }
  return { ...(validated(schema, value, file) as Submission), name };
}

/** The newest task for a seed: its job and its index there; undefined if none was submitted. */
export function newestTask(
  { arrays }: Pick<Submission, "arrays">,
  seed: number,
): { readonly job: string; readonly index: number } | undefined {
  const array = arrays.findLast(({ seeds }) => seeds.includes(seed));
  return array && { job: array.job, index: array.seeds.indexOf(seed) };
}

/** The log of the newest task for a seed, whether it has started or not; undefined if none was submitted. */
export function logOf(store: string, submission: NamedSubmission, seed: number): string | undefined {
  const task = newestTask(submission, seed);
  return task && path.join(submissionFolder(store, submission.name), `${task.job}_${task.index}.log`);
}
