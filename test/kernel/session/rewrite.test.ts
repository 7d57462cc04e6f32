import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCellRuntime } from "../../../kernel/evaluate/cell-runtime.ts";
import { rewriteCell } from "../../../kernel/session/rewrite.ts";

/** Runs cells one after the other in one session. Returns their results. */
async function runCells(...cells: string[]): Promise<unknown[]> {
  const runtime = createCellRuntime(async (name) => `imported ${name}`, { url: "file:///cell.ts" });
  const sessionNames = new Set<string>();
  const results: unknown[] = [];
  for (const cell of cells) {
    const { code, names } = rewriteCell(cell, sessionNames);
    for (const name of names) sessionNames.add(name);
    const factory = vm.runInThisContext(code);
    const result = await factory(runtime, () => {}, "file", "folder")();
    results.push(result?.value);
  }
  return results;
}
const lastResult = async (...cells: string[]) => (await runCells(...cells)).at(-1);

describe("a cell can use variables of earlier cells", () => {
  test.each<[string, unknown, ...string[]]>([
    ["a constant", 3, "const a = 3", "a"],
    [
      "an assignment is seen by functions of the declaring cell",
      9,
      "let a = 1; function f() { return a }",
      "a = 9",
      "f()",
    ],
    [
      "destructuring with defaults and rest elements",
      "1,2,3,4",
      "const { p, q: [r], ...s } = { p: 1, q: [2], t: 3 }; let [u = 4] = []",
      "[p, r, s.t, u].join()",
    ],
    [
      "a class declared again",
      2,
      "class K { m() { return 1 } }",
      "class K { m() { return 2 } }",
      "new K().m()",
    ],
    ["a function in place of a variable", "f", "let f = 1", "function f() { return 'f' }", "f()"],
    ["a shorthand property", 5, "const a = 5", "({ a }).a"],
    [
      "destructuring assignment",
      "2,1",
      "let a = 1, b = 2",
      "[a, b] = [b, a]; ({ a, b = 0 } = { a, b }); [a, b].join()",
    ],
    ["a call has no receiver", undefined, "function f() { return this }", "f()"],
    ["a parenthesized call has no receiver", undefined, "function f() { return this }", "(f)()"],
    ["a tagged template", "x1", "const tag = (s) => s[0] + 1", "tag`x`"],
    ["shadowing by a parameter and a block", 7, "const a = 1", "((a) => { { let b = a; return b } })(7)"],
    [
      "shadowing by a catch clause",
      "inner",
      "const e = 'outer'",
      "try { throw 'inner' } catch (e) { e }; (() => { try { throw 'inner' } catch (e) { return e } })()",
    ],
    [
      "shadowing by a hoisted var",
      undefined,
      "const a = 1",
      "(() => { const before = a; if (false) { var a = 2 } return before })()",
    ],
    ["a label of the same name", 1, "const a = 1", "a: for (;;) { break a } a"],
    ["a property of the same name", 2, "const a = 1", "({ a: 2 }).a"],
    ["typeof", "number", "const a = 1", "typeof a"],
    ["an increment", 2, "let a = 1", "a++; a"],
    ["class fields and computed keys", 3, "const k = 'x', v = 3", "class C { [k] = v } new C().x"],
    ["a call after an omitted semicolon", 3, "const f = () => 3", "let a = 1\nf()"],
    [
      "a tagged template after an omitted semicolon",
      "x1",
      "const tag = (s) => s[0] + 1",
      "let a = 1\ntag`x`",
    ],
    ["a call after a directive", 3, "const f = () => 3", "'use strict'\nf()"],
    [
      "an omitted semicolon after an import",
      3,
      "const f = () => 3",
      "import 'x'\nexport { f as g }\n;[f()][0]",
    ],
    ["an omitted semicolon after do-while", 3, "const f = () => 3", "do break\nwhile (0) f()"],
    [
      "an omitted semicolon after return",
      undefined,
      "const f = () => 3",
      "(() => { for (let i = 0;;) { return\nf() } })()",
    ],
    ["loops", "0,1,2", "const out = []; let i", "for (i = 0; i < 3; i++) out.push(i); out.join()"],
  ])("%s", async (_, expected, ...cells) => {
    expect(await lastResult(...cells)).toEqual(expected);
  });

  test("a constant cannot be assigned to by a later cell", async () => {
    await expect(runCells("const a = 1", "a = 2")).rejects.toThrow("Assignment to constant variable");
  });

  test("a variable cannot be used before its initialization", async () => {
    await expect(runCells("const b = a; const a = 1")).rejects.toThrow(/before initialization/);
  });

  test("a program split into cells computes the same as the whole program", () => {
    const names = ["a", "b", "c"];
    const name = fc.constantFrom(...names);
    const step = fc.tuple(name, name, fc.constantFrom("+", "-", "*"), fc.integer({ min: -9, max: 9 }));
    const cell = fc.array(step, { minLength: 1, maxLength: 3 });
    return fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 5 }), async (cells) => {
        const start = "let a = 1, b = 2, c = 3;";
        const texts = cells.map((steps) =>
          steps.map(([to, from, operator, value]) => `${to} = ${from} ${operator} (${value});`).join("\n"),
        );
        const whole = vm.runInNewContext(`${start}${texts.join("\n")}; [a, b, c].join()`);
        expect(await lastResult(start, ...texts, "[a, b, c].join()")).toBe(whole);
      }),
    );
  });
});

describe("the result of a cell", () => {
  test.each([
    ["of an expression", "1 + 1", 2],
    ["of a string that looks like a directive", '"hello"', "hello"],
    ["of a parenthesized object", "({ a: 1 })", { a: 1 }],
    ["of an expression with a semicolon and a comment", "5; // five", 5],
    ["of an await expression", "await Promise.resolve(4)", 4],
    ["of a declaration is undefined", "const a = 1", undefined],
    ["of a loop is undefined", "for (let i = 0; i < 2; i++) i", undefined],
    ["of a default export", "export default 6", 6],
    ["of an expression before an export list", "const a = 1; a; export { a };", 1],
    ["of a dynamic import", 'await import("x")', "imported x"],
    ["of import.meta", "import.meta.url", "file:///cell.ts"],
    ["after for await", "let sum = 0; for await (const n of [1, 2]) sum += n; sum", 3],
  ])("%s", async (_, cell, expected) => {
    expect(await lastResult(cell)).toEqual(expected);
  });

  test("imports are removed and listed", () => {
    const { imports, names, code } = rewriteCell(
      'import d, { a as b, "x-y" as c } from "m"; import * as n from "./n.json" with { type: "json" }; import "side"; export * from "o"; b',
      new Set(),
    );
    expect(imports).toEqual([
      {
        specifier: "m",
        names: [
          ["default", "d"],
          ["a", "b"],
          ["x-y", "c"],
        ],
      },
      { specifier: "./n.json", names: [["*", "n"]], attributes: { type: "json" } },
      { specifier: "side", names: [] },
      { specifier: "o", names: [] },
    ]);
    expect(names).toEqual(["d", "b", "c", "n"]);
    expect(code).toContain("return { __proto__: null, value: (__of_b.value) }");
  });
});

test("an await during an interrupt throws", async () => {
  const runtime = createCellRuntime(async () => undefined, {});
  const { code } = rewriteCell("await 1; for (;;) await null", new Set());
  const running = vm.runInThisContext(code)(runtime)();
  setImmediate(() => {
    runtime.epoch += 1;
  });
  const other = rewriteCell("await new Promise((done) => setTimeout(done, 1)); 5", new Set());
  runtime.epoch += 1;
  await expect(running).rejects.toThrow("interrupted");
  runtime.epoch = 7;
  const uninterrupted = vm.runInThisContext(other.code)(runtime)();
  setImmediate(() => {
    runtime.epoch = 7;
  });
  expect(await uninterrupted).toEqual({ value: 5 });
});
