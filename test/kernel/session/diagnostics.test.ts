import { expect, test } from "vitest";
import { codeFrame } from "../../../kernel/session/diagnostics.ts";

test("a code frame marks the error's range, cut off at the end of the line", () => {
  const lines = codeFrame("a\nbc\nd\ne", { line: 1, column: 1, length: 9 }).map((line) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI colours
    line.replace(/\u001b\[\d+m/g, ""),
  );
  expect(lines).toEqual(["  1 | a", "> 2 | bc", "    |  ^", "  3 | d"]);
});
