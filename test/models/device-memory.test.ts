import { totalmem } from "node:os";
import { expect, test } from "vitest";
import { deviceMemory, groupLimit } from "../../src/models/device-memory.ts";

const mount = (type: string, options: string) =>
  `22 1 8:1 / / rw - ext4 /dev/sda rw\n31 22 0:27 / /sys/fs/cgroup rw - ${type} ${type} ${options}\n`;
const limit = (files: Record<string, string>) => groupLimit((file) => files[file]);

test("the limit of memory is that of the job's own control group or one around it, whichever is less", () => {
  const files = {
    "/proc/self/cgroup": "0::/slurm/job_9/step_0\n",
    "/proc/self/mountinfo": mount("cgroup2", "rw"),
    "/sys/fs/cgroup/memory.max": "max\n",
  };
  expect(limit(files)).toBe(Number.POSITIVE_INFINITY);
  expect(limit({ ...files, "/sys/fs/cgroup/slurm/job_9/memory.max": "8000000000\n" })).toBe(8e9);
  expect(
    limit({
      ...files,
      "/sys/fs/cgroup/slurm/job_9/memory.max": "8000000000\n",
      "/sys/fs/cgroup/slurm/job_9/step_0/memory.max": "4000000000\n",
    }),
  ).toBe(4e9);
});

test("the limit is read in version 1 of control groups too", () => {
  expect(
    limit({
      "/proc/self/cgroup": "4:memory:/slurm/job_9\n",
      "/proc/self/mountinfo": mount("cgroup", "rw,memory"),
      "/sys/fs/cgroup/slurm/job_9/memory.limit_in_bytes": "2000000000\n",
    }),
  ).toBe(2e9);
  expect(limit({})).toBe(Number.POSITIVE_INFINITY);
});

test("a CPU has at most the machine's memory", () => {
  expect(deviceMemory()).toBeGreaterThan(0);
  expect(deviceMemory()).toBeLessThanOrEqual(totalmem());
});
