import { isActive, type QueuedTask } from "./queue.ts";
import type { Held } from "./stored.ts";
import { newestTask, type Submission } from "./submission.ts";

/** How far the task of a seed has come. */
export interface TaskState {
  readonly seed: number;
  /** How many of its results the run store holds. */
  readonly held: number;
  readonly total: number;
  /** Whether it waits or computes. */
  readonly isActive: boolean;
  /** In words: "done", "running on n1", "pending (Priority)", "timeout", "not in the queue". */
  readonly words: string;
}

/**
 * How far the tasks of a submission have come: by what the run store holds first, and by what Slurm says of the newest
 * task of each seed second; `queue` is undefined if Slurm cannot be asked.
 */
export function taskStates(
  { tasks, arrays }: Pick<Submission, "tasks" | "arrays">,
  held: ReadonlyMap<number, Held>,
  queue: readonly QueuedTask[] | undefined,
): TaskState[] {
  return tasks.map(({ seed, results }) => {
    const newest = newestTask({ arrays }, seed);
    const task = queue?.find((one) => one.job === newest?.job && one.index === newest.index);
    const [count, total] = [held.get(seed)?.count ?? 0, results.length];
    const state = { seed, held: count, total };
    if (count === total) return { ...state, isActive: false, words: "done" };
    return { ...state, isActive: task !== undefined && isActive(task), words: wordsOf(task, queue) };
  });
}

function wordsOf(task: QueuedTask | undefined, queue: readonly QueuedTask[] | undefined): string {
  if (queue === undefined) return "not done";
  if (task === undefined) return "not in the queue";
  const state = task.state.toLowerCase().replaceAll("_", " ");
  if (task.state === "PENDING") return `${state} (${task.reason})`;
  return task.node === "" ? state : `${state} on ${task.node}`;
}
