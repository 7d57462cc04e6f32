import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { loadPolicy, savePolicy } from "../../src/models/checkpoint.ts";
import { initialModel, rewardModelFrom } from "../../src/models/initialization.ts";
import { globalScorer } from "../../src/models/scorers.ts";
import { checkpointStage } from "../../src/pipeline/checkpoint.ts";
import { forwardPasses } from "../../src/pipeline/forward-passes.ts";
import type { PublishedRewardStage } from "../../src/pipeline/published-reward.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import { samplesOf } from "../../src/pipeline/shared-stages.ts";
import { definitionId } from "../../src/pipeline/stage.ts";
import { stageId, withAncestors } from "../../src/pipeline/stage-id.ts";
import { taskAndData } from "../../src/pipeline/stage-inputs.ts";
import { locateStart, type Start, startTokenizer } from "../../src/pipeline/start.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { verificationStage } from "../../src/pipeline/verification.ts";
import { openTask, type TldrSpec } from "../../src/tasks/open-task.ts";
import { locateTldrFiles } from "../../src/tasks/tldr/locate.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { trainTokenizer } from "../../src/text/tokenizer.ts";
import { trainSft } from "../../src/training/sft.ts";
import { tinyConfig } from "../tiny-config.ts";

/* Stages that start from a published model and its tokenizer: a folder as transformers writes it. */

const scratch = mkdtempSync(path.join(tmpdir(), "allroads start "));
afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));

const posts = Array.from({ length: 40 }, (_, index) => ({
  prompt: `SUBREDDIT: r/tea\n\nTITLE: Tea ${index}\n\nPOST: I drink tea ${index} times a day.\n\nTL;DR:`,
  completion: ` Tea ${index} times.`,
}));
writeFileSync(path.join(scratch, "posts.jsonl"), posts.map((row) => JSON.stringify(row)).join("\n"));
const files = await locateTldrFiles(path.join(scratch, "posts.jsonl"));

const tokenizer = trainTokenizer(
  posts.map(({ prompt }) => prompt),
  { vocabSize: 300 },
);
/** Ids of the tokenizer are fewer than the model's, as in Pythia. */
const config = {
  vocab_size: 320,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  max_position_embeddings: 128,
  rotary_pct: 0.25,
  rotary_emb_base: 10000,
  layer_norm_eps: 1e-5,
  bos_token_id: 0,
};
const published = path.join(scratch, "published");
savePolicy(published, initialModel(config, randomStream(5)), tokenizer.vocabulary);
writeFileSync(path.join(published, "tokenizer.json"), JSON.stringify(tokenizer.json));

let copies = 0;
function copied(change: (folder: string) => void = () => {}): string {
  const folder = path.join(scratch, `copy ${copies++}`);
  cpSync(published, folder, { recursive: true });
  change(folder);
  return folder;
}

const rewrite = (file: string, change: (text: string) => string) =>
  writeFileSync(file, change(readFileSync(file, "utf8")));

const task = (start: Start): TldrSpec => ({
  name: "tldr",
  files,
  tokenizer: startTokenizer(start),
  promptLength: 90,
  completionLength: 12,
});

const labFrom = (start: Start, rewardModel?: Start) =>
  laboratory(
    {
      ...tinyConfig,
      task: task(start),
      sizes: { demonstrations: 8, pairs: 4, validation: 4, evaluation: 4 },
      model: start.model,
      start,
      ...(rewardModel && { rewardModel }),
      sft: { ...tinyConfig.sft, batchSize: 4, epochs: 1 },
    },
    3,
  );

const store = openStore(path.join(scratch, "store"));

describe("a stage that starts from a folder", () => {
  test("fine-tunes the model of the folder with its own tokenizer", async () => {
    const start = await locateStart({ folder: published });
    const { sft, setting } = labFrom(start);
    await runStage(store, sft);
    const { model } = store.get(sft);
    const opened = openTask(setting.task);
    expect(opened.vocabulary).toEqual(tokenizer.vocabulary);
    const { demonstrations } = opened.data(3, setting.sizes);
    const expected = await trainSft(opened, loadPolicy(published), demonstrations, {
      ...sft.options,
      seed: 3,
    });
    expect(Buffer.compare(bytesOf(model.weights), bytesOf(expected.model.weights))).toBe(0);
    expect(Buffer.compare(bytesOf(model.weights), bytesOf(loadPolicy(published).weights))).not.toBe(0);
    expect(model.config).toEqual(config);
  });

  test("has the id of its files' contents, wherever they lie and by whatever name they were asked for", async () => {
    const ids = async (folder: string) => {
      const { sft } = labFrom(await locateStart({ folder }));
      return [definitionId(sft), stageId(sft)];
    };
    const own = await ids(published);
    expect(await ids(copied())).toEqual(own);
    const fromHub = await locateStart({ hub: "owner/name", revision: "v1" }, async (name, revision) => {
      expect([name, revision]).toEqual(["owner/name", "v1"]);
      return { folder: copied(), commit: "c".repeat(40) };
    });
    expect(fromHub).toMatchObject({ hub: "owner/name", revision: "v1" });
    expect(definitionId(labFrom(fromHub).sft)).toBe(own[0]);

    const others = [
      (folder: string) =>
        rewrite(path.join(folder, "config.json"), (text) => text.replace("0.00001", "0.00002")),
      (folder: string) => savePolicy(folder, initialModel(config, randomStream(6)), tokenizer.vocabulary),
      (folder: string) =>
        rewrite(path.join(folder, "tokenizer.json"), (text) =>
          text.replace('"version":"1.0"', '"version":"1.1"'),
        ),
    ];
    const changed = await Promise.all(others.map(async (change) => (await ids(copied(change)))[0]!));
    expect(new Set([own[0], ...changed]).size).toBe(4);
  });

  test("differs from one that starts from random weights, and leaves the id of that one as it was", async () => {
    const start = await locateStart({ folder: published });
    const { config: used } = labFrom(start);
    const { start: _, ...without } = used;
    const fresh = laboratory(without, 3).sft;
    expect(Object.keys(fresh)).toEqual(["kind", "setting", "model", "options"]);
    expect(definitionId(fresh)).not.toBe(definitionId(labFrom(start).sft));
  });

  test("may be a model in shards", async () => {
    const shards = path.join(import.meta.dirname, "..", "models", "fixtures", "neox-family", "sequential");
    const { files, model } = await locateStart({ folder: shards });
    expect(files.map(({ name }) => name)).toEqual([
      "config.json",
      "model.safetensors.index.json",
      ...[1, 2, 3, 4].map((number) => `model-0000${number}-of-00004.safetensors`),
    ]);
    expect(model.use_parallel_residual).toBe(false);
  });
});

describe("a published policy", () => {
  test("is sampled as it is, from its own files, of which the store keeps no copy", async () => {
    const start = await locateStart({ folder: published });
    const { setting } = labFrom(start);
    const policy = checkpointStage(setting, start);
    const verification = verificationStage(setting, {
      policy,
      scorer: "gold",
      split: "validation",
      prompts: 2,
      completions: 3,
      temperature: 1,
    });
    for (const stage of [policy, samplesOf(verification), verification]) await runStage(store, stage);
    expect(store.get(policy)).toMatchObject({ model: { config, head: "language" }, metrics: [] });
    expect(readdirSync(path.join(store.folder, stageId(policy))).sort()).toEqual([
      "result.json",
      "stage.json",
    ]);
    const { completions } = store.get(samplesOf(verification));
    expect(completions.flat()).toHaveLength(6);
    expect(Math.max(...completions.flat(2))).toBeLessThan(tokenizer.vocabulary.size);
  });
});

describe("a published reward model", () => {
  const folder = path.join(scratch, "published reward");
  const rewardModel = rewardModelFrom(initialModel(config, randomStream(6)), randomStream(7));
  savePolicy(folder, rewardModel, tokenizer.vocabulary);

  test("ranks completions by its scores, is counted by its size, and is not trained", async () => {
    const lab = labFrom(await locateStart({ folder: published }), await locateStart({ folder }));
    expect(lab.reward.kind).toBe("published-reward");
    const verification = lab.verification(lab.reward, { split: "validation", prompts: 2, completions: 3 });
    expect(withAncestors([verification]).map(({ kind }) => kind)).not.toContain("reward");
    for (const stage of withAncestors([verification])) await runStage(store, stage);
    expect(store.get(lab.reward as PublishedRewardStage)).toMatchObject({ model: { head: "reward" } });
    const { completions } = store.get(samplesOf(verification));
    const { task, data } = taskAndData(lab.setting);
    const samples = completions.flatMap((own, index) =>
      own.map((completion) => ({ prompt: data.validation[index]!.prompt, completion })),
    );
    expect(store.get(verification).verification.scores.flat()).toEqual([
      ...globalScorer(task, rewardModel)(samples),
    ]);
    const trained = labFrom(await locateStart({ folder: published }));
    const trainingPasses = 3 * 2 * lab.setting.sizes.pairs! * tinyConfig.reward.epochs;
    expect(forwardPasses(lab.online(lab.sft))).toBeCloseTo(
      forwardPasses(trained.online(trained.sft)) - trainingPasses,
    );
  });

  test("changes the ids of the stages that it ranks for, and no others", async () => {
    const [start, reward] = [await locateStart({ folder: published }), await locateStart({ folder })];
    const [trained, given] = [labFrom(start), labFrom(start, reward)];
    expect(definitionId(given.sft)).toBe(definitionId(trained.sft));
    expect(definitionId(given.online(given.sft))).not.toBe(definitionId(trained.online(trained.sft)));
  });

  test("is refused if it is a policy", async () => {
    const start = await locateStart({ folder: published });
    const stage = labFrom(start, start).reward;
    expect(await refusal(runStage(store, stage))).toBe(
      `${path.join(published, "config.json")}: a reward model needs a scalar head, and this one has a language head.`,
    );
  });
});

describe("a start that cannot be used", () => {
  test("is refused before anything is planned", async () => {
    expect(await refusal(locateStart({ folder: path.join(scratch, "nowhere") }))).toContain(
      "config.json is missing: give a folder",
    );
    const damaged = copied((folder) => rmSync(path.join(folder, "model.safetensors")));
    expect(await refusal(locateStart({ folder: damaged }))).toContain("model.safetensors is missing");
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    vi.stubEnv("HF_HUB_CACHE", path.join(scratch, "no cache"));
    expect(await refusal(locateStart({ hub: "owner/name" }))).toContain("owner/name");
    vi.unstubAllEnvs();
  });

  test.each(["config.json", "model.safetensors", "tokenizer.json"])(
    "is refused if %s has changed since it was planned, or is gone",
    async (name) => {
      const folder = copied();
      const start = await locateStart({ folder });
      const { setting } = labFrom(await locateStart({ folder: published }));
      const [policy, later] = [50, 51].map((seed) =>
        checkpointStage({ ...setting, seed: seed + copies }, start),
      );
      await runStage(store, policy!);
      const message = `${path.join(folder, name)} has changed since this stage was planned, or is gone: plan it again.`;
      const whole = readFileSync(path.join(folder, name));
      whole[whole.length - 3]! ^= 1;
      writeFileSync(path.join(folder, name), whole);
      expect(await refusal(runStage(store, later!))).toBe(message);
      expect(() => store.get(policy!)).toThrow(message);
      rmSync(path.join(folder, name));
      expect(await refusal(runStage(store, later!))).toBe(message);
    },
  );

  test("is refused if the tokenizer has more ids than the model, without touching TensorFlow", async () => {
    const folder = copied((folder) =>
      savePolicy(folder, initialModel({ ...config, vocab_size: 290 }, randomStream(5)), tokenizer.vocabulary),
    );
    const { sft } = labFrom(await locateStart({ folder }));
    expect(await refusal(runStage(store, sft))).toBe(
      `${path.join(folder, "config.json")}: the model has 290 ids and the task's tokenizer 300; use the tokenizer that ` +
        "belongs to the model.",
    );
  });

  test.each([
    ["reward", "a reward"],
    ["base", "no"],
  ])("is refused as a policy if it has another head: %s", async (name, head) => {
    const folder = path.join(import.meta.dirname, "..", "models", "fixtures", "neox-family", name);
    const start = await locateStart({ folder });
    const policy = checkpointStage({ ...labFrom(await locateStart({ folder: published })).setting }, start);
    expect(await refusal(runStage(store, policy))).toBe(
      `${path.join(folder, "config.json")}: a policy needs a language model, and this one has ${head} head.`,
    );
  });

  test("is refused as a source of a tokenizer if it has none", async () => {
    const folder = copied((folder) => rmSync(path.join(folder, "tokenizer.json")));
    const start = await locateStart({ folder });
    expect(() => startTokenizer(start)).toThrow(
      `${path.join(folder, "tokenizer.json")} is missing: add the tokenizer that the model was trained with.`,
    );
  });
});

/** The message, of one line, with which a promise is rejected. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const { message } = await work.then(
    () => new Error("nothing was refused"),
    (error: Error) => error,
  );
  expect(message).not.toContain("\n");
  return message;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
