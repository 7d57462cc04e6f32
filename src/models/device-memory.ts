import { execFileSync } from "node:child_process";
import { totalmem } from "node:os";
import { controlGroups, type ReadFile, readSystemFile } from "../files/control-groups.ts";
import { device } from "../tensors/backend.ts";

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

/**
 * The least memory in bytes that this process's control groups, version 1 or 2, and those around them allow; infinite if
 * they set no limit. `read` is replaced by tests.
 */
export function groupLimit(read: ReadFile = readSystemFile): number {
  const limits = controlGroups(read).flatMap((folder) =>
    ["memory.max", "memory.limit_in_bytes"].map((name) => Number(read(`${folder}/${name}`))),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...limits.filter((limit) => limit > 0));
}
