import { writeSync } from "node:fs";

/** Logs a line to the stderr of the process, which is not captured as a cell's output. */
export function log(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // stderr is closed.
  }
}
