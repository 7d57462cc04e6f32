import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Creates a project with some files in a temporary folder; objects are written as JSON. */
function projectWith(files: Record<string, string | object>): string {
  const project = mkdtempSync(join(tmpdir(), "project-"));
  folders.push(project);
  for (const [name, content] of Object.entries(files)) {
    const file = join(project, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return project;
}

async function openKernel(folder: string, env: Record<string, string> = {}): Promise<KernelClient> {
  const kernel = await startKernel(folder, env);
  onTestFinished(kernel.stop);
  return kernel;
}

/** Runs cells one after the other. Returns the result of the last, or the first error. */
async function run(kernel: KernelClient, ...cells: string[]): Promise<string | undefined> {
  let result: string | undefined;
  for (const cell of cells) {
    const ran = await kernel.run(cell);
    if (ran.reply.status === "error") return stripVTControlCharacters(ran.reply.traceback.join("\n"));
    result = ran.result;
  }
  return result;
}

const runIn = async (files: Record<string, string | object>, ...cells: string[]) =>
  run(await openKernel(projectWith(files)), ...cells);

describe("types imported as if they were values", () => {
  const files = {
    "types.ts":
      "export interface User { name: string } export type Id = number; export class Admin { id = 1 }",
    "mk.ts": `
      import { User, Admin, type Id } from './types';
      export const mk = (name: string): User => ({ name });
      export const admin = new Admin();`,
    "index.ts": `
      import { Id } from "./types";
      export { User, Admin as Boss } from "./types";
      export * from "./mk";
      export { Id, Id as Key };
      export { default as legacy, Legacy } from "./legacy";`,
    "default.ts": "import { User, Admin } from './types'; export { Admin }; export default User;",
    "legacy.ts":
      "interface Legacy { old: true } const value = 'default'; export default value; export { Legacy };",
  };

  test("are left out, as are their re-exports; classes stay", async () => {
    const kernel = await openKernel(projectWith(files));
    expect(await run(kernel, "import { mk, admin } from './mk'; [mk('a').name, admin.id]")).toBe(
      "[ 'a', 1 ]",
    );
    expect(
      await run(
        kernel,
        "import { User, Boss, Key, mk as make, legacy } from './index';",
        "const user: User = make('b'); const key: Key = 2; [user.name, new Boss().id, key, legacy]",
      ),
    ).toBe("[ 'b', 1, 2, 'default' ]");
    expect(
      await run(
        kernel,
        "import U, { Admin } from './default'; const u: U = { name: 'c' }; [u.name, new Admin().id]",
      ),
    ).toBe("[ 'c', 1 ]");
    expect(await run(kernel, "import * as all from './index'; Object.keys(all)")).toBe(
      "[ 'Boss', 'admin', 'legacy', 'mk' ]",
    );
  });

  test("may form cycles, and become values later", async () => {
    const project = projectWith({
      "a.ts": "export { B, Later } from './b'; export interface A { b: number } export const a = 1;",
      "b.ts": "export { A, a } from './a'; export interface B { a: number } export type Later = 1;",
    });
    const kernel = await openKernel(project);
    expect(await run(kernel, "import { a } from './b'; a")).toBe("1");
    writeFileSync(
      join(project, "b.ts"),
      "export { a } from './a'; export class Later { x = 5 }; export type B = 1;",
    );
    expect(await run(kernel, "import { Later } from './a'; new Later().x")).toBe("5");
  });

  test("may be of packages that have only declarations", async () => {
    const geo = {
      "node_modules/@types/geo-types/package.json": { name: "@types/geo-types", types: "index.d.ts" },
      "node_modules/@types/geo-types/index.d.ts": "export interface Point { x: number }",
      "node_modules/@types/lost/package.json": { name: "@types/lost", types: "index.d.ts" },
      "node_modules/@types/lost/index.d.ts": "export function find(): number;",
      "geo.ts": "export { Point } from 'geo-types'; export const x = 3;",
    };
    const kernel = await openKernel(projectWith(geo));
    expect(await run(kernel, "import { Point } from 'geo-types'; const p: Point = { x: 2 }; p.x")).toBe("2");
    expect(await run(kernel, "import { x } from './geo'; x")).toBe("3");
    expect(await run(kernel, "import { find } from 'lost'; find()")).toContain(
      'This cell imports "lost", but the package "lost" is not installed: run !npm install lost in a cell.',
    );
  });

  test("are distinguished from mistakes, which are reported with file, line and the way out", async () => {
    const project = projectWith({
      "b.ts": "export const b = 1;",
      "a.ts": "export const a = 1;\n\nimport { b, missing } from './b';\nconsole.log(b, missing);",
    });
    const kernel = await openKernel(project);
    expect(await run(kernel, "import './a'")).toContain(
      `SyntaxError: a.ts:3:13 imports "missing" from "./b", but b.ts does not export a value of that name: export it there, or correct the import.`,
    );
    writeFileSync(join(project, "b.ts"), "export const b = 1, missing = 2;");
    expect(await run(kernel, "import { a } from './a'; a")).toBe("1");
  });
});

describe("CommonJS projects", () => {
  const files = {
    "package.json": { name: "common" },
    "tsconfig.json": {
      compilerOptions: { module: "commonjs", strict: true, paths: { "@lib/*": ["./lib/*"] } },
    },
    "lib/model.ts":
      "export interface Model { id: number } export class Store { items: Model[] = [{ id: 7 }] }",
    "old.ts":
      "import { Model, Store } from './lib/model'; function first(): Model { return new Store().items[0]!; } export = first;",
    "plain.ts":
      "const model = require('./lib/model'); module.exports = { store: new model.Store(), here: __dirname };",
    "strict.cts": "export const kind = 'cts';",
    "broken.ts": "export const x = ;",
    "thrower.ts": "interface A { a: 1 }\n\nexport function fail(): A {\n  throw new Error('x');\n}",
  };

  test("are imported and required, with their types, paths and one instance of each module", async () => {
    const project = projectWith(files);
    const kernel = await openKernel(project);
    expect(await run(kernel, "import first = require('./old'); first().id")).toBe("7");
    expect(await run(kernel, "import first2 from './old'; first2().id")).toBe("7");
    expect(
      await run(
        kernel,
        "import { Store } from './lib/model'; const plain = require('./plain'); [plain.store instanceof Store, plain.here === __dirname]",
      ),
    ).toBe("[ true, true ]");
    expect(await run(kernel, "import { kind } from './strict.cts'; kind")).toBe("cts");
    expect(await run(kernel, "require('@lib/model').Store === Store")).toBe("true");
    expect(await run(kernel, "require('./broken')")).toMatch(/SyntaxError: .*broken\.ts:1:18: Unexpected/);
    expect(await run(kernel, "require('./thrower').fail()")).toContain("at Object.fail (thrower.ts:4:9)");
  });
});

test("CommonJS modules are evaluated again when one that they require has changed", async () => {
  const project = projectWith({
    "inner.cts": "export const n: number = 1;",
    "outer.cts":
      "import { n } from './inner.cts'; export const twice = 2 * n; export const log: number[] = [];",
  });
  const kernel = await openKernel(project);
  const cell = "import { twice, log } from './outer.cts'; log.push(1); [twice, log.length]";
  expect([await run(kernel, cell), await run(kernel, cell)]).toEqual(["[ 2, 1 ]", "[ 2, 2 ]"]);
  writeFileSync(join(project, "inner.cts"), "export const n: number = 21;");
  expect(await run(kernel, cell)).toBe("[ 42, 1 ]");
});

test("a package of a workspace that is written in TypeScript is imported with the options of its own project", async () => {
  const project = projectWith({
    "packages/core/package.json": { name: "@app/core", exports: { ".": "./src/index.ts" } },
    "packages/core/tsconfig.json": { compilerOptions: { paths: { "~/*": ["./src/*"] }, strict: true } },
    "packages/core/src/index.ts": "export { Shape, area } from '~/shape';",
    "packages/core/src/shape.ts":
      "export interface Shape { side: number } export const area = (s: Shape) => s.side ** 2;",
    "packages/old/package.json": { name: "old-core", main: "./src/index" },
    "packages/old/src/index.ts":
      "import { Shape, area } from '@app/core'; export const four = area({ side: 2 } as Shape);",
    "node_modules/@app/.keep": "",
    "nb/package.json": {},
  });
  symlinkSync(join(project, "packages/core"), join(project, "node_modules/@app/core"));
  symlinkSync(join(project, "packages/old"), join(project, "node_modules/old-core"));
  const kernel = await openKernel(join(project, "nb"));
  expect(
    await run(kernel, "import { area, Shape } from '@app/core'; const s: Shape = { side: 3 }; area(s)"),
  ).toBe("9");
  expect(await run(kernel, "import { four } from 'old-core'; four")).toBe("4");
});

describe("options come from", () => {
  test("the referenced project that includes the notebook, or else the first one", async () => {
    const files = {
      "tsconfig.json": {
        files: [],
        references: [{ path: "./tsconfig.app.json" }, { path: "./tsconfig.node.json" }],
      },
      "tsconfig.app.json":
        '{ /* Vite */ "compilerOptions": { "strict": true, "paths": { "@/*": ["./src/*"], }, }, "include": ["src"] }',
      "tsconfig.node.json": { compilerOptions: { paths: { "@/*": ["./scripts/*"] } }, include: ["scripts"] },
      "src/one.ts": "export const place: string = 'src'; import { place as p } from '@/one'; export { p };",
      "scripts/one.ts": "export const place: string = 'scripts'; export { place as p } from '@/one';",
      "notebooks/x.md": "",
    };
    const project = projectWith(files);
    const cell = "import { p } from '@/one'; p.toUpperCase()";
    for (const [folder, place] of [
      ["src", "SRC"],
      ["scripts", "SCRIPTS"],
      ["notebooks", "SRC"],
      [".", "SRC"],
    ] as const)
      expect(await run(await openKernel(join(project, folder)), cell)).toBe(place);
  });

  test("typeRoots, beside the kernel's own types of Node", async () => {
    const files = {
      "tsconfig.json": { compilerOptions: { strict: true, typeRoots: ["./globals"], types: ["here"] } },
      "globals/here/index.d.ts": "declare var here: string;",
    };
    const cell =
      "globalThis.here = process.version; here.length.toFixed() === process.version.length.toFixed()";
    expect(await runIn(files, cell)).toBe("true");
  });

  test("baseUrl, with and without paths", async () => {
    const files = {
      "base.json": { compilerOptions: { baseUrl: "./src", paths: { "@/*": ["lib/*"] } } },
      "tsconfig.json": { extends: "./base.json" },
      "src/lib/one.ts": "export const one: number = 1;",
    };
    expect(
      await runIn(
        files,
        "import { one } from '@/one'; import { one as two } from 'lib/one'; (one + two).toFixed(1)",
      ),
    ).toBe("2.0");
    expect(await runIn(files, "import { one } from '@/one'; one.length")).toContain("TS2339");
  });

  test("NODE_PATH, for packages that node_modules does not have", async () => {
    const project = projectWith({
      "global/far/package.json": { name: "far", main: "main.js", types: "main.d.ts" },
      "global/far/main.js": "exports.far = 'far';",
      "global/far/main.d.ts": "export const far: string;",
      "global/@s/near/package.json": {
        name: "@s/near",
        exports: { ".": { types: "./t.d.ts", default: "./t.js" } },
      },
      "global/@s/near/t.js": "exports.near = 'near';",
      "global/@s/near/t.d.ts": "export const near: string;",
      "nb/x.md": "",
    });
    const kernel = await openKernel(join(project, "nb"), { NODE_PATH: join(project, "global") });
    expect(
      await run(
        kernel,
        "import { far } from 'far'; import { near } from '@s/near'; far.length + near.length",
      ),
    ).toBe("7");
    expect(await run(kernel, "far.nothing + near.nothing")).toMatch(/'nothing'[\s\S]*'nothing'/);
  });

  test("defaults, if tsconfig.json is not valid, which is said once", async () => {
    const project = projectWith({ "tsconfig.json": '{\n  "compilerOptions": { "strict": tru }\n}' });
    const kernel = await openKernel(project);
    const first = await kernel.run("1 + 1");
    expect(first.messages.filter(({ type }) => type === "stream").map(({ content }) => content)).toEqual([
      {
        name: "stderr",
        text: `${join(project, "tsconfig.json")} is not used, because it is not valid JSON (line 2, column 34): correct it and restart the kernel.\n`,
      },
    ]);
    expect((await kernel.run("2 + 2")).messages.map(({ type }) => type)).toEqual([
      "execute_input",
      "execute_result",
    ]);
  });
});

test("emitDecoratorMetadata records the types of what is decorated", async () => {
  const files = {
    "tsconfig.json": {
      compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true, strict: true },
    },
    "types.ts": "export interface Opts { a: 1 } export class Service { name = 'service' }",
    "meta.ts": `
      export const seen: Record<string, unknown> = {};
      (Reflect as any).metadata ??= (key: string, value: unknown) => (target: any, name = "class") => { seen[name + " " + key] = value; };`,
    "user.ts": `
      import "./meta";
      import { Opts, Service } from "./types";
      const mark = (...args: any[]): any => {};
      type Id = string;
      enum Level { Low, High }
      @mark export class User {
        @mark id!: Id;
        @mark born?: Date;
        @mark level!: Level;
        @mark tags: string[] = [];
        @mark either!: string | number;
        constructor(private service: Service, @mark readonly opts: Opts, n = 1) {}
        @mark async load(count: number, self: User): Promise<void> {}
      }`,
  };
  const kernel = await openKernel(projectWith(files));
  const cell = `
    import { seen } from './meta'; import './user';
    JSON.stringify(seen, (_, value) => typeof value === 'function' ? value.name : value)`;
  expect(JSON.parse((await run(kernel, cell)) ?? "")).toEqual({
    "id design:type": "String",
    "born design:type": "Date",
    "level design:type": "Number",
    "tags design:type": "Array",
    "either design:type": "Object",
    "load design:type": "Function",
    "load design:paramtypes": ["Number", "User"],
    "load design:returntype": "Promise",
    "class design:paramtypes": ["Service", "Object", "Object"],
  });
  expect(
    await run(
      kernel,
      "const tag = (...a: any[]): any => {}; class Here { @tag at!: Date }; (seen['at design:type'] as any).name",
    ),
  ).toBe("Date");
});

test("JSX works in cells and modules, and type assertions stay what they are", async () => {
  const files = {
    "tsconfig.json": { compilerOptions: { jsx: "preserve", strict: true } },
    "node_modules/react/package.json": {
      name: "react",
      exports: { "./jsx-runtime": { types: "./jsx.d.ts", default: "./jsx.js" } },
    },
    "node_modules/react/jsx.js":
      "exports.jsx = exports.jsxs = (type, props) => typeof type === 'function' ? type(props) : { type, ...props }; exports.Fragment = 'fragment';",
    "node_modules/react/jsx.d.ts": `
      export namespace JSX { interface Element { type: string; children?: unknown } interface IntrinsicElements { b: { id?: string; children?: unknown } } }
      export const jsx: any; export const jsxs: any; export const Fragment: any;`,
    "bold.tsx": "export const Bold = ({ text }: { text: string }) => <b id={text}>{text}</b>;",
  };
  const kernel = await openKernel(projectWith(files));
  expect(await run(kernel, "import { Bold } from './bold'; const jsx = 'mine'; const x = 5;")).toBe(
    undefined,
  );
  expect(await run(kernel, "const shown = <b id='q'>{x}</b>; shown")).toBe(
    "{ type: 'b', id: 'q', children: 5 }",
  );
  expect(await run(kernel, "<Bold text='hi' />")).toBe("{ type: 'b', id: 'hi', children: 'hi' }");
  expect(await run(kernel, "<>{jsx}</>")).toBe("{ type: 'fragment', children: 'mine' }");
  expect(await run(kernel, "<b id={5} />")).toContain("TS2322");
  expect(await run(kernel, "shown.type.length + (<number>x)")).toBe("6");
  expect(await kernel.ask("shell", "is_complete_request", { code: "<b>\n" })).toMatchObject({
    status: "incomplete",
  });
  const { matches } = await kernel.ask("shell", "complete_request", { code: "(<b/>).ty", cursor_pos: 9 });
  expect(matches).toEqual(["type"]);
});

test("the kernel's own library is imported from any folder", async () => {
  const cell = "import { show, html } from 'allroads-kernel'; typeof show";
  const kernel = await openKernel(projectWith({}));
  expect(await run(kernel, cell)).toBe("function");
  expect(await run(kernel, "html(5)")).toContain("TS2345");
});
