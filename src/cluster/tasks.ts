import { createHash } from "node:crypto";
import { kindOf } from "../pipeline/kind-of.ts";
import { definitionId, type Stage } from "../pipeline/stage.ts";
import { codeOf, withAncestors } from "../pipeline/stage-id.ts";
import { libraryDigest } from "../pipeline/submitted-code.ts";

/*
 * The work of a programme as tasks, one per seed: no stage of one seed needs a stage of another. Nothing here looks at the
 * device of this machine, which may be a login node without a card.
 */

/** The work of one seed. */
export interface Task {
  readonly seed: number;
  /** Its stages by definition and code, in the order in which they can be computed; see `resultName`. */
  readonly results: readonly string[];
  /** Its size, in the units of `StageKind.cost`. */
  readonly cost: number;
}

/** A task for each seed of some stages, the largest first. */
export function tasksOf(stages: readonly Stage[]): Task[] {
  const seeds = new Map<number, Stage[]>();
  for (const stage of withAncestors(stages, definitionId)) {
    const { seed } = stage.setting;
    seeds.set(seed, [...(seeds.get(seed) ?? []), stage]);
  }
  const tasks = [...seeds].map(([seed, own]) => ({
    seed,
    results: own.map((stage) => resultName(definitionId(stage), codeOf(stage))),
    cost: own.reduce((sum, stage) => sum + kindOf(stage).cost(stage), 0),
  }));
  return tasks.sort((a, b) => b.cost - a.cost || a.seed - b.seed);
}

/** Names a stage's result on any machine: by its definition and the digest of its code. */
export function resultName(definition: string, code: string): string {
  return `${definition} ${code}`;
}

/** The digest of what a task computes and of all code of the library, 16 hexadecimal digits. */
export function taskDigest({ results }: Pick<Task, "results">): string {
  return createHash("sha256")
    .update([libraryDigest(), ...results].join("\n"))
    .digest("hex")
    .slice(0, 16);
}

/** The variable of a job's environment that holds its task's digest as it was at submission. */
export const SUBMITTED_TASK = "ALLROADS_SUBMITTED_TASK";

/** Throws if this process belongs to a job that was submitted with other code or data than are here now. */
export function checkSubmittedTask(
  stages: readonly Stage[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const submitted = env[SUBMITTED_TASK];
  if (!submitted) return;
  const [task] = tasksOf(stages);
  if (task !== undefined && taskDigest(task) === submitted) return;
  throw new Error(
    `Seed ${task?.seed} was submitted with other code or data than are here now: submit it again with allroads jobs retry.`,
  );
}
