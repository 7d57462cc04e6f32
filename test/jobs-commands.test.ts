import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cli } from "../src/cli.ts";
import { describeFailure } from "../src/command-line.ts";
import { repositoryRoot } from "../src/files/repository.ts";
import { temporaryFolder } from "./temporary.ts";

/* The commands for Slurm, with programs of Slurm that are made up. Those of Slurm itself are run in cluster/slurm.test.ts. */

let store: string;
let programs: string;

/** Makes a program that Bash runs, in place of one of Slurm's. */
function program(name: string, script: string): void {
  writeFileSync(path.join(programs, name), `#!/bin/bash\n${script}\n`);
  chmodSync(path.join(programs, name), 0o755);
}

async function said(line: string): Promise<{ status: number; text: string }> {
  const lines: string[] = [];
  const status = await cli(line.split(" "), (text) => lines.push(text));
  return { status, text: lines.join("\n") };
}

beforeEach(() => {
  store = temporaryFolder("runs");
  programs = temporaryFolder("programs");
  vi.stubEnv("ALLROADS_RUNS", store);
  vi.stubEnv("ALLROADS_SLURM", "");
  vi.stubEnv("PATH", programs);
});
afterEach(() => vi.unstubAllEnvs());

const SUBMIT = "train --on slurm --preset smoke --only 01-main-comparison.yaml --only 01-replication";

describe("allroads train --on slurm", () => {
  test("with --dry-run prints the script, the number of tasks and the core-hours, and submits nothing", async () => {
    const options = "--partition cpu --cpus 4 --mem 6G --time 4:00:00 --max-jobs 50 --constraint avx512";
    const { status, text } = await said(`${SUBMIT} ${options} --dry-run`);
    // A path with a space is quoted.
    const quoted = [`"${repositoryRoot()}"`, `'${repositoryRoot()}/src/bin.mjs'`];
    const shown = quoted
      .reduce((unquoted, one) => unquoted.replaceAll(one, one.slice(1, -1)), text)
      .replaceAll(store, "/scratch/runs")
      .replaceAll(repositoryRoot(), "/home/allroads")
      .replaceAll(process.execPath, "/usr/bin/node")
      .replaceAll(/\b[0-9a-f]{16}\b/g, "0123456789abcdef")
      .replaceAll(/\d{8}T\d{6}/g, "20260101T000000")
      .replaceAll(/compute [\d.]+ core-hours/g, "compute 0.001 core-hours");
    expect(shown).toMatchInlineSnapshot(`
      "#!/bin/bash
      #SBATCH --job-name=allroads-smoke
      #SBATCH --array=0-2%50
      #SBATCH --partition=cpu
      #SBATCH --cpus-per-task=4
      #SBATCH --mem=6G
      #SBATCH --time=4:00:00
      #SBATCH --constraint=avx512
      #SBATCH --chdir=/home/allroads
      #SBATCH --output="/scratch/runs/.jobs/20260101T000000-smoke/%A_%a.log"
      #SBATCH --open-mode=append
      #SBATCH --requeue
      set -e
      seeds=(21 22 41)
      tasks=(0123456789abcdef 0123456789abcdef 0123456789abcdef)
      export ALLROADS_RUNS='/scratch/runs'
      export ALLROADS_DEVICE=cpu
      export ALLROADS_SUBMITTED_CODE=source
      export ALLROADS_SUBMITTED_TASK="\${tasks[$SLURM_ARRAY_TASK_ID]}"
      # Node is the job's first process, so that Slurm's SIGTERM reaches it and the job ends when it has.
      exec /usr/bin/node /home/allroads/src/bin.mjs train --preset smoke --only 01-main-comparison.yaml --only 01-replication --seed "\${seeds[$SLURM_ARRAY_TASK_ID]}"

      3 tasks, one per seed, with 4 cores each, at most 50 at a time, for at most 4:00:00: at most 48 core-hours.
      They compute 0.001 core-hours by the ledger's times, of 69 stages estimated from their size."
    `);
    expect(status).toBe(0);
    expect(readdirSync(store)).toEqual([]);
  });

  test("takes the options of the site's file, which those of the command replace", async () => {
    const file = path.join(programs, "site.yaml");
    writeFileSync(file, "partition: long\nmem: 6G\n");
    vi.stubEnv("ALLROADS_SLURM", file);
    const { text } = await said(`${SUBMIT} --mem 8G --dry-run`);
    expect(text).toContain("#SBATCH --partition=long\n#SBATCH --mem=8G\n");
    expect(text).toContain("; the partition limits their time, so their core-hours are not known.");
  });

  test("submits the script and remembers the job; what sbatch refuses leaves nothing behind", async () => {
    program("sbatch", 'echo "sbatch: error: invalid partition specified: gpu" >&2; exit 1');
    await expect(said(SUBMIT)).rejects.toThrow(
      "sbatch failed (sbatch: error: invalid partition specified: gpu): correct what it names and try again.",
    );
    await expect(said("jobs status")).rejects.toThrow("Nothing was submitted from the run store");
    program("sbatch", "echo 17");
    program("squeue", 'echo "17|0|RUNNING|n1|None"; echo "17|1|PENDING||Resources"');
    expect((await said(SUBMIT)).text).toMatch(/^Submitted job 17\. 3 tasks, one per seed, with 1 core each/);
    const { text } = await said("jobs status");
    expect(text).toMatch(/^seed 21 {2}0 of \d+ stages {2}running on n1\nseed 22 .* pending \(Resources\)\n/);
    expect(text).toMatch(
      /0 of 3 seeds are done, 2 in the queue, 1 neither; allroads jobs retry submits these\.$/,
    );
  });
});

test("submitting and status for cards need no card on this machine", async () => {
  vi.stubEnv("ALLROADS_DEVICE", "cuda");
  program("sbatch", "echo 17");
  program("squeue", 'echo "17|0|RUNNING|n1|None"');
  expect((await said(`${SUBMIT} --gpus 1`)).status).toBe(0);
  expect((await said("jobs status")).text).toMatch(/^seed 21 .* running on n1$/m);
});

describe("allroads jobs", () => {
  beforeEach(async () => {
    program("sbatch", "echo 17");
    program("squeue", 'echo "17|0|RUNNING|n1|None"; echo "17|1|FAILED|n2|None"');
    await said(`${SUBMIT} --time 10`);
  });

  test("retry submits the seeds that lack stages and are not in the queue, with changed options", async () => {
    program("sbatch", `echo 18; /bin/cp "$2" ${JSON.stringify(path.join(programs, "script"))}`);
    expect((await said("jobs retry --time 20")).text).toMatch(/^Submitted job 18\. 2 tasks, .* at most 20: /);
    program(
      "squeue",
      'echo "17|0|RUNNING|n1|None"; echo "18|0|PENDING||Priority"; echo "18|1|PENDING||Priority"',
    );
    expect((await said("jobs retry")).text).toBe(
      "Nothing was submitted: every seed is done or in the queue.",
    );
    expect((await said("jobs status --job 18")).text).toContain("3 in the queue");
  });

  test("cancel names the jobs that are in the queue", async () => {
    program("scancel", `echo "$@" > ${JSON.stringify(path.join(programs, "cancelled"))}`);
    expect((await said("jobs cancel")).text).toMatch(/^Cancelled 1 task; /);
    expect(readdirSync(programs)).toContain("cancelled");
  });

  test("wait ends with 1 if stages are missing when nothing is in the queue", async () => {
    program("squeue", 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1');
    const { status, text } = await said("jobs wait");
    expect(status).toBe(1);
    expect(text).toMatch(/^0 of 3 seeds are done, 0 in the queue, 3 neither/);
  });

  test("logs shows the log of a seed, or says that there is none yet", async () => {
    expect((await said("jobs logs 22")).status).toBe(1);
    const [name = ""] = readdirSync(path.join(store, ".jobs"));
    writeFileSync(path.join(store, ".jobs", name, "17_1.log"), "one\ntwo\u001b[0m\n");
    expect(await said("jobs logs 22")).toEqual({ status: 0, text: "one\ntwo\\x1b[0m" });
  });

  test("status goes on without Slurm's answer, and names earlier submissions", async () => {
    program("sbatch", "echo 30");
    mkdirSync(path.join(store, ".jobs", "later"));
    vi.useFakeTimers({ now: Date.now() + 5000, toFake: ["Date"] });
    await said(SUBMIT);
    vi.useRealTimers();
    program("squeue", 'echo "Unable to contact slurm controller" >&2; exit 1');
    const { text } = await said("jobs status");
    expect(text).toContain("squeue failed (Unable to contact slurm controller)");
    expect(text).toContain("0 of 3 seeds are done, 0 in the queue, 3 neither");
    expect(text).toContain("Earlier submissions: --job 17.");
  });

  test("plan simulates the ledger's programme on 2 to 512 workers", async () => {
    const { text } = await said("jobs plan --only 03-h1-on-policy-feedback.yaml --cpus 2");
    const [first = "", , ...rows] = text.split("\n");
    expect(first).toMatch(/^\d+ stages of 5 seeds compute [\d.]+ core-hours by the ledger's times/);
    expect(rows.map((row) => Number.parseInt(row, 10))).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512]);
  });
});

test.each([
  ["train --on slrum", 'There is no place "slrum": did you mean "slurm"?'],
  ["train --partition gpu", "--partition goes with --on slurm: add that, or leave --partition out."],
  ["train --dry-run", "--dry-run goes with --on slurm: add that, or leave --dry-run out."],
  ["train --on slurm --cpus 0", '--cpus is "0": give a whole number of cores above 0.'],
  ["train --on slurm --time soon", '--time is "soon": give a time such as 90 (minutes), 4:00:00'],
  [
    "train --on slurm --only 00-theory",
    "There is nothing to submit: no registered experiment belongs to 00-theory.",
  ],
  ["train --on slurm --only 01", "Slurm's program sbatch is not on this machine: run this on a login node"],
  ["jobs", "allroads jobs needs one more word: see allroads --help."],
  ["jobs status", "Nothing was submitted from the run store "],
  ["jobs stauts", 'There is no command "jobs stauts": did you mean "jobs status"?'],
  ["jobs plan --cpus x", '--cpus is "x": give a whole number of cores above 0.'],
])("%s is refused with one sentence", async (line, sentence) => {
  const error = await said(line).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { text, status } = describeFailure(error);
  expect(text).toContain(sentence);
  expect(text).not.toContain("\n");
  expect(status).toBe(2);
  expect(readdirSync(store)).toEqual([]);
});

test.each([
  ["jobs logs", "Name a seed: there are 21, 22, 41."],
  ["jobs logs x", 'No task has seed "x": there are 21, 22, 41.'],
  ["jobs status --job 99", 'There is no job "99" in '],
])("%s is refused after a submission", async (line, sentence) => {
  program("sbatch", "echo 17");
  await said(SUBMIT);
  await expect(said(line)).rejects.toThrow(sentence);
});
