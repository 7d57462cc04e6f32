import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  rankedPolicyTrials,
  rankedRewardTrials,
  settingsAtEdge,
} from "../../../src/experiments/tuned/best-trial.ts";
import {
  offline,
  onlineByLocal,
  onlineFromDpo,
  onlineFromSft,
  raft,
  reanchored,
  rebel,
  rloo,
} from "../../../src/experiments/tuned/policies.ts";
import { rewardModelKinds } from "../../../src/experiments/tuned/reward-models.ts";
import { readTuning } from "../../../src/experiments/tuning.ts";
import { repositoryRoot } from "../../../src/files/repository.ts";

/** A tuning whose runs are not finished has no table yet. */
const isTuned = (table: string) => existsSync(path.join(repositoryRoot(), "data", "tuning", `${table}.json`));

describe("tuned settings are the best of all trials, and not at an edge of what was tried", () => {
  const tuned = test.skipIf(!isTuned("reward-models"));
  tuned.each(rewardModelKinds)("reward model $label.id", ({ label, settings, trials }) => {
    const [best] = rankedRewardTrials(readTuning("reward-models"), label, trials);
    expect(settings).toEqual(best?.trial);
    expect(settingsAtEdge(settings, trials)).toEqual([]);
  });

  test("every reward model had as many trials", () => {
    expect(new Set(rewardModelKinds.map(({ trials }) => trials.length)).size).toBe(1);
  });

  const policies = [
    ...[offline, onlineFromSft].map((kind) => ({ ...kind, table: "policies-from-sft" })),
    ...[reanchored, onlineFromDpo].map((kind) => ({ ...kind, table: "policies-from-dpo" })),
    { ...onlineByLocal, table: "policies-by-local" },
    ...[raft, rebel, rloo].map((kind) => ({ ...kind, table: "other-policies" })),
  ];
  test("every policy had as many trials", () => {
    expect(new Set(policies.map(({ trials }) => trials.length)).size).toBe(1);
  });

  test.each(policies.filter(({ table }) => isTuned(table)))(
    "policy $label.id",
    ({ label, settings, trials, table }) => {
      const [best] = rankedPolicyTrials(readTuning(table), label, trials);
      expect(settings).toEqual(best?.trial);
      expect(settingsAtEdge(settings, trials)).toEqual([]);
    },
  );
});
