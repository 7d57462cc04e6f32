import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tldrConfig } from "../../../src/experiments/tldr/plan.ts";
import {
  examplePostRows,
  exampleSummaryRows,
  rowCounts,
  rowNotes,
} from "../../../src/experiments/tldr/report.ts";
import { arms } from "../../../src/results/labels.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { tldrRows } from "../../../src/tasks/tldr/files.ts";
import { locateTldrFiles } from "../../../src/tasks/tldr/locate.ts";
import { armResult, seedResult } from "../../seed-results.ts";
import { temporaryFolder } from "../../temporary.ts";
import { writeRows } from "../../tldr-rows.ts";

async function configOfRows() {
  const folder = temporaryFolder("rows");
  writeRows(folder, 60);
  const files = await locateTldrFiles(folder);
  return { files, config: tldrConfig("smoke", files) };
}

test("the example post is one of the file's posts, with its human summary", async () => {
  const { files, config } = await configOfRows();
  const [prompt, summary, title] = examplePostRows(config, "smoke");
  expect([prompt?.what, summary?.what, title?.what]).toEqual([
    "prompt",
    "human summary",
    "title, the summary to beat",
  ]);
  expect(tldrRows(files).posts.map(({ completion = "" }) => completion.trim())).toContain(summary?.text);
  expect(prompt?.text).toContain(title?.text);
});

test("rows are counted, and skipped ones listed as text", () => {
  const none = { posts: [], preferences: [], prompts: [], unwanted: [], skipped: [] };
  expect(rowCounts(none)).toBe("0 posts with a human summary and 0 preferences.");
  const row = { where: "x", prompt: "P" };
  const skipped = Array.from({ length: 22 }, (_, index) => `a.jsonl, row ${index}: <b>`);
  const lines = rowCounts({ ...none, prompts: [row], skipped }).split("\n");
  expect(lines[0]).toMatch(
    /1 prompts have no summary and are not used\. \*\*22 malformed rows are skipped:\*\*$/,
  );
  expect(lines).toHaveLength(23);
  expect(lines[2]).not.toContain("<b>");
  expect(lines.at(-1)).toBe("- and 2 more");
});

test("what the task leaves out is said", async () => {
  const { config } = await configOfRows();
  expect(rowNotes(config)).toBe("");
  const folder = temporaryFolder("blind");
  const own = writeRows(folder, 60);
  appendFileSync(own.posts, `${JSON.stringify({ prompt: "帖子\n\nTL;DR:", completion: " 他丢了工作" })}\n`);
  const blind = tldrConfig("smoke", await locateTldrFiles(folder));
  expect(rowNotes(blind)).toMatch(/^- \*\*ROUGE-L sees nothing of 1 of 61 human summaries/);
});

test("every arm's first greedy summary is shown with its reward, and no row without results", async () => {
  const { config } = await configOfRows();
  const [, , example] = [...openTask(config.task).data(1, config.sizes).evaluation];
  if (example === undefined) throw new Error("There is no third post.");
  const { arm } = armResult(arms.sft, 0.5);
  const results = [
    seedResult(1, {
      arms: [{ ...armResult(arms.sft, 0.5), completions: [example.completion], greedyRewards: [0.25] }],
    }),
  ];
  const title = openTask(config.task).text(example.completion).trim();
  expect(exampleSummaryRows(config, results)).toEqual([{ arm: arm.name, summary: title, "ROUGE-L": 0.25 }]);
  expect(exampleSummaryRows(config, [])).toEqual([]);
});
