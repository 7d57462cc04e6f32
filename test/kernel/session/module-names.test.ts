import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { moduleNames, typedSpecifier } from "../../../kernel/session/module-names.ts";

test("the specifier that is typed", () => {
  expect(typedSpecifier("import x from 'lodash-")).toBe("lodash-");
  expect(typedSpecifier('import "@obs')).toBe("@obs");
  expect(typedSpecifier("const a = 1;\nawait import( 'node:f")).toBe("node:f");
  expect(typedSpecifier('require("')).toBe("");
  expect(typedSpecifier("export * from './a")).toBe("./a");
  expect(typedSpecifier("const from = 'lodash'; f('x")).toBeUndefined();
  expect(typedSpecifier("import x from 'lodash'; x")).toBeUndefined();
});

test("packages of all folders above and of NODE_PATH, and Node's modules", () => {
  const folder = mkdtempSync(join(tmpdir(), "names-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const notebooks = join(folder, "notebooks");
  for (const name of [
    "lodash",
    "lodash-es",
    "@observablehq/plot",
    "@observablehq/runtime",
    "@types/geo",
    ".bin",
  ])
    mkdirSync(join(folder, "node_modules", name), { recursive: true });
  mkdirSync(join(notebooks, "node_modules", "date-fns"), { recursive: true });
  mkdirSync(join(folder, "path", "lodash-path"), { recursive: true });
  const names = (prefix: string) => moduleNames(prefix, notebooks, { NODE_PATH: join(folder, "path") });
  expect(names("lodash-")).toEqual(["lodash-es", "lodash-path"]);
  expect(names("@obs")).toEqual(["@observablehq/plot", "@observablehq/runtime"]);
  expect(names("date-f")).toEqual(["date-fns"]);
  expect(names("node:f")).toEqual(["node:fs", "node:fs/promises"]);
  expect(names("fs")).toContain("fs/promises");
  expect(names("@types")).toEqual([]);
  expect(names("./")).toEqual([]);
});
