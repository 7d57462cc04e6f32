import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../temporary.ts";
import { type KernelClient, startKernel } from "./kernel-client.ts";

/** "Builds" a package: checks that its source has a value, writes the module and its declaration, and counts itself. */
const BUILD = `const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const [, type, value] = /: (\\w+) = (.+);/.exec(readFileSync("code/value.ts", "utf8")) ?? [];
if (!value) { console.error("code/value.ts:1: a value is missing."); process.exit(3); }
mkdirSync("out", { recursive: true });
writeFileSync("out/index.d.ts", "export declare const value: " + type + ";");
writeFileSync("out/index.js", "exports.value = " + value + ";");
appendFileSync("../../builds", "built\\n");`;

const HOOK = { build: "node build.js", sources: ["code"], output: "out/index.js" };

/** A workspace with the package "core" and a folder "nb" for notebooks. */
function workspace(hook: unknown = HOOK) {
  const root = temporaryFolder("workspace");
  const at = (...names: string[]) => join(root, ...names);
  const put = (name: string, text: string) => {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  };
  const core = { name: "core", main: "out/index.js", types: "out/index.d.ts", "allroads-kernel": hook };
  put("packages/core/package.json", JSON.stringify(core));
  put("packages/core/build.js", BUILD);
  put("packages/core/code/value.ts", "export const value: number = 1;");
  put("nb/package.json", "{}");
  mkdirSync(at("node_modules"));
  symlinkSync(at("packages/core"), at("node_modules/core"));
  return {
    at,
    put,
    edit: (text: string) => put("packages/core/code/value.ts", text),
    builds: () => (existsSync(at("builds")) ? readFileSync(at("builds"), "utf8").split("\n").length - 1 : 0),
  };
}

async function openKernel(folder: string): Promise<KernelClient> {
  const kernel = await startKernel(folder);
  onTestFinished(kernel.stop);
  return kernel;
}

/** Runs a cell. Returns what it printed and its result, or its error. */
async function run(kernel: KernelClient, code: string) {
  const { reply, printed, result } = await kernel.run(code);
  const text = printed.replace(/\d+\.\d s/, "1.0 s");
  if (reply.status === "error") return [text, stripVTControlCharacters(reply.traceback.join("\n"))];
  return [text, result];
}

test("a package of the workspace is built when a cell imports it, if its sources have changed", async () => {
  const { at, edit, builds } = workspace();
  const kernel = await openKernel(at("nb"));
  const cell = 'import { value } from "core"; value';
  expect(await run(kernel, cell)).toEqual(["Building core: it has not been built … 1.0 s\n", "1"]);
  expect(await run(kernel, cell)).toEqual(["", "1"]);
  edit("export const value: number = 2;");
  expect(await run(kernel, "value")).toEqual(["", "1"]);
  expect(await run(kernel, cell)).toEqual(["Building core: code/value.ts has changed … 1.0 s\n", "2"]);
  expect(builds()).toBe(2);
  // Hidden files are no sources: editors keep copies in them.
  mkdirSync(at("packages/core/code/.ipynb_checkpoints"));
  const [printed] = await run(kernel, cell);
  expect(printed).toMatch(/^(Building core: code has changed … 1\.0 s\n)?$/);
  const before = builds();
  writeFileSync(at("packages/core/code/.ipynb_checkpoints/value-checkpoint.ts"), "");
  expect(await run(kernel, cell)).toEqual(["", "2"]);
  expect(builds()).toBe(before);
  // Another kernel finds it built.
  expect(await run(await openKernel(at("nb")), cell)).toEqual(["", "2"]);
});

test("cells are checked with the types of the package as it is now", async () => {
  const { at, edit } = workspace();
  const kernel = await openKernel(at("nb"));
  const cell = 'import { value } from "core"; value.toFixed(1)';
  expect((await run(kernel, cell))[1]).toBe("1.0");
  edit('export const value: string = "x";');
  const [, error] = await run(kernel, cell);
  expect(error).toContain("Property 'toFixed' does not exist on type 'string'");
  expect((await run(kernel, 'import { value } from "core"; value.padStart(2, "-")'))[1]).toBe("-x");
});

test("a build that fails is the cell's error, and the package as it was stays loaded", async () => {
  const { at, edit } = workspace();
  const kernel = await openKernel(at("nb"));
  const cell = 'import { value } from "core"; value';
  await run(kernel, cell);
  edit("export const value: number = ;");
  const [printed, error] = await run(kernel, cell);
  expect(printed).toBe("Building core: code/value.ts has changed … failed\n");
  expect(error).toBe(
    `BuildFailed: core could not be built: in ${at("packages/core")}, node build.js ended with status 3.\ncode/value.ts:1: a value is missing.`,
  );
  expect(await run(kernel, "value")).toEqual(["", "1"]);
  edit("export const value: number = 3;");
  expect((await run(kernel, cell))[1]).toBe("3");
});

test("a local module that imports the package is evaluated again, too", async () => {
  const { at, put, edit } = workspace();
  put("nb/twice.ts", 'import { value } from "core"; export const twice = 2 * value;');
  const kernel = await openKernel(at("nb"));
  await run(kernel, 'import { value } from "core";');
  const cell = 'import { twice } from "./twice"; twice';
  expect((await run(kernel, cell))[1]).toBe("2");
  edit("export const value: number = 21;");
  expect((await run(kernel, cell))[1]).toBe("42");
});

test("an installed package is not built, and one that says in a wrong form how is named", async () => {
  const { at, put } = workspace({ build: "node build.js", sources: "code" });
  put("nb/node_modules/theirs/package.json", JSON.stringify({ main: "index.js", "allroads-kernel": HOOK }));
  put("nb/node_modules/theirs/index.js", "exports.value = 5;");
  appendFileSync(at("nb/node_modules/theirs/build.js"), BUILD);
  const kernel = await openKernel(at("nb"));
  expect(await run(kernel, 'const { value } = require("theirs"); value')).toEqual(["", "5"]);
  expect((await run(kernel, 'import { value as v } from "core"; v'))[1]).toBe(
    `TypeError: "allroads-kernel" in ${at("packages/core/package.json")} must be like ` +
      '{ "build": "tsc -p .", "sources": ["src"], "output": "dist/index.js" }.',
  );
});
