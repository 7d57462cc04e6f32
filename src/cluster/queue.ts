import { spawnSync } from "node:child_process";
import { UsageError } from "../files/usage-error.ts";

/* Slurm's programs sbatch, squeue and scancel. */

/** What Slurm says of one task of an array. */
export interface QueuedTask {
  readonly job: string;
  readonly index: number;
  /** Slurm's name, such as PENDING, RUNNING or TIMEOUT. */
  readonly state: string;
  /** Its node, if it has one. */
  readonly node: string;
  /** Why it waits, if it does. */
  readonly reason: string;
}

/** How long an answer of Slurm is waited for, in milliseconds. */
const PATIENCE = 60_000;

/** Submits a script and returns the number of the job. Throws one sentence if Slurm refuses it. */
export function submit(script: string): string {
  const answer = ask("sbatch", ["--parsable", script]);
  const [job = ""] = answer.split(";");
  if (/^\d+$/.test(job.trim())) return job.trim();
  throw new Error(`sbatch answered "${answer.trim()}" instead of a job's number: look with squeue --me.`);
}

/** Cancels jobs. Throws one sentence if Slurm refuses. */
export function cancel(jobs: readonly string[]): void {
  ask("scancel", [...jobs]);
}

const FORMAT = "%F|%K|%T|%N|%r";

/** The tasks of jobs as Slurm remembers them; those that ended a while ago are left out. Throws if it cannot be asked. */
export function queued(jobs: readonly string[]): QueuedTask[] {
  if (jobs.length === 0) return [];
  const options = ["--noheader", "--array", "--states=all", `--jobs=${jobs.join(",")}`, `--format=${FORMAT}`];
  try {
    return parseQueue(ask("squeue", options));
  } catch (error) {
    if (/invalid job id/i.test((error as Error).message)) return [];
    throw error;
  }
}

/** Reads what squeue prints in `FORMAT`. */
export function parseQueue(text: string): QueuedTask[] {
  return text.split("\n").flatMap((line) => {
    const [job = "", index = "", state = "", node = "", reason = ""] = line.trim().split("|");
    return /^\d+$/.test(index) ? [{ job, index: Number(index), state, node, reason }] : [];
  });
}

/** States in which a task waits or computes, or will again. */
const ACTIVE = new Set([
  "COMPLETING",
  "CONFIGURING",
  "PENDING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "RESIZING",
  "RUNNING",
  "SIGNALING",
  "SPECIAL_EXIT",
  "STAGE_OUT",
  "STOPPED",
  "SUSPENDED",
]);

/** Whether a task waits or computes, or will again. */
export const isActive = ({ state }: Pick<QueuedTask, "state">): boolean => ACTIVE.has(state);

/** Whether a program of Slurm is on this machine. Throws a UsageError that says what to do if not. */
export function requireSlurm(program: string): void {
  const { error } = spawnSync(program, ["--version"], { stdio: "ignore", timeout: PATIENCE });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") throw missing(program);
}

function missing(program: string): UsageError {
  return new UsageError(
    `Slurm's program ${program} is not on this machine: run this on a login node of the cluster.`,
  );
}

/** What a program of Slurm prints. Throws one sentence with the first line of its complaint if it fails. */
function ask(program: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: PATIENCE,
    maxBuffer: 2 ** 26,
  });
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOENT") throw missing(program);
  if (error === undefined && status === 0) return stdout;
  const complaint = stderr?.split("\n").find((one) => one.trim() !== "");
  throw new Error(
    `${program} failed (${complaint?.trim() ?? error?.message ?? `exit ${status}`}): correct what it names and try again.`,
  );
}
