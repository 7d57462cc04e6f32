import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

/* A Slurm cluster of two nodes on this machine, with one core each. */

const PROGRAMS = ["slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol"];

/** Why this machine cannot run the cluster; undefined if it can. */
export function slurmProblem(): string | undefined {
  const missing = PROGRAMS.find((name) => spawnSync(name, ["-V"]).error !== undefined);
  if (missing !== undefined) return `${missing} is not installed (Debian's package slurm-wlm)`;
  return process.getuid?.() === 0 ? undefined : "Slurm's nodes need to be started by root";
}

/** Why Slurm cannot end jobs by control groups here; undefined if it can. */
export function cgroupProblem(): string | undefined {
  const folder = "/sys/fs/cgroup/freezer";
  if (!existsSync(folder)) return "this machine has no control groups of version 1";
  try {
    const own = path.join(folder, `allroads-${process.pid}`);
    mkdirSync(own);
    execFileSync("rmdir", [own]);
    return undefined;
  } catch {
    return "control groups cannot be made here";
  }
}

/** A running cluster. */
export interface Cluster {
  /** The environment in which Slurm's programs find it. */
  readonly env: NodeJS.ProcessEnv;
  /** What a program of Slurm prints. */
  run(program: string, ...args: string[]): string;
  /** Kills a node at once with all that runs on it, as a power failure would. */
  kill(node: "n1" | "n2"): void;
  stop(): Promise<void>;
}

/** Starts a cluster whose files are in a new folder, and waits until both nodes are idle. */
export async function startCluster(folder: string, proctrack: "linuxproc" | "cgroup"): Promise<Cluster> {
  mkdirSync(path.join(folder, "state"), { recursive: true });
  const ports = await freePorts(3);
  writeFileSync(configurationOf(folder), configuration(folder, proctrack, ports));
  writeFileSync(
    path.join(folder, "cgroup.conf"),
    "CgroupPlugin=cgroup/v1\nCgroupMountpoint=/sys/fs/cgroup\nCgroupAutomount=no\n",
  );
  const env = { ...process.env, SLURM_CONF: configurationOf(folder) };
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const daemon = (program: string, ...args: string[]) =>
    spawn(program, ["-D", ...args], { env, stdio: "ignore" });
  const daemons = {
    controller: daemon("slurmctld"),
    n1: daemon("slurmd", "-N", "n1"),
    n2: daemon("slurmd", "-N", "n2"),
  };
  const endOf = (one: (typeof daemons)["n1"]) =>
    one.exitCode !== null || one.signalCode !== null ? Promise.resolve() : once(one, "exit");
  const cluster: Cluster = {
    env,
    run,
    kill(node) {
      const all = [daemons[node].pid!, ...watchers(folder, node), ...jobProcesses(folder, node)];
      for (const pid of all) signal(pid, "SIGKILL");
    },
    async stop() {
      spawnSync("scancel", ["--full", "--state=RUNNING"], { env });
      spawnSync("scancel", ["--state=PENDING"], { env });
      for (let tries = 0; tries < 100 && jobProcesses(folder).length > 0; tries++) await setTimeout(100);
      for (const one of Object.values(daemons)) one.kill("SIGTERM");
      const ends = Promise.all(Object.values(daemons).map(endOf));
      await Promise.race([ends, setTimeout(5000)]);
      for (const one of Object.values(daemons)) one.kill("SIGKILL");
      await ends;
      for (const pid of jobProcesses(folder)) signal(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  for (let tries = 0; ; tries++) {
    const states = spawnSync("sinfo", ["--noheader", "--format=%T %D"], { env, encoding: "utf8" });
    if (states.stdout?.trim() === "idle 2") return cluster;
    if (tries === 600) {
      const logs = readdirSync(folder).filter((name) => name.endsWith(".log"));
      const text = logs.map((name) => readFileSync(path.join(folder, name), "utf8")).join("\n");
      await cluster.stop();
      throw new Error(`The cluster did not start: ${text}`);
    }
    await setTimeout(100);
  }
}

function configuration(folder: string, proctrack: string, [port, n1, n2]: number[]): string {
  return `ClusterName=ci
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=root
AuthType=auth/none
CredType=cred/none
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
ProctrackType=proctrack/${proctrack}
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1
ReturnToService=2
SlurmdTimeout=5
MinJobAge=3600
NodeName=n1 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${n1} CPUs=1
NodeName=n2 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${n2} CPUs=1
PartitionName=cpu Nodes=ALL Default=YES
`;
}

/** Ports of this machine that nobody uses. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  return ports;
}

/** The processes of a cluster's jobs, of one node or of all, told by their environment. */
export function jobProcesses(folder: string, node?: string): number[] {
  const wanted = [`SLURM_CONF=${configurationOf(folder)}`, `SLURMD_NODENAME=${node ?? ""}`];
  return pids().filter((pid) => {
    const env = textOf(`/proc/${pid}/environ`).split("\0");
    return env.includes(wanted[0]!) && env.some((one) => one.startsWith(wanted[1]!));
  });
}

/** The processes by which Slurm watches a node's jobs. */
function watchers(folder: string, node: string): number[] {
  const above = jobProcesses(folder, node).map((pid) => parentOf(pid));
  return above.filter((pid) => textOf(`/proc/${pid}/comm`).startsWith("slurmstepd"));
}

const configurationOf = (folder: string) => path.join(folder, "slurm.conf");

const pids = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function parentOf(pid: number): number {
  const text = textOf(`/proc/${pid}/stat`);
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
