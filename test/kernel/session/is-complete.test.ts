import { expect, test } from "vitest";
import { isComplete } from "../../../kernel/session/is-complete.ts";

test.each([
  ["1 + 1", "complete"],
  ["type A = { x: number }", "complete"],
  ["await x", "complete"],
  ["function f() {", "incomplete"],
  ["const t = `a\nb", "incomplete"],
  ["const t = `a ${b", "incomplete"],
  ["foo(1,", "incomplete"],
  ["/* a", "incomplete"],
  ["interface A {", "incomplete"],
  ["const a = 'b", "invalid"],
  ["const 1 = 2", "invalid"],
  ["}", "invalid"],
])("%j is %s", async (source, status) => {
  expect((await isComplete(source)).status).toBe(status);
});

test("the indentation of the next line is that of the last, one level deeper after an opening bracket", async () => {
  expect(await isComplete("if (a) {\n  for (const b of c) {")).toEqual({
    status: "incomplete",
    indent: "    ",
  });
  expect(await isComplete("foo(\n    1,")).toEqual({ status: "incomplete", indent: "    " });
});
