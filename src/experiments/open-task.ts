import { type KeyEnvOptions, keyEnv } from "../tasks/key-env.ts";
import type { Prompt, Task } from "../tasks/task.ts";

/** Which task to open, as plain data. */
export type TaskSpec = { readonly name: "key-env"; readonly options: Partial<KeyEnvOptions> };

/** The task that `spec` describes. */
export function openTask(spec: TaskSpec): Task {
  return keyEnv(spec.options) as unknown as Task<Prompt>;
}
