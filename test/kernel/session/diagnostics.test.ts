import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { codeFrame } from "../../../kernel/session/diagnostics.ts";

test("a code frame marks the error's range, cut off at the end of the line", () => {
  const frame = codeFrame("a\nbc\nd\ne", { line: 1, column: 1, length: 9 });
  const lines = frame.map(stripVTControlCharacters);
  expect(lines).toEqual(["  1 | a", "> 2 | bc", "    |  ^", "  3 | d"]);
});

test("characters that are not seen are shown in the frame, and the marker is below the error", () => {
  const frame = codeFrame('const a = "\u202e"; b', { line: 0, column: 15, length: 1 });
  expect(frame.map(stripVTControlCharacters)).toEqual([
    '> 1 | const a = "\\u202e"; b',
    `    | ${" ".repeat(20)}^`,
  ]);
});
