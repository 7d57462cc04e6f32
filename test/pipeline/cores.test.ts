import { describe, expect, test } from "vitest";
import { usableCores } from "../../src/pipeline/cores.ts";

/** The usable cores of a process on 16 cores, by its environment and the files of /proc and /sys. */
const cores = (files: Record<string, string>, env: Record<string, string> = {}) =>
  usableCores({ affinity: 16, env, read: (file) => files[file] });

const version2 = {
  "/proc/self/cgroup": "0::/user.slice/job.scope\n",
  "/proc/self/mountinfo":
    "22 1 8:1 / / rw - ext4 /dev/sda rw\n31 22 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
};
const version1 = {
  "/proc/self/cgroup": "5:cpuset:/slurm/uid_7/job_9/step_0\n4:cpu,cpuacct:/slurm/uid_7/job_9/step_0\n0::/\n",
  "/proc/self/mountinfo": [
    "33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "34 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset",
    "35 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
  ].join("\n"),
};
/** A container of version 1: its group has its name outside, and is the root of what is mounted. */
const container = {
  "/proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n",
  "/proc/self/mountinfo": "33 31 0:29 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct",
};

describe("the usable cores", () => {
  test("are those of the affinity where nothing else is known", () => {
    expect(cores({})).toBe(16);
    expect(cores(version2)).toBe(16);
    expect(usableCores()).toBeGreaterThanOrEqual(1);
  });

  test.each([
    ["4", 4],
    ["64", 16],
    ["", 16],
    ["0", 16],
    ["many", 16],
  ])("with SLURM_CPUS_PER_TASK=%j are %i", (given, expected) => {
    expect(cores({}, { SLURM_CPUS_PER_TASK: given })).toBe(expected);
  });

  test.each([
    ["max 100000", 16],
    ["300000 100000", 3],
    ["350000 100000", 3],
    ["50000 100000", 1],
    ["nonsense", 16],
  ])("with cpu.max %j are %i", (text, expected) => {
    expect(cores({ ...version2, "/sys/fs/cgroup/user.slice/job.scope/cpu.max": `${text}\n` })).toBe(expected);
    expect(cores({ ...version2, "/sys/fs/cgroup/user.slice/cpu.max": `${text}\n` })).toBe(expected);
  });

  test("are the fewest of all limits", () => {
    const files = {
      ...version2,
      "/sys/fs/cgroup/user.slice/cpu.max": "600000 100000\n",
      "/sys/fs/cgroup/user.slice/job.scope/cpu.max": "800000 100000\n",
      "/sys/fs/cgroup/user.slice/job.scope/cpuset.cpus.effective": "0-3,8\n",
    };
    expect(cores(files)).toBe(5);
    expect(cores(files, { SLURM_CPUS_PER_TASK: "2" })).toBe(2);
    expect(cores({ ...files, "/sys/fs/cgroup/user.slice/job.scope/cpuset.cpus.effective": "\n" })).toBe(6);
  });

  test("follow control groups of version 1, also in a container", () => {
    const quota = (folder: string, microseconds: number) => ({
      [`${folder}/cpu.cfs_quota_us`]: `${microseconds}\n`,
      [`${folder}/cpu.cfs_period_us`]: "100000\n",
    });
    const job = "/sys/fs/cgroup/cpu,cpuacct/slurm/uid_7/job_9";
    expect(cores({ ...version1, ...quota(job, 200_000) })).toBe(2);
    expect(cores({ ...version1, ...quota(job, -1) })).toBe(16);
    expect(cores({ ...version1, "/sys/fs/cgroup/cpuset/slurm/uid_7/job_9/cpuset.cpus": "4-6\n" })).toBe(3);
    expect(cores({ ...container, ...quota("/sys/fs/cgroup/cpu", 400_000) })).toBe(4);
  });
});
