import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let strictFolder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "checking-"));
  strictFolder = mkdtempSync(join(tmpdir(), "checking-strict-"));
  writeFileSync(join(strictFolder, "tsconfig.json"), '{ "compilerOptions": { "strict": true } }');
});
afterAll(() => {
  for (const each of [folder, strictFolder]) rmSync(each, { recursive: true });
});

async function open(where: string, env: Record<string, string> = {}): Promise<KernelClient> {
  const kernel = await startKernel(where, env);
  onTestFinished(kernel.stop);
  return kernel;
}

/** Runs a cell. Returns its result or the name and message of its error, and the codes of its warnings. */
async function outcome(kernel: KernelClient, code: string) {
  const { reply, result, messages } = await kernel.run(code);
  const printed = messages.flatMap(({ type, content }) => (type === "stream" ? [String(content.text)] : []));
  const warnings = [...printed.join("").matchAll(/^Cell \[\d+\]:\d+:\d+ - warning TS(\d+): /gm)];
  return {
    result: reply.status === "error" ? stripVTControlCharacters(`${reply.ename}: ${reply.evalue}`) : result,
    warnings: warnings.map(([, warned]) => Number(warned)),
  };
}

const setStrictness = (strictness: string | boolean) =>
  `(globalThis as any)[Symbol.for("allroads.kernel")].checkTypes(${JSON.stringify(strictness)})`;

describe("without a strict tsconfig.json", () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startKernel(folder);
  });
  afterAll(() => kernel?.stop());

  test.each([
    ['const d = await new Response(\'{ "name": "Ada" }\').json(); d.name', "Ada", [18046]],
    ["const j: { a: number } = await new Response('{ \"a\": 1 }').json(); j.a", "1", [2322]],
    ["function sq(x) { return x * x }; sq(3)", "9", [7006]],
    [
      "function pair({ a, b }, ...rest) { return [a, b, ...rest] }; pair({ a: 1, b: 2 }, 3)",
      "[ 1, 2, 3 ]",
      [7031, 7031, 7019],
    ],
    ["let said = ''; try { throw new Error('no') } catch (e) { said = e.message }; said", "no", [18046]],
    ["const c = {}; for (const w of ['a', 'a']) c[w] = (c[w] || 0) + 1; c", "{ a: 2 }", [7053, 7053]],
    ["[{ n: 'a' }].find(p => p.n === 'a').n", "a", [2532]],
    ["const lengths = new Map([['a', 1]]); const one: number = lengths.get('a'); one", "1", [2322]],
    ["parseInt(process.env.NOT_SET)", "NaN", [2345]],
    ["new Date(5) - new Date(2)", "3", [2362, 2363]],
    ["const o = {}; o.name = 'x'; o.name", "x", [2339, 2339]],
    ["let filled: number; const fill = () => { filled = 4 }; fill(); filled", "4", [2454]],
    ["const { deep } = await new Response('{ \"deep\": 3 }').json(); deep", "3", [2339]],
    [
      "const listed = []; for (const x of await new Response('[1]').json()) listed.push(x); listed",
      "[ 1 ]",
      [2571],
    ],
    ["const { m } = [{ m: 1 }].find(({ m }) => m === 1); m", "1", [2339]],
    [
      "const box = { items: [], best: null }; box.items.push(1); box.best = 2; box",
      "{ items: [ 1 ], best: 2 }",
      [2345, 2322],
    ],
    ["const made = [class { constructor() { this.at = 1 } }].map((K) => new K()); made.length", "1", [2339]],
  ])("%s runs with warnings", async (code, result, warnings) => {
    expect(await outcome(kernel, code)).toEqual({ result, warnings });
  });

  test.each([
    ["const s: string = 5", /TS2322/],
    ["const wrong: string = undefined", /TS2322/],
    ["[1].lenght", /TS2551/],
    ["notDeclared + 1", /TS2304/],
    ["({ a: 1 }).b", /TS2339/],
    ["Math.max('5')", /TS2345/],
  ])("%s does not run", async (code, error) => {
    expect(await outcome(kernel, code)).toEqual({ result: expect.stringMatching(error), warnings: [] });
  });

  test("a warning names the cell, line and column, and is shown before the output", async () => {
    const { reply, messages } = await kernel.run(
      "\nfunction first(list) { console.log('ran'); return list[0] }\nfirst([1])",
    );
    expect(messages.map(({ content }) => content.text ?? content.data?.["text/plain"])).toEqual([
      undefined,
      `Cell [${reply.execution_count}]:2:16 - warning TS7006: Parameter 'list' implicitly has an 'any' type.\n`,
      "ran\n",
      "1",
    ]);
  });

  test("classes may assign fields without declaring them, and other cells use them", async () => {
    const cell = `
      class Pt { constructor(x, y: number) { this.x = x; this.y = y } sum() { return this.x + this.y } }
      export class Box<T> { constructor(value: T) { this.value = value } typo() { return this.valeu } }`;
    expect(await outcome(kernel, cell)).toEqual({
      result: expect.stringMatching(/TS2551.*'valeu'/),
      warnings: [],
    });
    const mended = cell.replace("valeu", "value");
    for (let round = 0; round < 2; round++) {
      const { result, warnings } = await outcome(kernel, mended);
      expect(result).toBe(undefined);
      expect(warnings.sort()).toEqual([2339, 2339, 2339, 2339, 2339, 2339, 7006]);
      expect(await outcome(kernel, "const pt = new Pt(1, 2); [pt.sum(), pt.x, new Box('a').value]")).toEqual({
        result: "[ 3, 1, 'a' ]",
        warnings: [],
      });
      expect((await outcome(kernel, "pt.z")).result).toContain("TS2339");
    }
  });

  test("classes in functions may, too, beside others", async () => {
    const cell = `
      class Outer { constructor() { this.out = 1 } }
      function make() { class Inner { constructor() { this.inn = 2 } } return [new Outer().out, new Inner()] }
      make()`;
    const { result, warnings } = await outcome(kernel, cell);
    expect(result).toBe("[ 1, Inner { inn: 2 } ]");
    expect(warnings).toEqual([2339, 2339]);
  });

  test("one switch makes a cell or the session stricter or looser", async () => {
    const loose = "const same = (x) => x; same(1)";
    const wrong = "const text = (x: string) => x; text(1)";
    const outcomes = async (prefix = "") => [
      (await outcome(kernel, `${prefix}${loose}`)).result?.slice(0, 15),
      (await outcome(kernel, `${prefix}${wrong}`)).result?.slice(0, 15),
    ];
    const refused = "TypeScriptError";
    expect(await outcomes()).toEqual(["1", refused]);
    expect(await outcomes("// @ts-check\n")).toEqual([refused, refused]);
    expect(await outcomes("// a comment\n// @ts-nocheck\n")).toEqual(["1", "1"]);
    await kernel.run(setStrictness("strict"));
    expect(await outcomes()).toEqual([refused, refused]);
    expect(await outcomes("// @ts-nocheck\n")).toEqual(["1", "1"]);
    await kernel.run(`// @ts-nocheck\n${setStrictness(false)}`);
    expect(await outcomes()).toEqual(["1", "1"]);
    await kernel.run(setStrictness(true));
    expect(await outcomes()).toEqual(["1", refused]);
    await kernel.run("import { checkTypes } from 'allroads-kernel'");
    expect((await outcome(kernel, "// @ts-nocheck\ncheckTypes('loose')")).result).toBe(
      'TypeError: checkTypes: "loose" is no strictness: pass "strict", "relaxed", "off", true or false.',
    );
  });

  test("queued cells with warnings are checked ahead of time, and warn when they run", async () => {
    const cells = ["const q1 = (x) => x", "const q2 = q1(2) + 1", "const q3 = (y) => q2 + y", "q3(3)"];
    const ran = await Promise.all(cells.map((code) => outcome(kernel, code)));
    expect(ran.map(({ warnings }) => warnings)).toEqual([[7006], [], [7006], []]);
    expect(ran.at(-1)?.result).toBe("6");
  });
});

describe("a tsconfig.json that says strict", () => {
  test("makes all errors count, unless the session or the installation is relaxed", async () => {
    const kernel = await open(strictFolder);
    const loose = "function sq(x) { return x * x }; sq(2)";
    expect((await outcome(kernel, loose)).result).toContain("TS7006");
    await kernel.run(setStrictness("relaxed"));
    expect(await outcome(kernel, loose)).toEqual({ result: "4", warnings: [7006] });
    const relaxed = await open(strictFolder, { ALLROADS_KERNEL_CHECK: "relaxed" });
    expect((await outcome(relaxed, loose)).result).toBe("4");
    const strict = await open(folder, { ALLROADS_KERNEL_CHECK: "strict" });
    expect((await outcome(strict, loose)).result).toContain("TS7006");
  });
});

test("completion and inspection work while checking is off", async () => {
  const kernel = await open(folder, { ALLROADS_KERNEL_CHECK: "off" });
  await kernel.run("/** Who. */\nconst person = { name: 'Ada' }; const wrong: string = 5");
  const ask = (type: string, code: string) =>
    kernel.ask("shell", `${type}_request`, { code, cursor_pos: code.length });
  expect((await ask("complete", "person.")).matches).toEqual(["name"]);
  expect((await ask("complete", "Math.ma")).matches).toEqual(["max"]);
  expect((await ask("inspect", "person")).data["text/plain"]).toContain("Who.");
});

describe("names of later cells", () => {
  test("can be used by functions, which warn until then", async () => {
    const kernel = await open(strictFolder);
    expect(
      await outcome(kernel, "function isEven(n: number): boolean { return n === 0 || isOdd(n - 1) }"),
    ).toEqual({
      result: undefined,
      warnings: [2304],
    });
    expect((await outcome(kernel, "isEven(2)")).result).toBe("ReferenceError: isOdd is not defined");
    await outcome(
      kernel,
      "const state = () => [typeof later, typeof isOdd, typeof Math]; const tell = { get: () => ({ later }) }",
    );
    expect((await outcome(kernel, "state()")).result).toBe("[ 'undefined', 'undefined', 'object' ]");
    await outcome(
      kernel,
      "function isOdd(n: number): boolean { return n !== 0 && isEven(n - 1) }; let later = 5",
    );
    expect(await outcome(kernel, "[isEven(10), isOdd(7), state()[0], tell.get().later]")).toEqual({
      result: "[ true, true, 'number', 5 ]",
      warnings: [],
    });
    await outcome(kernel, "const add = () => { total += 1; return total }");
    await outcome(kernel, "let total = 1");
    expect((await outcome(kernel, "add() + add()")).result).toBe("5");
  });

  test("are not confused with global variables, and are required outside of functions", async () => {
    const kernel = await open(folder);
    await outcome(
      kernel,
      "const readGlobal = () => shared; const setGlobal = () => { shared = 2; lost = 1 }",
    );
    await outcome(kernel, "(globalThis as any).shared = 1");
    expect((await outcome(kernel, "readGlobal()")).result).toBe("1");
    expect((await outcome(kernel, "setGlobal()")).result).toBe("ReferenceError: lost is not defined");
    expect((await outcome(kernel, "[(globalThis as any).shared, 'lost' in globalThis]")).result).toBe(
      "[ 2, false ]",
    );
    expect((await outcome(kernel, "nowhere()")).result).toContain("TS2304");
  });
});

test("a value and a type of one name may come from two cells, and each is replaced alone", async () => {
  const kernel = await open(strictFolder);
  const results = async (...cells: string[]) => {
    for (const cell of cells.slice(0, -1)) await outcome(kernel, cell);
    return (await outcome(kernel, cells.at(-1) ?? "")).result;
  };
  const use = "const user: User = { name: 'Ada', id: User.id }; user";
  expect(
    await results("const User = { id: 5 };", "type User = { name: string; id: typeof User.id }", use),
  ).toBe("{ name: 'Ada', id: 5 }");
  expect(await results("let User = { id: 'text' }", "User = { id: 'new' }", use)).toContain("TS2322");
  expect(await results("interface User { name: string; id: string }", use)).toBe(
    "{ name: 'Ada', id: 'new' }",
  );
  expect(
    await results(
      "interface Pair<A, B = A> { a: A; b: B }",
      "function Pair<A>(a: A): Pair<A> { return { a, b: a } }",
      "const p: Pair<number> = Pair(1); p.b",
    ),
  ).toBe("1");
  expect(await results("class User { name = 'class' }", "const c: User = new User(); c.name")).toBe("class");
  expect(await results("type User = number", "const n: User = 5; [n, new User().name]")).toBe(
    "[ 5, 'class' ]",
  );
  expect(await results("const User = 1", "const m: User = 6; [m, User]")).toBe("[ 6, 1 ]");
  expect(await results("class User {}", "const User = 2", "let u: User")).toContain(
    "'User' refers to a value",
  );
});
