import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileDigest } from "../../../src/files/file-digest.ts";
import { locateTldrFiles } from "../../../src/tasks/tldr/locate.ts";
import { openTldr, tldrIdentity } from "../../../src/tasks/tldr/open.ts";
import { trainTokenizer } from "../../../src/text/tokenizer.ts";
import { temporaryFolder } from "../../temporary.ts";
import { writeRows } from "../../tldr-rows.ts";

test("the task has the lengths and the vocabulary that are asked for", async () => {
  const folder = temporaryFolder("rows");
  writeRows(folder, 20);
  const files = await locateTldrFiles(folder);
  const task = openTldr({ files, vocabSize: 300, promptLength: 110, completionLength: 7 });
  expect([task.vocabulary.size, task.promptLength, task.completionLength]).toEqual([300, 110, 7]);
});

test("a published tokenizer is used as it is, and one that has changed is refused", async () => {
  const folder = temporaryFolder("published");
  writeRows(folder, 20);
  const files = await locateTldrFiles(folder);
  const path = join(folder, "tokenizer.json");
  const { json, vocabulary } = trainTokenizer(["a car, a car and the car's cat"], { vocabSize: 262 });
  writeFileSync(path, JSON.stringify(json));
  const tokenizer = { path, sha256: fileDigest(path).sha256 };
  const source = { files, tokenizer, promptLength: 400, completionLength: 7 };
  expect(openTldr(source).vocabulary).toEqual(vocabulary);
  writeFileSync(path, JSON.stringify({ ...json, version: "2.0" }));
  expect(() => openTldr(source)).toThrow(`${path} has changed since this experiment began: start it again.`);
});

test("without a published tokenizer the size of one to train is needed", async () => {
  const folder = temporaryFolder("no tokenizer");
  writeRows(folder, 20);
  const files = await locateTldrFiles(folder);
  expect(() => openTldr({ files, promptLength: 40, completionLength: 7 })).toThrow(
    "vocabSize must be a whole number of at least 258",
  );
});

test("the identity has digests in place of files", () => {
  const limits = { vocabSize: 300, promptLength: 40, completionLength: 7 };
  const files = [
    { path: "/a/posts.jsonl", sha256: "12" },
    { path: "/b/pairs.jsonl", sha256: "34" },
  ];
  expect(tldrIdentity({ files, ...limits })).toEqual({ files: ["12", "34"], ...limits });
  const tokenizer = { path: "/c/tokenizer.json", sha256: "56" };
  expect(tldrIdentity({ files, tokenizer, ...limits })).toEqual({
    files: ["12", "34"],
    tokenizer: "56",
    ...limits,
  });
});
