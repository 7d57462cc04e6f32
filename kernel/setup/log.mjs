import { statusLine } from "../display/status-line.mjs";
import { visibleLine } from "../display/visible.mjs";

const line = statusLine(process.stdout);

/** Prints one line to stdout, above the status line. */
export function log(text) {
  line.clear();
  process.stdout.write(`${visibleLine(text)}\n`);
}

/** Replaces the status line at the bottom of the terminal. Does nothing if stdout is not a terminal. */
export const showStatus = line.show;

export const clearStatus = line.clear;
