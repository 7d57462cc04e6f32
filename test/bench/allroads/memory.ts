import { readFileSync, writeFileSync } from "node:fs";

/** The resident memory of this process, in bytes, as Linux counts it. */
export const residentMemory = (): number => status("VmRSS");

/** The result of `work` and the most resident memory while it runs; none where the peak cannot be reset. */
export async function peakOf<T>(work: () => T | Promise<T>): Promise<{ result: T; peak?: number }> {
  const known = resetPeak();
  const result = await work();
  return known ? { result, peak: status("VmHWM") } : { result };
}

function resetPeak(): boolean {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return true;
  } catch {
    return false;
  }
}

function status(field: string): number {
  const [, kilobytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error(`/proc/self/status has no ${field}.`);
  return 1024 * Number(kilobytes);
}
