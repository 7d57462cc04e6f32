import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { repositoryRoot } from "../../src/files/repository.ts";
import { temporaryFolder } from "../temporary.ts";
import { type Cluster, cgroupProblem, jobProcesses, slurmProblem, startCluster } from "./slurm-cluster.ts";
import { storeDigests } from "./store-digests.ts";

/*
 * The built command on a Slurm cluster of two nodes. The programme is that of notebook 01 at the preset smoke, with three
 * seeds; what it leaves is compared with what the same command leaves without Slurm.
 */

const problem = slurmProblem();
/** Milliseconds for what takes some seconds on a machine that does nothing else. */
const PATIENCE = 120_000;
vi.setConfig({ testTimeout: 3 * PATIENCE, hookTimeout: 3 * PATIENCE });

const PROGRAMME = ["--preset", "smoke", "--only", "01-main-comparison.yaml", "--only", "01-replication"];
/** One seed on one core, so that one stage is computed at a time. */
const ONE_SEED = [...PROGRAMME, "--seed", "21", "--cpus", "1"];

/** A run of the command: its exit status and what it printed. */
interface Said {
  readonly status: number | null;
  readonly text: string;
}

/** A cluster with a run store and a site's file of its own. */
interface Place {
  readonly folder: string;
  readonly cluster: Cluster;
}

/** Runs `allroads` of a repository. */
function allroads(args: readonly string[], env: NodeJS.ProcessEnv, root = repositoryRoot()): Said {
  const script = path.join(root, "src", "bin.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    env: { ...process.env, ALLROADS_DEVICE: "cpu", ...env },
    encoding: "utf8",
  });
  const notice = /^(WARNING: All log messages|I0000 ).*\n/gm;
  return { status, text: `${stdout}${stderr}`.replaceAll(notice, "") };
}

/** The digests of what a store holds of some seeds, or of all. */
const digests = (store: string, seeds = [21, 22, 41]) => storeDigests(store, seeds);

/** The number of steps in the checkpoint that a store has; 0 if there is none. */
function checkpointStep(store: string): number {
  const work = path.join(store, ".unfinished");
  const steps = (name: string) => {
    try {
      const bytes = readFileSync(path.join(work, name, "checkpoint.safetensors"));
      const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
      return JSON.parse(header.__metadata__.metrics).length as number;
    } catch {
      return 0;
    }
  };
  return existsSync(work) ? Math.max(0, ...readdirSync(work).map(steps)) : 0;
}

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const start = performance.now(); performance.now() - start < PATIENCE; await setTimeout(50)) {
    const found = look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`Waited for ${what} in vain.`);
}

describe.skipIf(problem !== undefined)(`on a cluster${problem ? ` (skipped: ${problem})` : ""}`, () => {
  let base: string;
  let local: string;
  const place = {} as { -readonly [name in keyof Place]: Place[name] };

  beforeAll(async () => {
    base = mkdtempSync(path.join(tmpdir(), "allroads-slurm-"));
    local = path.join(base, "local");
    expect(allroads(["train", ...PROGRAMME], { ALLROADS_RUNS: local })).toMatchObject({ status: 0 });
  });
  afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 3 }));

  /** Has a cluster for the tests of a block. */
  function onCluster(proctrack: "linuxproc" | "cgroup") {
    beforeAll(async () => {
      place.folder = path.join(base, proctrack);
      place.cluster = await startCluster(place.folder, proctrack);
    });
    afterAll(async () => {
      const { folder, cluster } = place;
      await cluster.stop();
      expect(jobProcesses(folder)).toEqual([]);
    });
  }

  /** A new run store with a site's file and the environment in which the command uses both. */
  function newStore(site = "") {
    const store = temporaryFolder("slurm runs");
    const [file, slow] = [path.join(store, ".site.yaml"), path.join(store, ".slow")];
    const hook = path.join(import.meta.dirname, "slow-training.cjs");
    const setup = `export STORE='${store}' NODE_OPTIONS='--require "${hook}"'`;
    writeFileSync(file, `${site}\nsetup: ${JSON.stringify([setup])}\n`);
    const env = { ...place.cluster.env, ALLROADS_RUNS: store, ALLROADS_SLURM: file };
    return { store, slow, env, run: (...args: string[]) => allroads(args, env) };
  }

  /**
   * Submits one seed and waits until it is some steps beyond its first regular checkpoint. One of its stages has a
   * hundred steps, none of the others has more than fifty.
   */
  async function inMidTraining() {
    const made = newStore();
    writeFileSync(made.slow, "200");
    expect(made.run("train", "--on", "slurm", ...ONE_SEED)).toMatchObject({ status: 0 });
    const submitted = () => place.cluster.run("squeue", "--noheader").trim() !== "";
    await until("the checkpoint of step 50", () => {
      if (!submitted()) throw new Error(`The task has ended: ${made.run("jobs", "logs", "21").text}`);
      return checkpointStep(made.store) === 50;
    });
    await setTimeout(1000);
    const queue = place.cluster.run("squeue", "--noheader", "--states=RUNNING", "--format=%A %N %F");
    const [id = "", node = "", job = ""] = queue.trim().split(" ");
    return { ...made, id, node: node as "n1" | "n2", job };
  }

  /** Expects one seed's stages in a sound store, with the bytes of the local run. */
  function expectLocalBytes({ store, run }: ReturnType<typeof newStore>) {
    expect(digests(store)).toEqual(digests(local, [21]));
    expect(run("runs", "verify")).toMatchObject({ status: 0, text: expect.stringMatching(/^(\d+) of \1 /) });
    expect(readdirSync(store)).not.toContain(".damaged");
  }

  /** Starts a task that Slurm has put back into the queue, where it would wait for two minutes. */
  async function startNow(id: string) {
    const state = () => place.cluster.run("squeue", "--noheader", `--jobs=${id}`, "--format=%T").trim();
    await until("the task to be in the queue again", () => state() === "PENDING");
    // A task that starts while its node still clears up after it fails at once: hence Slurm's two minutes.
    await setTimeout(3000);
    place.cluster.run("scontrol", "update", `JobId=${id}`, "StartTime=now");
  }

  /** Requeues a task in mid-training and expects that it goes on from where it was stopped. */
  async function requeues() {
    const { store, slow, id, run, ...rest } = await inMidTraining();
    place.cluster.run("scontrol", "requeue", id);
    await until("the task to end", () => jobProcesses(place.folder).length === 0);
    const stopped = checkpointStep(store);
    expect(stopped).toBeGreaterThan(50);
    expect(stopped).toBeLessThan(100);
    writeFileSync(slow, "1");
    rmSync(path.join(store, ".steps"));
    await startNow(id);
    const waited = run("jobs", "wait");
    const facts = () => [place.cluster.run("scontrol", "show", "job", id), run("jobs", "logs", "21").text];
    expect(waited.status === 0 ? "" : [waited.text, ...facts()].join("\n")).toBe("");
    const steps = statSync(path.join(store, ".steps")).size;
    expect(steps).toBeGreaterThanOrEqual(100 - stopped);
    expect(steps).toBeLessThan(100 - 20);
    expectLocalBytes({ store, slow, run, ...rest });
  }

  describe("that ends tasks process by process", () => {
    onCluster("linuxproc");

    test("the programme leaves the bytes that it leaves without Slurm", () => {
      const { store, run } = newStore();
      const submitted = run("train", "--on", "slurm", ...PROGRAMME, "--cpus", "1", "--time", "10");
      expect(submitted).toMatchObject({
        status: 0,
        text: expect.stringMatching(/^Submitted job \d+\. 3 tasks/),
      });
      expect(run("jobs", "wait")).toEqual({
        status: 0,
        text: "3 of 3 seeds are done, 0 in the queue, 0 neither.\n",
      });
      expect(digests(store)).toEqual(digests(local));
      expect(digests(store).length).toBeGreaterThan(100);
      expect(run("runs", "verify")).toMatchObject({ status: 0 });
      expect(run("jobs", "status").text).toMatch(/^seed 21 {2}(\d+) of \1 stages {2}done$/m);
      expect(run("jobs", "logs", "41").text).toContain(` stages are in ${store} (`);
      expect(run("jobs", "retry").text).toBe("Nothing was submitted: every seed is done or in the queue.\n");
    });

    test("a task that is requeued in mid-training goes on from its last step, to the same bytes", requeues);

    test("the seed of a task that was killed is submitted again, alone, and ends with the same bytes", async () => {
      const { slow, run, ...rest } = await inMidTraining();
      for (const pid of jobProcesses(place.folder)) process.kill(pid, "SIGKILL");
      expect(run("jobs", "wait")).toMatchObject({ status: 1 });
      expect(run("jobs", "status").text).toMatch(/^seed 21 {2}\d+ of \d+ stages {2}failed on n\d$/m);
      rmSync(slow);
      expect(run("jobs", "retry").text).toMatch(/^Submitted job \d+\. 1 task,/);
      expect(run("jobs", "wait")).toMatchObject({ status: 0 });
      expectLocalBytes({ slow, run, ...rest });
    });

    test("a task that was cancelled is not computed further until it is submitted again", async () => {
      const { slow, run, ...rest } = await inMidTraining();
      expect(run("jobs", "cancel").text).toMatch(/^Cancelled 1 task;/);
      await until("the task to end", () => jobProcesses(place.folder).length === 0);
      expect(run("jobs", "status").text).toContain("cancelled");
      rmSync(slow);
      expect(run("jobs", "retry")).toMatchObject({ status: 0 });
      expect(run("jobs", "wait")).toMatchObject({ status: 0 });
      expectLocalBytes({ slow, run, ...rest });
    });

    test("a task that starts after the package was built anew refuses, and is submitted again with the new code", () => {
      const { store, env } = newStore('sbatch: ["--hold"]');
      const root = copiedRepository(path.join(base, "repository"));
      const run = (...args: string[]) => allroads(args, env, root);
      const job = /job (\d+)/.exec(run("train", "--on", "slurm", ...ONE_SEED).text)?.[1];
      buildOtherCode(root);
      place.cluster.run("scontrol", "release", String(job));
      expect(run("jobs", "wait")).toMatchObject({ status: 1 });
      expect(run("jobs", "logs", "21").text).toMatch(
        /^This job was submitted with other code \(([0-9a-f]{16})\) than is built now \((?!\1)[0-9a-f]{16}\): submit it again with allroads jobs retry\.\n$/m,
      );
      expect(digests(store)).toEqual([]);
      const again = /job (\d+)/.exec(run("jobs", "retry").text)?.[1];
      place.cluster.run("scontrol", "release", String(again));
      expect(run("jobs", "wait")).toMatchObject({ status: 0 });
      expect(digests(store)).toEqual(digests(local, [21]));
    });

    test("the task of a node that dies goes on at another node, to the same bytes", async () => {
      const { slow, node, id, run, ...rest } = await inMidTraining();
      place.cluster.kill(node);
      rmSync(slow);
      await startNow(id);
      expect(run("jobs", "wait")).toMatchObject({ status: 0 });
      expectLocalBytes({ slow, run, ...rest });
    });
  });

  const cgroups = cgroupProblem();
  describe.skipIf(cgroups !== undefined)(
    `that ends tasks by control group${cgroups ? ` (skipped: ${cgroups})` : ""}`,
    () => {
      onCluster("cgroup");
      test("a task that is requeued in mid-training goes on from its last step, to the same bytes", requeues);
    },
  );
});

/** A repository with a build of its own: the rest is that of this one. */
function copiedRepository(folder: string): string {
  mkdirSync(path.join(folder, "src"), { recursive: true });
  for (const name of ["data", "notebooks", "node_modules", ".allroads"])
    if (existsSync(path.join(repositoryRoot(), name)))
      symlinkSync(path.join(repositoryRoot(), name), path.join(folder, name));
  for (const name of ["bin.mjs", "package.json", "dist"])
    cpSync(path.join(repositoryRoot(), "src", name), path.join(folder, "src", name), { recursive: true });
  return realpathSync(folder);
}

/** Makes the build of a repository one of other code. */
function buildOtherCode(root: string): void {
  for (const name of ["index.cjs", "worker.cjs"]) {
    const file = path.join(root, "src", "dist", name);
    const text = readFileSync(file, "utf8");
    const other = text.replace(
      /(define_CODE_DIGESTS_default = \{.*library: ")[0-9a-f]{16}/,
      (_, before) => `${before}${"0".repeat(16)}`,
    );
    writeFileSync(file, other);
  }
}
