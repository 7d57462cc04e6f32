import { libraryDigest, SUBMITTED_CODE } from "../pipeline/submitted-code.ts";
import type { SlurmOption, SlurmOptions } from "./slurm-options.ts";
import { SUBMITTED_TASK, type Task, taskDigest } from "./tasks.ts";

/* The script that is given to sbatch: an array with one task per seed, each of which runs the ordinary command. */

/** What a script needs to know besides Slurm's options. */
export interface ScriptPlan {
  /** In the order in which they shall start. */
  readonly tasks: readonly Pick<Task, "seed" | "results">[];
  readonly preset: string;
  /** The names that --only gave. */
  readonly only: readonly string[];
  /** The repository's root, the same on all nodes. */
  readonly root: string;
  /** The run store's folder, the same on all nodes. */
  readonly store: string;
  /** The folder of logs. */
  readonly logs: string;
  /** The program Node. */
  readonly node: string;
}

/** What each option becomes among those of sbatch. */
const DIRECTIVES: Readonly<Record<Exclude<SlurmOption, "max-jobs">, string>> = {
  partition: "partition=",
  account: "account=",
  gpus: "gres=gpu:",
  cpus: "cpus-per-task=",
  mem: "mem=",
  time: "time=",
  constraint: "constraint=",
};

/** The script for some tasks. Throws if a path has a line break or a quotation mark, which sbatch cannot take. */
export function slurmScript(plan: ScriptPlan, options: SlurmOptions): string {
  const { tasks, preset, only, root, store, logs, node } = plan;
  const most = options["max-jobs"] === undefined ? "" : `%${options["max-jobs"]}`;
  const asked = Object.entries(DIRECTIVES).flatMap(([name, directive]) => {
    const value = options[name as SlurmOption];
    return value === undefined ? [] : [`${directive}${value}`];
  });
  const command = [
    ...[node, `${root}/src/bin.mjs`, "train", "--preset", preset].map(shellWord),
    ...only.flatMap((name) => ["--only", shellWord(name)]),
  ];
  const task = "$SLURM_ARRAY_TASK_ID";
  const lines = [
    "#!/bin/bash",
    ...[
      `job-name=allroads-${preset}`,
      `array=0-${tasks.length - 1}${most}`,
      ...asked,
      `chdir=${directiveWord(root)}`,
      `output=${directiveWord(`${logs.replaceAll("%", "%%")}/%A_%a.log`)}`,
      "open-mode=append",
      "requeue",
    ].map((directive) => `#SBATCH --${directive}`),
    ...(options.sbatch ?? []).map((directive) => `#SBATCH ${directive}`),
    "set -e",
    `seeds=(${tasks.map(({ seed }) => seed).join(" ")})`,
    `tasks=(${tasks.map(taskDigest).join(" ")})`,
    `export ALLROADS_RUNS=${shellWord(store)}`,
    `export ALLROADS_DEVICE=${options.gpus === undefined ? "cpu" : "cuda"}`,
    `export ${SUBMITTED_CODE}=${libraryDigest()}`,
    `export ${SUBMITTED_TASK}="\${tasks[${task}]}"`,
    ...(options.setup ?? []),
    "# Node is the job's first process, so that Slurm's SIGTERM reaches it and the job ends when it has.",
    `exec ${command.join(" ")} --seed "\${seeds[${task}]}"`,
  ];
  return `${lines.join("\n")}\n`;
}

/** A word for Bash. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path for an option of sbatch in a script. */
function directiveWord(path: string): string {
  if (/["'\\\r\n]/.test(path))
    throw new Error(
      `Slurm cannot use the path ${path}: move the repository and the run store to one without quotation marks, ` +
        "backslashes and line breaks.",
    );
  return /\s/.test(path) ? `"${path}"` : path;
}
