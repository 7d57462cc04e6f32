import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type ScriptPlan, shellWord, slurmScript } from "../../src/cluster/script.ts";
import type { SlurmOptions } from "../../src/cluster/slurm-options.ts";

const plan: ScriptPlan = {
  tasks: [
    { seed: 22, results: ["a b"] },
    { seed: 21, results: ["c d"] },
  ],
  preset: "smoke",
  only: ["01"],
  root: "/home/me/all roads",
  store: "/scratch/me's/runs",
  logs: "/scratch/me/100%/.jobs/x",
  node: "/usr/bin/node",
};
const options: SlurmOptions = {
  partition: "gpu",
  account: "lab",
  gpus: "1",
  cpus: "4",
  mem: "6G",
  time: "4:00:00",
  "max-jobs": "50",
  constraint: "a100",
  sbatch: ["--qos=long"],
  setup: ["module load node"],
};

describe("the script for sbatch", () => {
  test("asks for what the options say, and runs the ordinary command on the seed of each task", () => {
    expect(slurmScript(plan, options)).toMatchInlineSnapshot(`
      "#!/bin/bash
      #SBATCH --job-name=allroads-smoke
      #SBATCH --array=0-1%50
      #SBATCH --partition=gpu
      #SBATCH --account=lab
      #SBATCH --gres=gpu:1
      #SBATCH --cpus-per-task=4
      #SBATCH --mem=6G
      #SBATCH --time=4:00:00
      #SBATCH --constraint=a100
      #SBATCH --chdir="/home/me/all roads"
      #SBATCH --output=/scratch/me/100%%/.jobs/x/%A_%a.log
      #SBATCH --open-mode=append
      #SBATCH --requeue
      #SBATCH --qos=long
      set -e
      seeds=(22 21)
      tasks=(8c19b2e2ce321c57 ec86a8edfd81d5aa)
      export ALLROADS_RUNS='/scratch/me'\\''s/runs'
      export ALLROADS_DEVICE=cuda
      export ALLROADS_SUBMITTED_CODE=source
      export ALLROADS_SUBMITTED_TASK="\${tasks[$SLURM_ARRAY_TASK_ID]}"
      module load node
      # Node is the job's first process, so that Slurm's SIGTERM reaches it and the job ends when it has.
      exec /usr/bin/node '/home/me/all roads/src/bin.mjs' train --preset smoke --only 01 --seed "\${seeds[$SLURM_ARRAY_TASK_ID]}"
      "
    `);
  });

  test("asks for nothing that no option names, and then computes on the processor", () => {
    const script = slurmScript({ ...plan, only: [] }, {});
    expect(script.match(/^#SBATCH --[a-z-]+/gm)?.map((line) => line.slice(10))).toEqual([
      "job-name",
      "array",
      "chdir",
      "output",
      "open-mode",
      "requeue",
    ]);
    expect(script).toContain("#SBATCH --array=0-1\n");
    expect(script).toContain("export ALLROADS_DEVICE=cpu\n");
    expect(script).not.toContain("--only");
  });

  test("refuses a path that sbatch cannot take", () => {
    expect(() => slurmScript({ ...plan, root: '/a"b' }, {})).toThrow('Slurm cannot use the path /a"b: move ');
  });
});

test.each(["a b", "it's", "$HOME `id`", "", "a\nb", "-x=1", "é"])(
  "Bash reads the word for %j as it is",
  (text) => {
    expect(execFileSync("bash", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" })).toBe(text);
  },
);
