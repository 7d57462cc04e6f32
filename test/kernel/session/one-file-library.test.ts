import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cellTsconfig } from "../../../kernel/session/cell-tsconfig.ts";
import {
  makeOneFileLibrary,
  type OneFileLibrary,
  oneFileLibrary,
} from "../../../kernel/session/one-file-library.ts";

const tsc = resolve(import.meta.dirname, "../../../node_modules/typescript/bin/tsc");
const libraries = ["ES2023", "es2024.string"];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "one-file-library-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What the compiler says of some code, and the library files that it reads. */
function checked(code: string, library?: OneFileLibrary) {
  const folder = temporaryFolder();
  const project = { file: join(folder, "tsconfig.json"), config: { compilerOptions: { lib: libraries } } };
  const config = cellTsconfig(folder, project as never, [], process.versions.node, library);
  writeFileSync(join(folder, "tsconfig.json"), config.replace('"tsconfig.json"', '"code.ts"'));
  writeFileSync(join(folder, "code.ts"), code);
  const args = [tsc, "-p", folder, "--pretty", "false", "--listFiles"];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  return {
    errors: lines.filter((line) => line.includes("error TS")).map((line) => line.replace(/^.*code\.ts/, "")),
    files: lines.filter((line) => /[/\\]lib[^/\\]*\.d\.ts$/.test(line)),
  };
}

const code = `
const kinds: string = [1, 2].toSorted().with(0, 3);
"a".isWellFormed().toFixed();
const groups = Object.groupBy([1], () => "a");
for await (const each of (async function* () { yield 1n; })()) each.length;
class A { @(<T>(value: T, _: ClassMethodDecoratorContext) => value) run() { return new Intl.Segmenter().segmet; } }
new Map([[1, new WeakRef({})]]).get("1");
[3, 1].sort((a: string, b: string) => 0);
export {};
`;

test("a library in one file gives the same errors as the library in its files", async () => {
  const folder = temporaryFolder();
  expect(oneFileLibrary(libraries, folder)).toBeUndefined();
  await makeOneFileLibrary(libraries, folder);
  const library = oneFileLibrary(libraries, folder);
  const [usual, copied] = [checked(code), checked(code, library)];
  expect(usual.errors.length).toBeGreaterThan(5);
  expect(copied.errors).toEqual(usual.errors);
  expect(usual.files.length).toBeGreaterThan(50);
  expect(copied.files).toHaveLength(2);
});

test("a library that is not in the one file can be referred to", async () => {
  const folder = temporaryFolder();
  await makeOneFileLibrary(libraries, folder);
  const source =
    '/// <reference lib="dom" />\n/// <reference lib="es2020" />\nexport const element: HTMLElement = 1;';
  const found = checked(source, oneFileLibrary(libraries, folder));
  expect(found.errors).toEqual([
    "(3,14): error TS2322: Type 'number' is not assignable to type 'HTMLElement'.",
  ]);
});

test("a library in one file is not used if one of its files is missing or damaged", async () => {
  for (const ending of [".json", ".d.ts", ".empty.d.ts"]) {
    const folder = temporaryFolder();
    await makeOneFileLibrary(libraries, folder);
    const name = readdirSync(folder).find(
      (each) => /^library-\w+\.\w/.test(each) && each.replace(/^[^.]+/, "") === ending,
    );
    if (ending === ".json") writeFileSync(join(folder, name!), "[");
    else rmSync(join(folder, name!));
    expect(oneFileLibrary(libraries, folder)).toBeUndefined();
  }
});

test("libraries whose first one has no file of its own are left as they are", async () => {
  const folder = temporaryFolder();
  await makeOneFileLibrary(["es6"], folder);
  expect(oneFileLibrary(["es6"], folder)).toBeUndefined();
  expect(readdirSync(folder).length).toBeGreaterThan(0);
  expect(oneFileLibrary(undefined, folder)).toBeUndefined();
  expect(oneFileLibrary(libraries, undefined)).toBeUndefined();
});
