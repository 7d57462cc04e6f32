import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellTools } from "../../kernel/evaluate/cell-runtime.ts";
import { rewriteCell } from "../../kernel/session/rewrite.ts";

/** Runs cells one after the other in one session: what each of them gives. */
async function session(...cells: string[]): Promise<unknown[]> {
  const tools = cellTools(async (name) => `imported ${name}`, { url: "file:///cell.ts" });
  const known = new Set<string>();
  const results: unknown[] = [];
  for (const cell of cells) {
    const { code, names } = rewriteCell(cell, known);
    for (const name of names) known.add(name);
    const make = vm.runInThisContext(code);
    const result = await make(tools, () => {}, "file", "folder")();
    results.push(result?.[0]);
  }
  return results;
}
const last = async (...cells: string[]) => (await session(...cells)).at(-1);

describe("cells see each other", () => {
  test.each<[string, unknown, ...string[]]>([
    ["a constant", 3, "const a = 3", "a"],
    [
      "an assignment that the declaring cell's functions see",
      9,
      "let a = 1; function f() { return a }",
      "a = 9",
      "f()",
    ],
    [
      "destructuring, with defaults and rests",
      "1,2,3,4",
      "const { p, q: [r], ...s } = { p: 1, q: [2], t: 3 }; let [u = 4] = []",
      "[p, r, s.t, u].join()",
    ],
    [
      "a class that is declared again",
      2,
      "class K { m() { return 1 } }",
      "class K { m() { return 2 } }",
      "new K().m()",
    ],
    ["a function in place of a variable", "f", "let f = 1", "function f() { return 'f' }", "f()"],
    ["a name within a shorthand", 5, "const a = 5", "({ a }).a"],
    [
      "an assignment by destructuring",
      "2,1",
      "let a = 1, b = 2",
      "[a, b] = [b, a]; ({ a, b = 0 } = { a, b }); [a, b].join()",
    ],
    ["a call that keeps no receiver", undefined, "function f() { return this }", "f()"],
    ["a parenthesized call that keeps no receiver", undefined, "function f() { return this }", "(f)()"],
    ["a tagged template", "x1", "const tag = (s) => s[0] + 1", "tag`x`"],
    ["an inner name that hides one", 7, "const a = 1", "((a) => { { let b = a; return b } })(7)"],
    [
      "a catch clause that hides one",
      "inner",
      "const e = 'outer'",
      "try { throw 'inner' } catch (e) { e }; (() => { try { throw 'inner' } catch (e) { return e } })()",
    ],
    [
      "a hoisted var that hides one",
      undefined,
      "const a = 1",
      "(() => { const before = a; if (false) { var a = 2 } return before })()",
    ],
    ["a label of the same name", 1, "const a = 1", "a: for (;;) { break a } a"],
    ["a property of the same name", 2, "const a = 1", "({ a: 2 }).a"],
    ["typeof", "number", "const a = 1", "typeof a"],
    ["an update", 2, "let a = 1", "a++; a"],
    ["class fields and computed keys", 3, "const k = 'x', v = 3", "class C { [k] = v } new C().x"],
    ["a call after a line without its semicolon", 3, "const f = () => 3", "let a = 1\nf()"],
    ["a tag after one", "x1", "const tag = (s) => s[0] + 1", "let a = 1\ntag`x`"],
    ["a call after a lone string", 3, "const f = () => 3", "'use strict'\nf()"],
    ["one after an import", 3, "const f = () => 3", "import 'x'\nexport { f as g }\n;[f()][0]"],
    ["one after a loop's end", 3, "const f = () => 3", "do break\nwhile (0) f()"],
    [
      "one in a function, after a return of nothing",
      undefined,
      "const f = () => 3",
      "(() => { for (let i = 0;;) { return\nf() } })()",
    ],
    ["loops", "0,1,2", "const out = []; let i", "for (i = 0; i < 3; i++) out.push(i); out.join()"],
  ])("%s", async (_, wanted, ...cells) => {
    expect(await last(...cells)).toEqual(wanted);
  });

  test("a cell's own constants cannot be assigned to, from anywhere", async () => {
    await expect(session("const a = 1", "a = 2")).rejects.toThrow("Assignment to constant variable");
  });

  test("a variable that is not initialised says so", async () => {
    await expect(session("const b = a; const a = 1")).rejects.toThrow(/before initialization/);
  });

  test("whatever is computed step by step is what one program computes", () => {
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
        expect(await last(start, ...texts, "[a, b, c].join()")).toBe(whole);
      }),
    );
  });
});

describe("a cell's value", () => {
  test.each([
    ["an expression", "1 + 1", 2],
    ["a lone string, which is no directive", '"hello"', "hello"],
    ["an object in parentheses", "({ a: 1 })", { a: 1 }],
    ["with a semicolon and a comment", "5; // five", 5],
    ["an awaited one", "await Promise.resolve(4)", 4],
    ["nothing after a declaration", "const a = 1", undefined],
    ["nothing of a loop", "for (let i = 0; i < 2; i++) i", undefined],
    ["an exported default", "export default 6", 6],
    ["one before the exports", "const a = 1; a; export { a };", 1],
    ["dynamic imports", 'await import("x")', "imported x"],
    ["import.meta", "import.meta.url", "file:///cell.ts"],
    ["for await", "let sum = 0; for await (const n of [1, 2]) sum += n; sum", 3],
  ])("%s", async (_, cell, wanted) => {
    expect(await last(cell)).toEqual(wanted);
  });

  test("imports are told, and taken out", () => {
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
    expect(code).toContain("return [(__of_b.value)]");
  });
});

test("what is awaited across an interrupt throws", async () => {
  const tools = cellTools(async () => undefined, {});
  const { code } = rewriteCell("await 1; for (;;) await null", new Set());
  const running = vm.runInThisContext(code)(tools)();
  setImmediate(() => {
    tools.epoch += 1;
  });
  const other = rewriteCell("await new Promise((done) => setTimeout(done, 1)); 5", new Set());
  tools.epoch += 1;
  await expect(running).rejects.toThrow("interrupted");
  tools.epoch = 7;
  const quiet = vm.runInThisContext(other.code)(tools)();
  setImmediate(() => {
    tools.epoch = 7;
  });
  expect(await quiet).toEqual([5]);
});
