import { availableParallelism } from "node:os";
import { controlGroups, type ReadFile, readSystemFile } from "../files/control-groups.ts";

/** What limits the cores of a process, to be replaced by tests. */
export interface CoreLimits {
  /** The cores that the process's affinity allows. */
  readonly affinity: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly read: ReadFile;
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

const ownLimits = (): CoreLimits => ({
  affinity: availableParallelism(),
  env: process.env,
  read: readSystemFile,
});

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
