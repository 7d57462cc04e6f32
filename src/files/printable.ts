/** The longest text from a file that an error message repeats, in characters. */
const LONGEST = 80;

/**
 * `text` on one line: line breaks, control, formatting and unpaired surrogate characters are written as `\u{…}`, so that
 * text from a file can neither break a message nor command a terminal.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

/** A value from a file for an error message: as JSON on one line, cut after 80 characters. */
export function quoted(value: unknown): string {
  const short = typeof value === "string" && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  const json = JSON.stringify(short) ?? "missing";
  return oneLine(typeof short === "string" || json.length <= LONGEST ? json : `${json.slice(0, LONGEST)}…`);
}
