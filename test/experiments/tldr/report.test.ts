import { expect, test } from "vitest";
import { tldrConfig } from "../../../src/experiments/tldr/plan.ts";
import { examplePostRows, exampleSummaryRows } from "../../../src/experiments/tldr/report.ts";
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
