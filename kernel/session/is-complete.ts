import { emit } from "./emit.ts";

/** The reply to `is_complete_request`. */
export type Completeness =
  | { status: "complete" | "invalid" | "unknown" }
  | { status: "incomplete"; indent: string };

const unfinished = /end of file|Expected "\*\/" to terminate/i;
const openText = /Unterminated string/i;

/** The indentation of the line to come: that of the last one, deeper after an opening bracket. */
function nextIndent(source: string): string {
  const last = source.trimEnd().split("\n").at(-1) ?? "";
  const own = /^\s*/.exec(last)![0];
  return /[{([]\s*$/.test(last) ? `${own}  ` : own;
}

async function fault(source: string): Promise<string | undefined> {
  const emitted = await emit(source, "cell.ts");
  return "faults" in emitted ? emitted.faults[0]!.text : undefined;
}

/** Whether a cell is whole, could become so with more lines, or never will. */
export async function completeness(source: string): Promise<Completeness> {
  const found = await fault(source);
  if (found === undefined) return { status: "complete" };
  // An open template may go on in the next line, other strings may not.
  const open = openText.test(found) && !openText.test((await fault(`${source}\``)) ?? "");
  return open || unfinished.test(found)
    ? { status: "incomplete", indent: nextIndent(source) }
    : { status: "invalid" };
}
