import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { PRESETS } from "../../../kernel/headless/arguments.mjs";
import { winRate } from "../../../src/evaluation/win-rate.ts";
import type { LaboratoryConfig } from "../../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { inlinePool, type Pool } from "../../../src/pipeline/pool.ts";
import { runStage } from "../../../src/pipeline/run-stage.ts";
import { type Stage, stageId } from "../../../src/pipeline/stage.ts";
import { readResult } from "../../../src/pipeline/store.ts";
import { armSummaries, contrast } from "../../../src/report/results.ts";
import { presetNamed, presets } from "../../../src/results/presets.ts";
import { readPrediction } from "../../../src/verdicts/predictions.ts";
import { mainPlan, runMain } from "../../main-comparison.ts";

const smoke = keyEnvConfig("smoke");
const config: LaboratoryConfig = {
  ...smoke,
  sizes: { demonstrations: 128, pairs: 32, validation: 6, evaluation: 8 },
  model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
  verification: { prompts: 3, completions: 5 },
};
const seeds = [3, 4];
const newStore = () => mkdtempSync(path.join(tmpdir(), "allroads runs "));

/** The pool of this process, which also notes what it was asked to compute. */
function watchedPool(computed: string[]): Pool {
  const pool = inlinePool();
  return {
    ...pool,
    run(store, stage, onProgress) {
      computed.push(stageId(stage));
      return pool.run(store, stage, onProgress);
    },
  };
}

/** The bytes of everything that a store keeps, without when and how long it was computed. */
function contents(store: string): Record<string, string> {
  const names = readdirSync(store, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter(
    (name) => statSync(path.join(store, name)).isFile() && !name.endsWith("stage.json"),
  );
  return Object.fromEntries(files.map((name) => [name, readFileSync(path.join(store, name), "base64")]));
}

describe("the main comparison", () => {
  it("runs every arm once, judges it by the referenceRewards, and computes nothing twice", async () => {
    const store = newStore();
    const computed: string[] = [];
    const shares: number[] = [];
    const results = await runMain(config, seeds, store, watchedPool(computed), ({ done, total }) =>
      shares.push(done / total),
    );
    expect(new Set(computed).size).toBe(computed.length);
    expect(shares.at(-1)).toBeCloseTo(1);
    expect(shares.every((share, index) => index === 0 || share >= shares[index - 1]! - 1e-9)).toBe(true);
    for (const { arms, choices, curves, scorers } of results) {
      expect(arms.map(({ arm }) => arm).sort()).toEqual(
        ["sft", "dpo", "dpo-2x", "dpo-5x", "dpo-10x", "dpo-best", "online-sft", "online-dpo"].sort(),
      );
      for (const arm of arms) {
        expect(arm.outcomes).toHaveLength(config.sizes.evaluation);
        expect(arm.winRate).toBe(winRate(arm.greedyRewards, arm.referenceRewards).mean);
        expect(arm.referenceRewards).toEqual(arms[0]!.referenceRewards);
      }
      const [{ chosen, from }] = choices as [(typeof choices)[number]];
      expect(from.find(({ id }) => id === chosen)!.value).toBe(Math.max(...from.map(({ value }) => value)));
      const steps = Object.fromEntries(curves.map(({ arm, rows }) => [arm, rows.at(-1)!.step!]));
      expect(steps["dpo-2x"]).toBeGreaterThanOrEqual(2 * steps.dpo!);
      expect(scorers.map(({ scorer }) => scorer)).toEqual(["global", "dpo"]);
    }
    const again: string[] = [];
    expect(await runMain(config, seeds, store, watchedPool(again))).toEqual(results);
    expect(again).toEqual([]);

    const [summary] = armSummaries(results, { draws: 200, level: 0.95 });
    expect(summary).toMatchObject({ arm: "sft", seeds: 2 });
    const difference = contrast(results, "online-sft-vs-dpo", "greedy-win-rate", { draws: 200, level: 0.95 });
    expect(difference.seeds).toEqual(seeds);
    expect(difference.low).toBeLessThanOrEqual(difference.mean);
  });

  it("recomputes a damaged stage to the same bytes, and uses no other's", async () => {
    const store = newStore();
    const { arms: policies, pairs: sets } = mainPlan(config, 3);
    const pairs = sets!.offline!;
    await runStage(store, policies.sft!);
    await runStage(store, pairs);
    const before = contents(store);
    const files = Object.keys(before).map((name) => path.join(store, name));
    for (const file of files) {
      truncateSync(file, statSync(file).size - 3);
      const damaged: Stage = file.includes("offline-pairs") ? pairs : policies.sft!;
      expect(readResult(store, damaged)).toBeUndefined();
      await runStage(store, damaged);
      expect(contents(store)).toEqual(before);
    }
    const manifest = path.join(store, stageId(pairs), "stage.json");
    writeFileSync(manifest, readFileSync(path.join(store, stageId(policies.sft!), "stage.json")));
    expect(readResult(store, pairs)).toBeUndefined();
  });

  it("goes on from where it was stopped and ends with the same bytes", async () => {
    const whole = newStore();
    await runStage(whole, mainPlan(config, 3).arms.sft!);
    const store = newStore();
    const stop = new AbortController();
    const stopped = runStage(store, mainPlan(config, 3).arms.sft!, {
      signal: stop.signal,
      onProgress: (part) => part > 0.5 && stop.abort(),
    });
    await expect(stopped).rejects.toThrow("run it again to continue there");
    const parts: number[] = [];
    await runStage(store, mainPlan(config, 3).arms.sft!, { onProgress: (part) => parts.push(part) });
    expect(parts[0]).toBeGreaterThan(0.5);
    expect(contents(store)).toEqual(contents(whole));
  });

  it("reports the first failure and keeps what was finished", async () => {
    const store = newStore();
    const broken = { ...config, reward: { ...config.reward, learningRate: 1e30 } };
    await expect(runMain(broken, [3], store, inlinePool())).rejects.toThrow(
      "lower the learning rate (1e+30)",
    );
    expect(readResult(store, mainPlan(broken, 3).arms.sft!)).toBeDefined();
    expect(readResult(store, mainPlan(broken, 3).arms["online-sft"]!)).toBeUndefined();
  });
});

describe("a stage's identity", () => {
  const { arms: policies } = mainPlan(config, 3);
  const reordered = (value: unknown): unknown =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, part]) => [key, reordered(part)]),
        );

  it("does not depend on the order of keys", () => {
    expect(stageId(reordered(policies["online-dpo"]!) as Stage)).toBe(stageId(policies["online-dpo"]!));
  });

  it("changes with anything that a result depends on, however deep", () => {
    const changed = [
      mainPlan(config, 4),
      mainPlan({ ...config, task: { name: "key-env", options: { gamma: 0.5 } } }, 3),
      mainPlan({ ...config, sft: { ...config.sft, learningRate: 1e-4 } }, 3),
      mainPlan({ ...config, reward: { ...config.reward, epochs: 1 } }, 3),
    ].map((plan) => stageId(plan.arms["online-dpo"]!));
    expect(new Set([...changed, stageId(policies["online-dpo"]!)]).size).toBe(5);
  });

  it("follows the rows of real posts, not the place of their files", () => {
    const plan = (file: { path: string; sha256: string }) =>
      stageId(
        mainPlan(
          {
            ...config,
            task: { name: "tldr", files: [file], vocabSize: 300, promptLength: 64, completionLength: 8 },
          },
          3,
        ).arms.sft!,
      );
    expect(plan({ path: "/a/rows.jsonl", sha256: "1" })).toBe(plan({ path: "/b.jsonl", sha256: "1" }));
    expect(plan({ path: "/a/rows.jsonl", sha256: "1" })).not.toBe(
      plan({ path: "/a/rows.jsonl", sha256: "2" }),
    );
  });
});

describe("presets", () => {
  it("are those of the command line, each with registered seeds", () => {
    expect(presets).toEqual(PRESETS);
    expect(Object.keys(readPrediction("01-main-comparison").seeds.test)).toEqual(PRESETS);
  });

  it("are the ones there are, laptop unless told", () => {
    expect(presetNamed(undefined)).toBe("laptop");
    expect(presetNamed("gpu")).toBe("gpu");
    expect(() => presetNamed("huge")).toThrow('There is no preset "huge": choose one of smoke, laptop, gpu.');
  });
});
