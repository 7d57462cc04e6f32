import { expect, test } from "vitest";
import { locateTldrFiles } from "../../../src/tasks/tldr/locate.ts";
import { openTldr, tldrIdentity } from "../../../src/tasks/tldr/open.ts";
import { temporaryFolder } from "../../temporary.ts";
import { writeRows } from "../../tldr-rows.ts";

test("the task has the lengths and the vocabulary that are asked for", async () => {
  const folder = temporaryFolder("rows");
  writeRows(folder, 20);
  const files = await locateTldrFiles(folder);
  const task = openTldr({ files, vocabSize: 300, promptLength: 110, completionLength: 7 });
  expect([task.vocabulary.size, task.promptLength, task.completionLength]).toEqual([300, 110, 7]);
});

test("the identity has digests in place of files", () => {
  const limits = { vocabSize: 300, promptLength: 40, completionLength: 7 };
  const files = [
    { path: "/a/posts.jsonl", sha256: "12" },
    { path: "/b/pairs.jsonl", sha256: "34" },
  ];
  expect(tldrIdentity({ files, ...limits })).toEqual({ files: ["12", "34"], ...limits });
});
