import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readRowFile } from "../../src/text/row-files.ts";
import { temporaryFolder } from "../temporary.ts";

test("reads the rows of a file and reports every malformed one", () => {
  const file = path.join(temporaryFolder("rows"), "a.jsonl");
  const text = '\uFEFF{"prompt": "P"}\r\n\n{"prompt": 1}\nnot JSON\n{"prompt": "P", "completion": "c"}';
  writeFileSync(file, text);
  const { rows, problems, sha256 } = readRowFile(file);
  expect(rows).toEqual([
    { where: "a.jsonl, row 1", prompt: "P" },
    { where: "a.jsonl, row 5", prompt: "P", completion: "c" },
  ]);
  expect(problems).toEqual([
    'a.jsonl, row 3: the field "prompt" must be text, not a number.',
    expect.stringMatching(/^a\.jsonl, row 4: not valid JSON/),
  ]);
  expect(sha256).toBe(createHash("sha256").update(text).digest("hex"));
  expect(readRowFile(file, "other").problems[0]).toMatch(/^other, row 3/);
});

test("throws for a file that cannot be read", () => {
  const folder = temporaryFolder("rows");
  expect(() => readRowFile(path.join(folder, "none"))).toThrow(
    /none does not exist: give the path of a file/,
  );
  expect(() => readRowFile(folder)).toThrow(/cannot be read \(it is not a regular file\)/);
});
