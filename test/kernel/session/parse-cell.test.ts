import { expect, test } from "vitest";
import { parseCell } from "../../../kernel/session/parse-cell.ts";

test.each([
  "1 + 1",
  "import a, { b } from 'm' with { type: 'json' }; export { a as c }; export default b?.c?.(1)",
  "class A { #x() { return 1 } static { } get y() { return this.#x() } async *z(...[a = 1]) {} }",
  "a < b\nlabel: for await (const x of y) break label",
  "const t = tag`a`; await 1; /x/v; import.meta.url; await import('x')",
  "",
])("runs without being compiled: %s", (source) => {
  expect("javaScript" in parseCell(source)).toBe(true);
});

test.each([
  "let a: number = 1",
  "f<number>(1)",
  "a < b > (c)",
  "a as const",
  "a!",
  "<T>a",
  "a satisfies B",
  "type A = 1",
  "interface A {}",
  "enum A {}",
  "namespace A { export const b = 1 }",
  "declare const a: 1",
  "declare let a",
  "abstract class A {}",
  "class A { private a() {} }",
  "class A { a = 1 }",
  "class A { constructor(readonly a) {} }",
  "class A implements B {}",
  "class A { override a() {} }",
  "function f(a?) {}",
  "function f(this) {}",
  "function f(): void {}",
  "try {} catch (e: unknown) {}",
  "import type { A } from 'm'",
  "import { type A } from 'm'",
  "export type { A }",
  "import a = require('m')",
  "@dec class A {}",
  "using a = b",
  "#!/usr/bin/env node",
  "const a = 1; const a = 2",
  "function f(",
])("must be compiled: %s", (source) => {
  expect("javaScript" in parseCell(source)).toBe(false);
});
