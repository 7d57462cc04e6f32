import { expect, test } from "vitest";
import { shellWord } from "../../../kernel/evaluate/shell-word.ts";

test.each([
  ["linux", "a.txt", false, "a.txt"],
  ["darwin", "a b'c", false, "'a b'\\''c'"],
  ["linux", "", false, "''"],
  ["linux", 'say "$HOME" `x` \\', true, 'say \\"\\$HOME\\" \\`x\\` \\\\'],
  ["linux", ["a", 1, true, "b c"], false, "a 1 true 'b c'"],
  ["win32", "C:\\a b", false, '"C:\\a b"'],
  ["win32", "C:\\a", false, "C:\\a"],
  ["win32", "a b", true, "a b"],
] as const)("on %s, %j becomes one word, or several for a list", (platform, value, inQuotes, word) => {
  expect(shellWord(value, "x", inQuotes, platform)).toBe(word);
});

test("a value that is no word is refused", () => {
  expect(() => shellWord({}, "x", false, "linux")).toThrow("{x} is of type object, but a string");
  expect(() => shellWord([null], "x", false, "linux")).toThrow("{x} is null");
  expect(() => shellWord("%PATH%", "x", false, "win32")).toThrow('"%PATH%" cannot be passed to cmd.exe');
});
