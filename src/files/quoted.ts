import { visibleLine } from "./visible-text.ts";

/** The longest text from a file that an error message repeats, in characters. */
const LONGEST = 80;

/** A value from a file for an error message: as JSON on one line, cut after 80 characters. */
export function quoted(value: unknown): string {
  const short = typeof value === "string" && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  const json = JSON.stringify(short) ?? "missing";
  return visibleLine(
    typeof short === "string" || json.length <= LONGEST ? json : `${json.slice(0, LONGEST)}…`,
  );
}
