import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { childProcessId, type KernelClient, startKernel } from "./kernel-client.ts";

const root = resolve(import.meta.dirname, "..", "..");
let project = "";
let folder = "";
let kernel: KernelClient;
let changes = 0;

/** Writes a file of the project. Its modification time increases with each change. */
function write(name: string, text: string): void {
  const file = join(project, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  changes += 1;
  utimesSync(file, new Date(), new Date(Date.now() + 1000 * changes));
}

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "types-"));
  folder = join(project, "notebooks");
  mkdirSync(folder);
  mkdirSync(join(project, "node_modules"));
  symlinkSync(join(root, "node_modules", "@types"), join(project, "node_modules", "@types"));
  write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        strict: true,
        lib: ["es2023"],
        paths: { "@app/*": ["./app/*"] },
        experimentalDecorators: true,
      },
    }),
  );
  write("app/shared.ts", "export const shared: number = 11; export type Shared = { n: number };");
  write(
    "notebooks/local.ts",
    'import { shared } from "@app/shared"; export function f(x: number) { return x + shared; }',
  );
  write("notebooks/data.json", '{ "rows": [1, 2, 3] }');
  write("notebooks/legacy.cjs", "exports.answer = 42; exports.where = __dirname;");
  write(
    "node_modules/pure-esm/package.json",
    '{ "type": "module", "exports": { ".": "./index.js", "./sub": "./sub.js" } }',
  );
  write(
    "node_modules/pure-esm/index.js",
    "export const late = await Promise.resolve('late'); export default 'esm';",
  );
  write("node_modules/pure-esm/sub.js", "export const sub = 'sub';");
  write("node_modules/common/package.json", '{ "main": "main.js" }');
  write(
    "node_modules/common/main.js",
    "module.exports = function hello() { return 'hi' }; module.exports.extra = 1;",
  );
  write("node_modules/compiled/package.json", '{ "main": "main.js" }');
  write(
    "node_modules/compiled/main.js",
    "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'default'; for (const k of ['dyn' + 'amic']) exports[k] = 2;",
  );
  kernel = await startKernel(folder);
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(project, { recursive: true });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI colours
const withoutColours = (lines: string[]) => lines.join("\n").replace(/\u001b\[\d+m/g, "");
const errorOf = async (code: string) => {
  const { reply } = await kernel.run(code);
  expect(reply.status).toBe("error");
  return `${reply.ename}\n${withoutColours(reply.traceback)}`;
};
const resultOf = async (...cells: string[]) => {
  let result: string | undefined;
  for (const cell of cells) {
    const ran = await kernel.run(cell);
    if (ran.reply.status === "error") throw new Error(withoutColours(ran.reply.traceback));
    result = ran.result;
  }
  return result;
};

describe("cells are one program", () => {
  test("a type error is shown with its location and source lines, and the cell does not run", async () => {
    const { reply } = await kernel.run("let text: string = 'a'");
    const error = await errorOf("const a = 1;\ntext = a;\nconsole.log('never');");
    expect(error).toBe(
      [
        "TypeScriptError",
        `Cell [${reply.execution_count + 1}]:2:1 - TS2322: Type 'number' is not assignable to type 'string'.`,
        "",
        "  1 | const a = 1;",
        "> 2 | text = a;",
        "    | ^^^^",
        "  3 | console.log('never');",
      ].join("\n"),
    );
    expect(await errorOf("a")).toContain("Cannot find name 'a'");
  });

  test("values and types can be redeclared with another type", async () => {
    await resultOf(
      "const v = 1; type T = string; class K { one = 1 }; interface I { a: 1; b: 1 }; enum E { A }",
    );
    await resultOf(
      "const v = 'text'; type T = number; class K { two = 2 }; interface I { b: 2 }; function w() { return v.length }",
    );
    expect(
      await resultOf(
        "const t: T = 5; const i: I = { b: 2 }; [v.length, new K().two, t, i.b, E[0], w()].join()",
      ),
    ).toBe("4,2,5,2,A,4");
    expect(await errorOf("new K().one")).toContain("TS2339");
  });

  test("interfaces of one name in several cells are one interface, also for functions of earlier cells", async () => {
    await resultOf(
      "type Speed = number",
      "interface Moves {\n  walk: Speed // metres per second\n  on(name: 'a'): void\n}\nconst speedOf = (moves: Moves, name: keyof Moves) => moves[name]",
      "interface Moves { run: Speed; on(name: 'b'): void }\nconst both: Moves = { walk: 1, run: 3, on(name: string) {} }",
    );
    expect(await resultOf("both.on('a'); both.on('b'); speedOf(both, 'run')")).toBe("3");
    expect(await errorOf("speedOf(both, 'swim')")).toContain("TS2345");
    expect(await errorOf("const none: Moves = { run: 1, on() {} }")).toContain("TS2741");
    expect(
      await resultOf(
        "interface Moves { run: Speed; on(name: 'b'): void; swim: 5 }; speedOf({ ...both, swim: 5 }, 'swim')",
      ),
    ).toBe("5");
  });

  test("a cell that the client names replaces its own interface, and contradicts those of other cells", async () => {
    const run = async (cellId: string, code: string, metadata = {}) => {
      const { reply, result } = await kernel.run(code, {}, undefined, { cellId, ...metadata });
      return reply.status === "error" ? withoutColours(reply.traceback) : result;
    };
    await run("first", "interface Shape { kind: string; sides: number }");
    await run("second", "interface Shape { area: number }");
    expect(
      await run("third", "const square: Shape = { kind: 'square', sides: 4, area: 1 }; square.area"),
    ).toBe("1");
    await run("first", "interface Shape { kind: 'round' }");
    expect(await run("third", "const circle: Shape = { kind: 'round', area: 1 }; circle.kind")).toBe("round");
    const contradiction = await run("fourth", "\ninterface Shape {\n  area: string }");
    expect(contradiction).toMatch(
      /:3:3 - TS2717: .*'area' must be of type 'number', but here has type 'string'\. Another cell declares this interface, too, and both are merged: change one of the declarations, or its name\./,
    );
    await run("fourth", "interface Shape { area: string }", { deletedCells: ["second"] });
    expect(await run("third", "const text: Shape = { kind: 'round', area: 'large' }; text.area")).toBe(
      "large",
    );
  });

  test("the project's compiler options apply: strict, lib, paths", async () => {
    expect(await errorOf("function loose(x) { return x }")).toContain("TS7006");
    expect(await errorOf("document.title")).toContain("Cannot find name 'document'");
    expect(
      await resultOf('import { shared, Shared } from "@app/shared"; const s: Shared = { n: shared }; s.n'),
    ).toBe("11");
  });

  test("narrowing applies in later cells and their functions", async () => {
    const cells = [
      "const maybe = (Math.random() >= 0 ? { n: 1 } : undefined)",
      "[1].map(() => maybe ? [2].map(() => maybe.n) : [])",
    ];
    expect(await resultOf(...cells)).toBe("[ [ 1 ] ]");
  });

  test("an untyped variable accepts any value; exports may precede the result", async () => {
    expect(await resultOf("let z", "z = 5", "z + 1")).toBe("6");
    expect(await resultOf("export const out = 5; export default class Foo { x = out } new Foo().x")).toBe(
      "5",
    );
  });

  test("enums, namespaces, parameter properties and decorators run", async () => {
    expect(
      await resultOf(`
        enum Colour { Red = 2 }
        namespace N { export const x = 3 }
        class P { constructor(readonly y: number) {} }
        function twice(target: unknown, key: string, d: PropertyDescriptor) { const f = d.value; d.value = () => 2 * f(); }
        class D { @twice m() { return 4 } }
        const list = <number[]>[1] satisfies number[];
        [Colour.Red, Colour[2], N.x, new P(5).y, new D().m(), list!.length].join()`),
    ).toBe("2,Red,3,5,8,1");
  });

  test("a cell with @ts-nocheck is not checked", async () => {
    expect(await resultOf("// @ts-nocheck\nconst wild: string = 5; wild")).toBe("5");
    const unchecked = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
    onTestFinished(unchecked.stop);
    expect((await unchecked.run("const wild: string = 6; wild")).result).toBe("6");
  });

  test("a cell can turn checking off and on; variables of unchecked cells have types afterwards", async () => {
    const switchTo = (on: boolean) => `(globalThis as any)[Symbol.for("allroads.kernel")].checkTypes(${on})`;
    await resultOf(switchTo(false));
    expect(await resultOf("const loose: string = 5; loose")).toBe("5");
    await resultOf(switchTo(true));
    expect(await errorOf("loose.nothing")).toContain("Property 'nothing' does not exist on type 'string'");
    const unchecked = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
    onTestFinished(unchecked.stop);
    await unchecked.run("const early: string = 'a'");
    await unchecked.run(switchTo(true));
    expect((await unchecked.run("early * 2")).reply.ename).toBe("TypeScriptError");
  });

  test("queued cells are checked against the cells that ran, not those expected to run", async () => {
    const queued = [
      "let queued = 1, kept = 'yes'",
      "queued + 1",
      "queued = 'no'",
      "const text: string = kept; type Item = typeof queued",
      "throw new Error('stop')",
      "let queued = 'text', kept = { deep: true }",
      "queued.length + kept.deep.toString().length",
      "const item: Item = 5; item",
      "// @ts-nocheck\nlet queued = [1, 2, 3]",
      "queued.at(-1)! + kept.deep.toString().length",
    ];
    const ran = await Promise.all(queued.map((code) => kernel.run(code, { stop_on_error: false })));
    expect(ran.map(({ reply, result }) => (reply.status === "error" ? reply.ename : result))).toEqual([
      undefined,
      "2",
      "TypeScriptError",
      undefined,
      "Error",
      undefined,
      "8",
      "5",
      undefined,
      "7",
    ]);
  });

  test("global declarations of a cell with errors do not take effect", async () => {
    const cell = (type: string) => `export {}; declare global { var forAll: ${type} } const own: string = `;
    expect(await errorOf(`${cell("number")}1`)).toContain("TS2322");
    expect(await errorOf("globalThis.forAll")).toContain("TS");
    await resultOf(`${cell("string")}'a'`);
    expect(await errorOf("globalThis.forAll = 1")).toContain("'number' is not assignable to type 'string'");
  });

  test("more cells than placeholder files can be used", async () => {
    const queued = Array.from(
      { length: 560 },
      (_, n) => `const many${n} = ${n}${n > 0 ? ` + many${n - 1}` : ""}`,
    );
    const ran = await Promise.all(queued.map((code) => kernel.run(code)));
    expect(ran.filter(({ reply }) => reply.status !== "ok")).toEqual([]);
    expect(await resultOf("const total: number = many559 + many0; total")).toBe("156520");
    expect(await errorOf("many559.length")).toContain("TS2339");
  });

  test("a type checker that crashes is restarted with all cells", async () => {
    await resultOf("const lasting = { n: 1 }; type Lasting = { n: number }");
    for (let round = 0; round < 2; round++) {
      process.kill(childProcessId(kernel.pid, "tsc"), "SIGKILL");
      const { reply, messages } = await kernel.run("const wrong: Lasting = { n: lasting }");
      expect(reply.ename).toBe("TypeScriptError");
      expect(messages.map(({ type }) => type)).toEqual(["execute_input", "error"]);
      expect(await resultOf("const right: Lasting = lasting; right.n")).toBe("1");
    }
  });

  test("variables with names of globals do not affect the global object", async () => {
    await resultOf("const window = 5, process2 = 1, performance = 'mine', document = 'text'");
    expect(
      await resultOf(
        "[window, performance, new Function('return typeof window + typeof performance')()].join()",
      ),
    ).toBe("5,mine,undefinedobject");
  });
});

describe("modules", () => {
  test("local modules are checked, and loaded again after changes while variables are kept", async () => {
    expect(await resultOf('import { f } from "./local.ts"; const before = f(1); before')).toBe("12");
    expect(await errorOf("f('x')")).toContain("TS2345");
    expect(await resultOf('import { f as g } from "./local"; g === f')).toBe("true");
    write("notebooks/local.ts", "export function f(x: string) { return x + '!'; }");
    expect(await resultOf('import { f } from "./local.ts"; f("new") + before')).toBe("new!12");
    write("app/shared.ts", "export const shared: number = 100;");
    write("notebooks/local.ts", 'import { shared } from "@app/shared"; export const g = () => shared;');
    expect(await resultOf('import { g as h } from "./local"; h()')).toBe("100");
    write("app/shared.ts", "export const shared: number = 200;");
    expect(await resultOf('import { g as h } from "./local"; h()')).toBe("200");
  });

  test("a module that failed to load is loaded again after a change", async () => {
    expect(await errorOf('import "./late.ts"')).toContain("import of './late.ts'");
    write("notebooks/late.ts", "export const x = ;");
    expect(await errorOf('// @ts-nocheck\nimport "./late.ts"')).toMatch(
      /^SyntaxError\nSyntaxError: .*late\.ts:1:18: Unexpected/,
    );
    write("notebooks/late.ts", "throw new Error('in the module');");
    expect(await errorOf('// @ts-nocheck\nimport "./late.ts"')).toMatch(
      /Error: in the module\n {4}at late\.ts:1:7/,
    );
    write("notebooks/late.ts", "export const x = 1;");
    expect(await resultOf('import { x } from "./late.ts"; x')).toBe("1");
  });

  test("JSON, CommonJS and ES modules can be imported, with subpaths and top-level await", async () => {
    expect(await resultOf('import data from "./data.json"; data.rows.length')).toBe("3");
    expect(await resultOf('import { answer } from "./legacy.cjs"; answer')).toBe("42");
    expect(
      await resultOf(
        'import esm, { late } from "pure-esm"; import { sub } from "pure-esm/sub"; [esm, late, sub].join()',
      ),
    ).toBe("esm,late,sub");
    expect(await resultOf('import hello, { extra } from "common"; [hello(), extra].join()')).toBe("hi,1");
    expect(
      await resultOf(
        'import * as all from "compiled"; import word from "compiled"; [word, (all as any).dynamic].join()',
      ),
    ).toBe("default,2");
    expect(await resultOf('const { late: again } = await import("pure-esm"); again')).toBe("late");
    expect(
      await resultOf(
        'const path = require("node:path"); path.join(import.meta.dirname, "x") === path.join(__dirname, "x")',
      ),
    ).toBe("true");
  });

  test("a package is found after it was installed", async () => {
    const cell = 'import { fresh } from "@new/package"; fresh.length';
    expect(await errorOf(cell)).toContain("TS2307");
    write("node_modules/@new/package/package.json", '{ "main": "main.js", "types": "main.d.ts" }');
    write("node_modules/@new/package/main.js", "exports.fresh = 'fresh';");
    write("node_modules/@new/package/main.d.ts", "export const fresh: string;");
    expect(await resultOf(cell)).toBe("5");
  });

  test("a missing module is reported with the importing file and what to do", async () => {
    write("notebooks/outer.ts", 'export { x } from "./inner.ts";');
    write("notebooks/inner.ts", 'import x from "@no/such/sub"; export { x };');
    const notFound = (message: string) => `ModuleNotFoundError\nModuleNotFoundError: ${message}`;
    for (const code of ['import { x } from "./outer.ts"', '// @ts-nocheck\nimport "./inner.ts"'])
      expect(await errorOf(code)).toBe(
        notFound(
          'inner.ts imports "@no/such/sub", but the package "@no/such" is not installed: run !npm install @no/such in a cell.',
        ),
      );
    expect(await errorOf('// @ts-nocheck\nimport "no-such-package"')).toContain(
      'This cell imports "no-such-package", but the package "no-such-package" is not installed',
    );
    expect(await errorOf('// @ts-nocheck\nimport "common/none.js"')).toContain(
      'This cell imports "common/none.js", but the installed package "common" does not have it',
    );
    write("notebooks/inner.ts", 'export { x } from "./gone";');
    expect(await errorOf('import { x } from "./outer.ts"')).toBe(
      notFound(
        `inner.ts imports "./gone", but ${join(folder, "gone")} does not exist: create the file, or correct the import.`,
      ),
    );
    write("notebooks/inner.ts", "export const x = 1;");
    expect(await resultOf('import { x } from "./outer.ts"; x')).toBe("1");
  });
});

test("an interrupt ends a loop of awaits in a local module and runs its finally block", async () => {
  write(
    "notebooks/loop.ts",
    `export const log: string[] = [];
    export async function forever() {
      try { for (;;) await new Promise((done) => setTimeout(done, 5)); } finally { log.push("ended"); }
    }`,
  );
  await resultOf('import { forever, log } from "./loop.ts"');
  const started = kernel.published(({ content }) => content.text === "on\n");
  const running = kernel.run("console.log('on'); await forever()");
  await started;
  await kernel.ask("control", "interrupt_request");
  expect((await running).reply.ename).toBe("Interrupted");
  expect(await resultOf("await new Promise((done) => setTimeout(done, 50)); log.join()")).toBe("ended");
});

describe("errors at run time", () => {
  test("have source locations in cells and modules, and no frames of the kernel", async () => {
    write(
      "notebooks/thrower.ts",
      "// a comment\n\nexport function thrower(f: () => void): void {\n  f();\n}\n",
    );
    const { reply } = await kernel.run(
      'import { thrower } from "./thrower.ts";\n\ninterface Gone { a: 1 }\nfunction deep(): never {\n\n  throw new TypeError("deep");\n}',
    );
    const n = reply.execution_count;
    expect(await errorOf("const before = 1;\nthrower(() => deep());")).toBe(
      [
        "TypeError",
        "  4 | function deep(): never {",
        "  5 | ",
        '> 6 |   throw new TypeError("deep");',
        "    |         ^",
        "  7 | }",
        "",
        "TypeError: deep",
        `    at deep (Cell [${n}]:6:9)`,
        `    at Cell [${n + 1}]:2:15`,
        "    at thrower (thrower.ts:4:3)",
        `    at Cell [${n + 1}]:2:1`,
      ].join("\n"),
    );
  });

  test("are shown for errors after an await, thrown values and syntax errors", async () => {
    expect(await errorOf("await null;\n\nthrow new Error('x', { cause: new Error('y') })")).toMatch(
      /> 3 \|[\s\S]*Error: x\n {4}at Cell \[\d+\]:3:7 \{\n {2}\[cause\]: Error: y\n {6}at Cell \[\d+\]:3:31/,
    );
    expect(await errorOf("throw { a: 1 }")).toBe("Uncaught\nUncaught { a: 1 }");
    expect(await errorOf("const 5x = 1")).toMatch(/^SyntaxError\nCell \[\d+\]:1:8 - /);
  });
});

describe("completion and inspection", () => {
  const complete = (code: string, cursor_pos = [...code].length) =>
    kernel.ask("shell", "complete_request", { code, cursor_pos });
  const inspect = (code: string, cursor_pos = [...code].length) =>
    kernel.ask("shell", "inspect_request", { code, cursor_pos });

  test("properties of variables of earlier cells are completed, with their types", async () => {
    await resultOf(
      "const person = { name: 'Ada', born: 1815 }; function greet(whom: string): string { return whom }",
    );
    const reply = await complete("person.");
    expect(reply).toMatchObject({ status: "ok", matches: ["born", "name"], cursor_start: 7, cursor_end: 7 });
    expect(reply.metadata._jupyter_types_experimental[0]).toMatchObject({ text: "born", type: "property" });
    expect((await complete("person.na + 1", 9)).matches).toEqual(["name"]);
    expect((await complete("'😀'; person.na")).cursor_start).toBe(12);
  });

  test("names of cells, globals and keywords are completed", async () => {
    expect((await complete("gree")).matches).toContain("greet");
    expect((await complete("const m = new Ma")).matches).toContain("Map");
    expect((await complete("let inner = 1; inn")).matches[0]).toBe("inner");
    expect((await complete("")).matches.length).toBeGreaterThan(50);
  });

  test("concurrent completion does not affect the checking of cells", async () => {
    for (let round = 0; round < 5; round++) {
      const wrong = kernel.run("const wrong: string = 5", { stop_on_error: false });
      const right = kernel.run("6 * 7");
      const completions = Array.from({ length: 5 }, () => complete("const other: number = 'x'; Math."));
      expect((await wrong).reply.ename).toBe("TypeScriptError");
      expect((await right).result).toBe("42");
      for (const { matches } of await Promise.all(completions)) expect(matches).toContain("hypot");
    }
  });

  test("inspection returns type and documentation as Markdown and plain text", async () => {
    const { data, found } = await inspect("greet('x')", 3);
    expect(found).toBe(true);
    expect(data["text/markdown"]).toBe("```typescript\nfunction greet(whom: string): string\n```");
    expect(data["text/plain"]).toBe("function greet(whom: string): string");
    expect((await inspect("JSON.stringify(1, ")).data["text/plain"]).toContain("Converts a JavaScript value");
    expect((await inspect("const x = ;")).found).toBe(false);
  });

  test("a variable of an earlier cell is inspected with its documentation and its narrowed type", async () => {
    await resultOf("/** Where it goes. */\nlet goal: string | undefined = process.argv[0]");
    const textOf = async (code: string) => (await inspect(code)).data["text/plain"];
    expect(await textOf("goal")).toBe("let goal: string | undefined\nWhere it goes.");
    expect(await textOf("if (goal) goal")).toBe("let goal: string\nWhere it goes.");
    expect(await textOf("for (const goal of [1]) goal")).toBe("const goal: number");
  });
});

test("the type checker creates no cache of downloaded types", async () => {
  const cache = join(project, "cache");
  const other = await startKernel(folder, { XDG_CACHE_HOME: cache });
  onTestFinished(other.stop);
  for (let count = 1; count <= 8; count++) await other.run(`const value${count} = ${count};`);
  expect((await other.run("value1 + value8")).result).toBe("9");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(existsSync(join(cache, "typescript"))).toBe(false);
});
