import { visibleLine } from "../files/visible-text.ts";

/** Tells the user a sentence on standard error. In a terminal it replaces the line of progress. */
export function tellUser(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${visibleLine(text)}\n`);
}
