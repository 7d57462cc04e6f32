import { expect, test } from "vitest";
import { enclosingCallee } from "../../../kernel/session/inspection.ts";

test.each([
  ["foo(1, |", 0],
  ["a.foo(bar(1), [2, |])", 2],
  ["foo(1) + |", -1],
  ["new Map<string, number>(|", 4],
])("the call around the cursor in %j has its callee at %d", (marked, offset) => {
  expect(enclosingCallee(marked.replace("|", ""), marked.indexOf("|"))).toBe(offset);
});
