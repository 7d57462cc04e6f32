import { readFileSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { tldrConfig } from "../../../src/experiments/tldr/plan.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { locateTldrFiles, tldrRows } from "../../../src/tasks/tldr/files.ts";
import { openTldr, tldrIdentity } from "../../../src/tasks/tldr/open.ts";
import { temporaryFolder } from "../../temporary.ts";
import { writeRows } from "../../tldr-rows.ts";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder("rows");
});

test("the task has the lengths and the vocabulary that are asked for", async () => {
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

describe("the comparison on real posts", () => {
  test("uses every row once", async () => {
    writeRows(folder, 60);
    const files = await locateTldrFiles(folder);
    const { sizes, task: spec } = tldrConfig("laptop", files);
    const { posts, preferences } = tldrRows(files);
    expect(sizes.demonstrations + sizes.validation + sizes.evaluation).toBe(posts.length);
    expect(sizes.pairs).toBe(preferences.length);
    const data = openTask(spec).data(1, sizes);
    expect(data.pairs).toHaveLength(preferences.length);
    expect(data.evaluation).toHaveLength(sizes.evaluation);
  });

  test("gives no prompt to two parts if rows share prompts", async () => {
    const { posts, preferences } = writeRows(folder, 60);
    const linesOf = (file: string) => readFileSync(file, "utf8").trim().split("\n");
    const pair = { chosen: " a cat", rejected: " a dog" };
    const [postLines, preferenceLines] = [linesOf(posts), linesOf(preferences)];
    const preferencesOnPosts = postLines
      .slice(0, 12)
      .map((line) => JSON.stringify({ prompt: JSON.parse(line).prompt, ...pair }));
    const postsWithPreferences = postLines.map((line) => JSON.stringify({ ...JSON.parse(line), ...pair }));

    const check = async (source: string) => {
      const { sizes, task: spec } = tldrConfig("laptop", await locateTldrFiles(source));
      const { demonstrations, validation, evaluation, pairs = [] } = openTask(spec).data(1, sizes);
      const prompts = [demonstrations, validation, evaluation, pairs].flatMap((part) => [
        ...new Set(part.map(({ prompt }) => prompt.tokens.join(" "))),
      ]);
      expect(new Set(prompts).size).toBe(prompts.length);
      expect(pairs.length).toBe(sizes.pairs);
    };
    writeFileSync(posts, [...postLines, ...postLines.slice(0, 1), ...preferencesOnPosts, ""].join("\n"));
    await check(folder);
    writeFileSync(preferences, [...postsWithPreferences, ...preferenceLines, ""].join("\n"));
    await check(folder);
    await check(preferences);
  });

  test("asks for more rows if there are too few", async () => {
    const { posts } = writeRows(folder, 5);
    const files = await locateTldrFiles(posts);
    expect(() => tldrConfig("laptop", files)).toThrow(
      /^The files leave 5 posts .* and 0 preferences .*, but the comparison needs at least 24 and 8: name more files\.$/,
    );
  });
});
