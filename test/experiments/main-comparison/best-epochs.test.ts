import { describe, expect, test } from "vitest";
import { bestEpochsPlan, comparedKinds } from "../../../src/experiments/main-comparison/best-epochs.ts";
import { epochGrid, shortEpochGrid } from "../../../src/experiments/tuned/epochs.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { tunedSettings } from "../../../src/experiments/tuned/settings.ts";
import { seedPlan } from "../../../src/results/plan.ts";
import { differingPaths } from "../../differing-paths.ts";
import { candidateIds, onlinePairsIn, policyIn } from "../in-plan.ts";

const lab = tunedLaboratory("laptop", 3);
const plan = bestEpochsPlan(lab);
const trainedFor = (id: string, epochs: number) => `${id}@${epochs} epoch${epochs === 1 ? "" : "s"}`;

describe("the main comparison at the best epochs", () => {
  test("trains every arm for every number of epochs, with all else equal", () => {
    for (const { label, epochs: grid } of comparedKinds)
      for (const epochs of grid.slice(1))
        expect(
          differingPaths(
            policyIn(plan, trainedFor(label.id, 1)),
            policyIn(plan, trainedFor(label.id, epochs)),
          ),
        ).toEqual(["options.epochs"]);
  });

  test("chooses among all of them on validation prompts, alike for arms that are compared", () => {
    const grids = {
      dpo: epochGrid,
      "online-sft": epochGrid,
      "dpo-reanchored": shortEpochGrid,
      "online-dpo": shortEpochGrid,
    };
    expect(candidateIds(plan.bestArms)).toEqual(
      Object.fromEntries(
        Object.entries(grids).map(([id, grid]) => [
          `${id}@best epoch`,
          grid.map((epochs) => trainedFor(id, epochs)),
        ]),
      ),
    );
    expect(seedPlan(3, plan).validations).toHaveLength(2 * (epochGrid.length + shortEpochGrid.length));
  });

  test.each([
    ["online-sft", "dpo"],
    ["online-dpo", "dpo-reanchored"],
  ])("starts %s and %s from the same policy, which both are held to", (online, offline) => {
    const [a, b] = [policyIn(plan, trainedFor(online, 3)), policyIn(plan, trainedFor(offline, 3))];
    expect(a.policy).toEqual(b.policy);
    expect([a.reference, b.reference]).toEqual([undefined, undefined]);
    expect([a.options.reference, b.options.reference]).toEqual(["start", "start"]);
    expect(b.pairs).toEqual(lab.pairs);
    expect(onlinePairsIn(plan, trainedFor(online, 3))).toMatchObject({
      policy: a.policy,
      scorer: lab.reward,
    });
  });

  test("starts the re-anchored arms from DPO after one epoch", () => {
    const { policy } = policyIn(plan, "dpo-reanchored@2 epochs");
    expect(policy).toEqual(policyIn(plan, "dpo@1 epoch"));
  });

  test("trains every arm at its own tuned settings", () => {
    const settings = {
      dpo: tunedSettings.dpo,
      "online-sft": tunedSettings.onlineSft,
      "dpo-reanchored": tunedSettings.dpoReanchored,
      "online-dpo": tunedSettings.onlineDpo,
    };
    for (const [id, trial] of Object.entries(settings))
      expect(policyIn(plan, trainedFor(id, 5)).options).toMatchObject(trial);
    expect(lab.rewardWith({}).options).toMatchObject(tunedSettings.global);
  });
});
