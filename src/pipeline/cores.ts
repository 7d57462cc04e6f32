import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";

/** What limits the cores of a process, to be replaced by tests. */
export interface CoreLimits {
  /** The cores that the process's affinity allows. */
  readonly affinity: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file of /proc or /sys; undefined if it cannot be read. */
  readonly read: (file: string) => string | undefined;
}

/**
 * The number of cores that this process may keep busy, at least 1: the fewest that its affinity, `SLURM_CPUS_PER_TASK`
 * and the quota and cpuset of its control groups (version 1 or 2) allow.
 */
export function usableCores(limits: CoreLimits = ownLimits()): number {
  const { affinity, env, read } = limits;
  const slurm = /^[1-9]\d*$/.test(env.SLURM_CPUS_PER_TASK ?? "") ? [Number(env.SLURM_CPUS_PER_TASK)] : [];
  const groups = controlGroups(read).flatMap((folder) => [
    ...quotaOfVersion2(read(`${folder}/cpu.max`)),
    ...quotaOfVersion1(read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`)),
    ...sizeOfCpuset(read(`${folder}/cpuset.cpus.effective`) ?? read(`${folder}/cpuset.cpus`)),
  ]);
  return Math.max(1, Math.floor(Math.min(affinity, ...slurm, ...groups)));
}

function ownLimits(): CoreLimits {
  const read = (file: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return undefined;
    }
  };
  return { affinity: availableParallelism(), env: process.env, read };
}

/**
 * The folders of this process's control groups and of those around them, whose limits also hold. In a container a group
 * may be named by its path outside, and be the root of what is mounted.
 */
function controlGroups(read: CoreLimits["read"]): string[] {
  const memberships = lines(read("/proc/self/cgroup")).map((line) => {
    const [, controllers = "", ...group] = line.split(":");
    return { controllers: controllers.split(","), group: group.join(":") };
  });
  return lines(read("/proc/self/mountinfo")).flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [root = "/", mount = ""] = before.split(" ").slice(3, 5);
    const [type, , options = ""] = after.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    const isOf = (controllers: readonly string[]) =>
      type === "cgroup2"
        ? controllers.join() === ""
        : controllers.some((one) => options.split(",").includes(one));
    return memberships
      .filter(({ controllers }) => isOf(controllers))
      .flatMap(({ group }) => [mount, ...foldersBelow(mount, path.posix.relative(root, group))]);
  });
}

/** `base/a` and `base/a/b` for the relative path a/b; nothing for a path that leads out of `base`. */
function foldersBelow(base: string, relative: string): string[] {
  const names = relative.split("/").filter(Boolean);
  if (names.includes("..")) return [];
  return names.map((_, index) => path.posix.join(base, ...names.slice(0, index + 1)));
}

/** "200000 100000" is 2 cores, "max 100000" no limit. */
function quotaOfVersion2(text: string | undefined): number[] {
  const [quota, period] = (text ?? "").trim().split(" ");
  return quotient(quota, period);
}

/** A quota of -1 is no limit. */
function quotaOfVersion1(quota: string | undefined, period: string | undefined): number[] {
  return quotient(quota, period);
}

function quotient(quota: string | undefined, period: string | undefined): number[] {
  const cores = Number(quota) / Number(period);
  return cores > 0 && Number.isFinite(cores) ? [cores] : [];
}

/** "0-3,8" is 5 cores. An empty text is no limit. */
function sizeOfCpuset(text: string | undefined): number[] {
  const ranges = (text ?? "").trim().split(",").filter(Boolean);
  const sizes = ranges.map((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Number(last) - Number(first) + 1;
  });
  const size = sizes.reduce((sum, one) => sum + one, 0);
  return size > 0 ? [size] : [];
}

function lines(text: string | undefined): string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
