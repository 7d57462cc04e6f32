import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cellTsconfig } from "../../../kernel/session/cell-tsconfig.ts";

const tsc = resolve(import.meta.dirname, "../../../node_modules/typescript/bin/tsc");

/** The lines of some code that the type checker refuses for a version of Node. */
function refusedLines(version: string, lines: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "node-types-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = cellTsconfig(folder, { file: undefined, config: {} }, [], version);
  writeFileSync(join(folder, "tsconfig.json"), config.replace('"tsconfig.json"', '"code.ts"'));
  writeFileSync(join(folder, "code.ts"), lines.join("\n"));
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
    encoding: "utf8",
  });
  const refused = new Set([...stdout.matchAll(/code\.ts\((\d+),/g)].map(([, line]) => Number(line)));
  return lines.filter((_, index) => refused.has(index + 1));
}

const always = [
  "const here: string = import.meta.dirname;",
  "const socket = new WebSocket('ws://localhost');",
  "structuredClone([1].toSorted()); 'a'.isWellFormed();",
];
const since22 = [
  "import fs from 'node:fs'; fs.globSync('*');",
  "const doubled: number[] = [1].values().map((x) => 2 * x).toArray();",
  "const union: Set<number> = new Set([1]).union(new Set([2]));",
  "const all: Promise<number[]> = Array.fromAsync([1]);",
  "Object.groupBy([1], () => 'a'); Promise.withResolvers();",
  "import { DatabaseSync } from 'node:sqlite'; new DatabaseSync(':memory:');",
];
const since24 = [
  "const tried: Promise<number> = Promise.try(() => 1);",
  "new Float16Array(1); RegExp.escape('.'); Error.isError(1);",
];

test.each([
  ["20.19.0", [...since22, ...since24]],
  ["22.12.0", since24],
  ["24.1.0", []],
  ["30.0.0", []],
])("Node %s has the types of what it provides", (version, expected) => {
  expect(refusedLines(version, [...always, ...since22, ...since24])).toEqual(expected);
});
