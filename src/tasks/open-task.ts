import { loadUserCode, type UserCode, userCodeIdentity } from "../files/user-code.ts";
import * as builtInTasks from "./built-in-tasks.ts";
import { memoize } from "./memoize.ts";
import type { Task } from "./task.ts";

type BuiltInTasks = typeof builtInTasks;

/** A built-in task as plain data: its name and the fields that it is opened with. */
export type BuiltInTaskSpec<Name extends keyof BuiltInTasks = keyof BuiltInTasks> = {
  [N in Name]: { readonly name: N } & Parameters<BuiltInTasks[N]["open"]>[0];
}[Name];

/** A task of the user's own. */
export interface UserTaskSpec {
  readonly name: string;
  readonly code: UserCode<Task>;
}

/** Which task to open, as plain data. */
export type TaskSpec = BuiltInTaskSpec | UserTaskSpec;
/** KeyEnv as plain data. */
export type KeyEnvSpec = BuiltInTaskSpec<"key-env">;
/** TL;DR as plain data. */
export type TldrSpec = BuiltInTaskSpec<"tldr">;

/**
 * The task that `spec` describes. Equal specs give the same object, as long as it is among the latest few.
 *
 * @throws if there is no such task, if an option is invalid, or if the files or the code that it is made of are missing,
 * invalid or changed
 */
export const openTask: (spec: TaskSpec) => Task = memoize((spec) =>
  "code" in spec ? openUserTask(spec) : (builtInTask(spec).open(spec as never) as Task),
);

/** What of `spec` determines results, as JSON: no paths of files or modules. */
export function taskIdentity(spec: TaskSpec): unknown {
  if ("code" in spec) return { name: spec.name, code: userCodeIdentity(spec.code) };
  const { identity } = builtInTask(spec);
  return identity === undefined ? spec : identity(spec as never);
}

const byName: Readonly<BuiltInTasks> = { ...builtInTasks };

function builtInTask({ name }: BuiltInTaskSpec): {
  open(fields: never): unknown;
  identity?(fields: never): unknown;
} {
  if (Object.hasOwn(byName, name)) return byName[name];
  const names = Object.keys(byName).join(", ");
  throw new Error(`There is no task "${name}": choose one of ${names}, or give the code of your own.`);
}

const NEEDED = [
  "name",
  "vocabulary",
  "promptLength",
  "completionLength",
  "data",
  "score",
  "isMalformed",
  "text",
];

function openUserTask({ name, code }: UserTaskSpec): Task {
  const task: Task | null | undefined = loadUserCode(code);
  const missing = NEEDED.filter((member) => task?.[member as keyof Task] === undefined);
  if (task && missing.length === 0) return task;
  throw new Error(
    `The export "${code.export}" of ${code.module} is not a task, as "${name}" needs: it lacks ${missing.join(", ")}. ` +
      `Export a Task, or a function that makes one from its options, and name these.`,
  );
}
