import { describe, expect, test, vi } from "vitest";
import { isActive, parseQueue, queued, requireSlurm } from "../../src/cluster/queue.ts";
import { UsageError } from "../../src/files/usage-error.ts";
import { temporaryFolder } from "../temporary.ts";

describe("the queue", () => {
  test("is read task by task, and what is no task of an array is left out", () => {
    const text = "7|0|RUNNING|n1|None\n7|1|PENDING||Resources\n8|N/A|PENDING||Priority\n\n";
    expect(parseQueue(text)).toEqual([
      { job: "7", index: 0, state: "RUNNING", node: "n1", reason: "None" },
      { job: "7", index: 1, state: "PENDING", node: "", reason: "Resources" },
    ]);
  });

  test("has tasks that wait or compute, and others that have ended", () => {
    expect(["PENDING", "RUNNING", "COMPLETING", "REQUEUED"].every((state) => isActive({ state }))).toBe(true);
    const ended = ["COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED"];
    expect(ended.some((state) => isActive({ state }))).toBe(false);
  });

  test("is not asked about nothing, and a machine without Slurm is refused with one sentence", () => {
    vi.stubEnv("PATH", temporaryFolder("empty"));
    expect(queued([])).toEqual([]);
    const sentence =
      "Slurm's program squeue is not on this machine: run this on a login node of the cluster.";
    expect(() => queued(["7"])).toThrow(new UsageError(sentence));
    expect(() => requireSlurm("sbatch")).toThrow(/^Slurm's program sbatch is not on this machine: [^\n]+$/);
    vi.unstubAllEnvs();
  });
});
