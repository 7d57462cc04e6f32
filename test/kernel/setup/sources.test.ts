import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { codeVersion, sourceFiles } from "../../../kernel/setup/sources.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

test("the code version depends on the imported code and data and the pinned packages only", async () => {
  const version = () => codeVersion(folder.at(), "src/run.ts", "src/package.json", esbuild);
  folder.put("src/package.json", '{ "dependencies": { "pure-rand": "8.4.2" } }');
  folder.put(
    "src/run.ts",
    'import { step } from "./models/step.ts"; import words from "../data/words.json"; step(words);',
  );
  folder.put("src/models/step.ts", "export const step = (words: string[]) => words;");
  folder.put("src/report/chart.ts", "export {};");
  folder.put("data/words.json", '["a"]');
  const original = await version();
  expect(original).toMatch(/^[0-9a-f]{16}$/);
  folder.put("src/report/chart.ts", "export const chart = 1;");
  expect(await version()).toBe(original);
  folder.put("data/words.json", '["b"]');
  const otherData = await version();
  folder.put("src/models/step.ts", "export const step = (words: string[]) => words.length;");
  const otherCode = await version();
  folder.put("src/package.json", '{ "dependencies": { "pure-rand": "8.4.3" } }');
  expect(new Set([original, otherData, otherCode, await version()]).size).toBe(4);
});

test("the sources are code and JSON, without build output", () => {
  for (const file of ["src/a.ts", "src/b.json", "src/c.mjs", "src/notes.md", "src/dist/a.ts"])
    folder.put(file, "");
  expect(sourceFiles(folder.at(), ["src"])).toEqual(["src/a.ts", "src/b.json", "src/c.mjs"]);
});
