import { expect, test } from "vitest";
import { jsonProblem } from "../../../kernel/session/jsonc.ts";

test.each([
  ["", undefined],
  ['\uFEFF{ "a": [1, 2,], /* , } */ "b": "//", // c\n }', undefined],
  ['{ "a": "\\",}" }', undefined],
  ['{\n  "a": tru }', "not valid JSON (line 2, column 8)"],
  ['{ "a": 1 "b": 2 }', "not valid JSON (line 1, column 10)"],
  ["[1,,2]", "not valid JSON"],
  ["{ // }", "not valid JSON (line 1, column 7)"],
])("the problem of %j is %j", (text, problem) => {
  expect(jsonProblem(text)).toBe(problem);
});
