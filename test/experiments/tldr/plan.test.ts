import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { openTldr, tldrConfig, tldrPlans } from "../../../src/experiments/tldr/plan.ts";
import { readTldrPreset } from "../../../src/experiments/tldr/preset-file.ts";
import { savePolicy } from "../../../src/models/checkpoint.ts";
import { initialModel, rewardModelFrom } from "../../../src/models/initialization.ts";
import { pythiaConfig } from "../../../src/models/pythia.ts";
import { runStage } from "../../../src/pipeline/run-stage.ts";
import { withAncestors } from "../../../src/pipeline/stage-id.ts";
import { openStore } from "../../../src/pipeline/store.ts";
import { collect } from "../../../src/results/collect.ts";
import { storeRecords } from "../../../src/results/ledger.ts";
import { type SeedPlan, wantedStages } from "../../../src/results/plan.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { tldrRows } from "../../../src/tasks/tldr/files.ts";
import { locateTldrFiles } from "../../../src/tasks/tldr/locate.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import { trainTokenizer } from "../../../src/text/tokenizer.ts";
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

test("a preset's published reward model ranks in place of a trained one", async () => {
  const folder = temporaryFolder("rows");
  writeRows(folder, 60);
  const files = await locateTldrFiles(folder);
  const published = path.join(folder, "reward");
  savePolicy(published, rewardModelFrom(initialModel(pythiaConfig("14m"), randomStream(1)), randomStream(2)));
  const preset = readTldrPreset("smoke", [`rewardModel={folder: ${JSON.stringify(published)}}`]);
  expect(() => tldrConfig(preset, files)).toThrow("This preset has a published reward model");
  const [{ plan }] = tldrPlans(await openTldr(preset, files), preset) as [SeedPlan];
  const kinds = plan.scorers?.map(({ stage: { scorer } }) => (scorer as { kind: string }).kind);
  expect(kinds).toEqual(["published-reward", "preference"]);
  expect(() => readTldrPreset("smoke", ["rewardModel=owner/name"])).toThrow("rewardModel");
});

test("a preset file runs the whole comparison from a checkpoint of Pythia-14m's shape, up to win rates", async () => {
  const folder = temporaryFolder("scale");
  const { posts } = writeRows(folder, 60);
  const prompts = lines(posts).map((row) => JSON.parse(row).prompt as string);
  const tokenizer = trainTokenizer(prompts, { vocabSize: 320 });
  const config = { ...pythiaConfig("14m"), vocab_size: 384, max_position_embeddings: 256 };
  const published = path.join(folder, "published");
  savePolicy(published, initialModel(config, randomStream(1, "scale")), tokenizer.vocabulary);
  writeFileSync(path.join(published, "tokenizer.json"), JSON.stringify(tokenizer.json));
  const own = path.join(folder, "own.yaml");
  writeFileSync(
    own,
    `extends: pythia-14m
about: Random weights on made-up posts.
seeds: [31]
start: { folder: ${JSON.stringify(published)} }
promptLength: 120
completionLength: 8
sizes: { demonstrations: 16, pairs: 8, validation: 4, evaluation: 4 }
sft: { batchSize: 8, microBatchSize: 4, savings: { vocabularyChunk: 256 } }
reward: { batchSize: 8 }
preference: { batchSize: 8 }
online: { completions: 2, temperature: 1 }
samplingTemperature: 1
verification: { prompts: 2, completions: 2 }
`,
  );
  const preset = readTldrPreset(own, ["online.training.temperature=0.5"]);
  const config14m = await openTldr(preset, await locateTldrFiles(posts));
  expect(config14m.model).toMatchObject({ hidden_size: 128, num_hidden_layers: 6, vocab_size: 384 });
  const plan = tldrPlans(config14m, preset)[0]!;
  const store = openStore(path.join(folder, "runs"));
  for (const stage of withAncestors(wantedStages(plan))) await runStage(store, stage);
  const { arms } = collect(plan, storeRecords(store));
  expect(arms.length).toBeGreaterThan(4);
  for (const { winRate, completions } of arms) {
    expect(winRate).toBeGreaterThanOrEqual(0);
    expect(completions.length).toBeGreaterThan(0);
  }
});
