import * as esbuild from "esbuild";
import { describe, expect, test } from "vitest";
import { codeDigests, sourceFiles } from "../../../kernel/setup/sources.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

describe("digests of code", () => {
  const manifest = "src/package.json";
  const modules = { "step *": "src/steps.ts", common: "src/run.ts" };
  const digests = () => codeDigests(folder.at(), modules, manifest, esbuild);
  const files = {
    "src/package.json": '{ "sideEffects": false, "dependencies": { "pure-rand": "8.4.2" } }',
    "src/steps.ts": 'export { first } from "./first.ts"; export { second as "a second" } from "./second.ts";',
    "src/first.ts": 'import words from "../data/words.json"; export const first = () => words.length;',
    "src/second.ts": 'import * as random from "pure-rand"; export const second = (): unknown => random;',
    "src/run.ts": 'import * as steps from "./steps.ts"; export const run = () => Object.keys(steps);',
    "data/words.json": '["a"]',
  };

  /** The parts whose digests change with a file. */
  async function changed(file: keyof typeof files, content: string): Promise<string[]> {
    for (const [name, original] of Object.entries(files)) folder.put(name, original);
    const before = await digests();
    folder.put(file, content);
    const after = await digests();
    return Object.keys(before).filter((part) => before[part] !== after[part]);
  }

  test("are of each export of a list, and of whole modules", async () => {
    for (const [name, original] of Object.entries(files)) folder.put(name, original);
    const found = await digests();
    expect(Object.keys(found)).toEqual(["step a second", "step first", "common"]);
    for (const digest of Object.values(found)) expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  test("change with the code, data and packages that a part uses, and with nothing else", async () => {
    expect(await changed("data/words.json", '["b"]')).toEqual(["step first"]);
    expect(await changed("src/second.ts", "export const second = () => 2;")).toEqual(["step a second"]);
    expect(await changed("src/run.ts", "export const run = () => 1;")).toEqual(["common"]);
    const other = files["src/package.json"].replace("8.4.2", "8.4.3");
    expect(await changed("src/package.json", other)).toEqual(["step a second"]);
    expect(await changed("src/first.ts", `/* a comment */ ${files["src/first.ts"]}\n// another`)).toEqual([]);
    expect(await changed("src/first.ts", `${files["src/first.ts"]} export const unused = 3;`)).toEqual([]);
  });

  test("do not change for others when the list gets another export", async () => {
    const longer = `${files["src/steps.ts"]} export const third = 3;`;
    expect(await changed("src/steps.ts", longer)).toEqual([]);
  });
});

test("the sources are code and JSON, without build output", () => {
  for (const file of ["src/a.ts", "src/b.json", "src/c.mjs", "src/notes.md", "src/dist/a.ts"])
    folder.put(file, "");
  expect(sourceFiles(folder.at(), ["src"])).toEqual(["src/a.ts", "src/b.json", "src/c.mjs"]);
});
