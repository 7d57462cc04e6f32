import { describe, expect, test } from "vitest";
import { type LaboratoryConfig, laboratory } from "../../src/experiments/laboratory.ts";
import type { Stage } from "../../src/pipeline/stage.ts";
import { stageId } from "../../src/pipeline/stage-id.ts";
import { tinyConfig } from "../tiny-config.ts";

/** Online DPO from DPO, which depends on every kind of training stage. */
function onlineDpo(config: LaboratoryConfig, seed: number): Stage {
  const lab = laboratory(config, seed);
  return lab.online(lab.dpo(1));
}

/** The same data with its keys in reverse order, at every depth. */
const reordered = (value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, part]) => [key, reordered(part)]),
      );

describe("a stage's id", () => {
  const stage = onlineDpo(tinyConfig, 3);

  test("does not depend on the order of keys", () => {
    expect(stageId(reordered(stage) as Stage)).toBe(stageId(stage));
  });

  test("changes with everything that determines the result, at any depth", () => {
    const changed = [
      onlineDpo(tinyConfig, 4),
      onlineDpo({ ...tinyConfig, task: { name: "key-env", options: { gamma: 0.5 } } }, 3),
      onlineDpo({ ...tinyConfig, sft: { ...tinyConfig.sft, learningRate: 1e-4 } }, 3),
      onlineDpo({ ...tinyConfig, reward: { ...tinyConfig.reward, epochs: 1 } }, 3),
    ];
    expect(new Set([stage, ...changed].map(stageId)).size).toBe(5);
  });

  test("depends on the rows of files, not on their paths", () => {
    const idOf = (file: { path: string; sha256: string }) => {
      const sizes = { vocabSize: 300, promptLength: 64, completionLength: 8 };
      return stageId(laboratory({ ...tinyConfig, task: { name: "tldr", files: [file], ...sizes } }, 3).sft);
    };
    expect(idOf({ path: "/a/rows.jsonl", sha256: "1" })).toBe(idOf({ path: "/b.jsonl", sha256: "1" }));
    expect(idOf({ path: "/a/rows.jsonl", sha256: "1" })).not.toBe(
      idOf({ path: "/a/rows.jsonl", sha256: "2" }),
    );
  });
});
