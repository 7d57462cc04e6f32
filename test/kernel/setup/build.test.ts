import { readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { build, dropTsExtensions, markAsCurrent } from "../../../kernel/setup/build.mjs";
import { paths as ours } from "../../../kernel/setup/paths.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

describe("the build", () => {
  const context = () => folder.context();
  const dist = (name: string) => folder.at("src", "dist", name);

  beforeEach(() => {
    symlinkSync(ours.nodeModules, folder.at("node_modules"));
    const options = {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      allowImportingTsExtensions: true,
    };
    for (const name of ["src", "kernel"])
      folder.put(
        `${name}/tsconfig.json`,
        JSON.stringify({ compilerOptions: { ...options, rootDir: ".", outDir: "dist/types", types: [] } }),
      );
    const files = {
      "tsconfig.json": "{}",
      "package-lock.json": "{}",
      "src/package.json": '{ "dependencies": {} }',
      "kernel/package.json": '{ "version": "1.0.0" }',
      "src/main.ts": 'export { answer } from "./pipeline/kinds.ts";',
      "src/worker.ts": "",
      "src/start.ts": "",
      "src/pipeline/kinds.ts": "export const answer: number = 42;",
      "src/pipeline/compute-stage.ts": "export const compute = 1;",
      "src/tasks/built-in-tasks.ts": "export const task = 1;",
      "kernel/display/index.ts": "export const show = 1;",
    };
    for (const [name, text] of Object.entries(files)) folder.put(name, text);
  });

  test("is of each folder whose sources have changed", async () => {
    expect(build.ready(context())).toBe(false);
    await build.run(context());
    expect(build.ready(context())).toBe(true);
    expect(readFileSync(dist("types/pipeline/kinds.d.ts"), "utf8")).toContain("answer: number");
    const kernel = () => statSync(folder.at("kernel", "dist", "index.cjs")).mtimeMs;
    const before = kernel();
    folder.put("src/pipeline/kinds.ts", "export const answer: number = 43;");
    expect(build.ready(context())).toBe(false);
    await build.run(context());
    expect(readFileSync(dist("index.cjs"), "utf8")).toContain("43");
    expect(kernel()).toBe(before);
  });

  test("does not depend on the copies that editors keep in hidden folders", async () => {
    await build.run(context());
    folder.put("src/.ipynb_checkpoints/main-checkpoint.ts", "export const old = 1;");
    expect(build.ready(context())).toBe(true);
  });

  test("that fails names the place of the error, and leaves what was built", async () => {
    await build.run(context());
    folder.put("src/pipeline/kinds.ts", "export const answer: number = ;");
    await expect(build.run(context())).rejects.toThrow(
      /^Building src failed: src\/pipeline\/kinds\.ts:1: Unexpected ";"\.$/,
    );
    expect(readFileSync(dist("index.cjs"), "utf8")).toContain("42");
    expect(build.ready(context())).toBe(false);
  });

  test("can be marked as newer than sources that were only saved again", async () => {
    await build.run(context());
    utimesSync(dist("index.cjs"), 1, 1);
    markAsCurrent(context().paths);
    expect(statSync(dist("index.cjs")).mtimeMs).toBeGreaterThanOrEqual(
      statSync(folder.at("src", "main.ts")).mtimeMs,
    );
  });
});

test("only relative imports of declarations lose their extension", () => {
  const declaration = `import { a } from "./a.ts";
export * from '../b/c.ts';
import "./side.ts";
type D = import("./d.ts").D;
import e from "package/e.ts";
export declare const text = "./a.ts";
`;
  expect(dropTsExtensions(declaration)).toBe(`import { a } from "./a";
export * from '../b/c';
import "./side";
type D = import("./d").D;
import e from "package/e.ts";
export declare const text = "./a.ts";
`);
});
