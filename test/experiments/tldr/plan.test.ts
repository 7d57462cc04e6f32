import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tldrConfig, tldrPlans } from "../../../src/experiments/tldr/plan.ts";
import { readTldrPreset } from "../../../src/experiments/tldr/preset-file.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { tldrRows } from "../../../src/tasks/tldr/files.ts";
import { locateTldrFiles } from "../../../src/tasks/tldr/locate.ts";
import { temporaryFolder } from "../../temporary.ts";
import { writeRows } from "../../tldr-rows.ts";

/** The lines of a file. */
const lines = (file: string) => readFileSync(file, "utf8").trim().split("\n");

/** A post's row with a preference added. */
function withPreference(row: string): string {
  return JSON.stringify({ ...JSON.parse(row), chosen: " a cat", rejected: " a dog" });
}

test("every row is used once", async () => {
  const folder = temporaryFolder("rows");
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

test("posts count once and no prompt is in two splits, even if rows share prompts", async () => {
  const folder = temporaryFolder("shared rows");
  const own = writeRows(folder, 60);
  const [posts, preferences] = [lines(own.posts), lines(own.preferences)];
  const preferencesOfPosts = posts.slice(0, 12).map((row) => {
    const { prompt } = JSON.parse(row);
    return JSON.stringify({ prompt, chosen: " a cat", rejected: " a dog" });
  });
  writeFileSync(own.posts, [...posts, ...posts.slice(0, 1), ...preferencesOfPosts, ""].join("\n"));
  const check = async (source: string) => {
    const { sizes, task: spec } = tldrConfig("laptop", await locateTldrFiles(source));
    const { demonstrations, validation, evaluation, pairs = [] } = openTask(spec).data(1, sizes);
    const prompts = [demonstrations, validation, evaluation, pairs].flatMap((split) => [
      ...new Set(split.map(({ prompt }) => prompt.tokens.join(" "))),
    ]);
    expect(new Set(prompts).size).toBe(prompts.length);
    expect(pairs.length).toBe(sizes.pairs);
  };
  await check(folder);
  writeFileSync(own.preferences, [...posts.map(withPreference), ...preferences, ""].join("\n"));
  await check(folder);
  await check(own.preferences);
});

test("malformed rows are skipped on request, and pairs that are equal once cut are not counted", async () => {
  const folder = temporaryFolder("bad rows");
  const { posts, preferences } = writeRows(folder, 60);
  const long = "word ".repeat(100);
  const equal = { prompt: "POST: x\n\nTL;DR:", chosen: ` ${long}a`, rejected: ` ${long}b` };
  writeFileSync(preferences, `${readFileSync(preferences, "utf8")}${JSON.stringify(equal)}\n`);
  writeFileSync(posts, `${readFileSync(posts, "utf8")}{"prompt": 1}\n`);
  const files = await locateTldrFiles(folder);
  expect(() => tldrConfig("laptop", files)).toThrow(/^posts\.jsonl, row 61: the field "prompt" must be text/);
  const config = tldrConfig("laptop", files, { skipBad: true });
  expect(config.sizes.pairs).toBe(60);
  expect(openTask(config.task).data(1, config.sizes).pairs).toHaveLength(60);
});

test("too few rows are an error that says how many are needed", async () => {
  const folder = temporaryFolder("few rows");
  const { posts } = writeRows(folder, 5);
  const files = await locateTldrFiles(posts);
  expect(() => tldrConfig("laptop", files)).toThrow(
    /^The files leave 5 posts .* and 0 preferences .*, but the comparison needs at least 24 and 8: name more files\.$/,
  );
});

test("there is one plan of the main comparison's arms per seed", async () => {
  const folder = temporaryFolder("rows");
  writeRows(folder, 60);
  const plans = tldrPlans(tldrConfig("smoke", await locateTldrFiles(folder)), "laptop");
  expect(plans.map(({ seed }) => seed)).toEqual(readTldrPreset("laptop").seeds);
  for (const { plan } of plans) expect(plan.arms.map(({ label }) => label.id)).toContain("online-dpo");
});

test("a preset that starts from a published model needs it", async () => {
  const folder = temporaryFolder("rows");
  writeRows(folder, 60);
  const files = await locateTldrFiles(folder);
  expect(() => tldrConfig("pythia-410m", files)).toThrow("This preset starts from a published model");
});
