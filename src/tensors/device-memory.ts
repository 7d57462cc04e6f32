import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { device } from "./backend.ts";

let known: number | undefined;

/** The memory in bytes of the device that computes: of the first card, or all that this process may use of the machine. */
export function deviceMemory(): number {
  known ??= (device().kind === "cuda" ? cardMemory() : undefined) ?? Math.min(totalmem(), groupLimit());
  return known;
}

/** The memory of the first card, as its driver tells; undefined without an answer. */
function cardMemory(): number | undefined {
  try {
    const args = ["--query-gpu=memory.total", "--format=csv,noheader,nounits"];
    const megabytes = Number.parseInt(execFileSync("nvidia-smi", args, { encoding: "utf8" }), 10);
    return Number.isFinite(megabytes) ? megabytes * 2 ** 20 : undefined;
  } catch {
    return undefined;
  }
}

/** The limit of this process's control group, version 2 or 1; infinite if there is none. */
function groupLimit(): number {
  for (const file of ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]) {
    try {
      const limit = Number(readFileSync(file, "utf8"));
      if (limit > 0) return limit;
    } catch {
      // This version is not in use.
    }
  }
  return Number.POSITIVE_INFINITY;
}
