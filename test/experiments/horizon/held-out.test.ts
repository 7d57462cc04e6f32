import { describe, expect, test } from "vitest";
import {
  heldOutAxis,
  heldOutConfig,
  heldOutPlan,
  ringPolicies,
  ringSettings,
  ringTrials,
  ringTuning,
} from "../../../src/experiments/horizon/held-out.ts";
import { presets } from "../../../src/results/presets.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, scorerIn } from "../in-plan.ts";

const plan = heldOutPlan("laptop", 3);

describe.each(heldOutAxis.places)("the ring with walks of %i steps", (horizon) => {
  test("labels online samples by its own reward model, which has DPO's pairs and epochs", () => {
    const global = scorerIn(plan, `global@H = ${horizon}`);
    expect(onlinePairsIn(plan, `online-sft@H = ${horizon}, 3 epochs`).scorer).toEqual(global);
    const dpo = scorerIn(plan, `dpo@as many epochs, H = ${horizon}`);
    expect([dpo.pairs, dpo.options.epochs]).toEqual([global.pairs, global.options.epochs]);
    expect(policyIn(plan, `dpo@H = ${horizon}, 3 epochs`).pairs).toEqual(global.pairs);
  });

  test("uses the tuned settings", () => {
    expect(policyIn(plan, `dpo@H = ${horizon}, 3 epochs`).options).toMatchObject(ringSettings.dpo);
    expect(policyIn(plan, `online-sft@H = ${horizon}, 3 epochs`).options).toMatchObject(
      ringSettings.onlineSft,
    );
    expect(scorerIn(plan, `global@H = ${horizon}`).options).toMatchObject(ringSettings.global);
    expect(scorerIn(plan, `dpo@as many epochs, H = ${horizon}`).options).toMatchObject(
      ringSettings.dpoReward,
    );
  });

  test.each(presets)("can judge every start equally often at the preset %s", (preset) => {
    const { task, sizes } = heldOutConfig(preset, horizon);
    const { prompts, evaluation } = openTask(task).data(3, sizes);
    const starts = (some: readonly { readonly tokens: readonly number[] }[]) =>
      new Set(some.map(({ tokens }) => tokens.at(-1)));
    const judged = starts(evaluation.map(({ prompt }) => prompt));
    expect(judged.size).toBe(horizon === 1 ? 24 : 12);
    const both = [...starts(prompts)].filter((one) => judged.has(one));
    expect(both).toHaveLength(horizon === 1 ? 24 : 0);
  });
});

test("horizons differ in their tasks alone", () => {
  const names = differingPaths(
    policyIn(plan, "online-sft@H = 3, 3 epochs"),
    policyIn(plan, "online-sft@H = 9, 3 epochs"),
  ).map((path) => path.slice(path.lastIndexOf(".") + 1));
  expect(new Set(names)).toEqual(new Set(["horizon", "max_position_embeddings"]));
});

test("both arms have as many trials, and both verifiers", () => {
  const { arms, scorers = [] } = ringTuning.plan(191);
  const per = (ids: readonly string[], base: string) => ids.filter((id) => id.startsWith(`${base}@`)).length;
  const [armIds, scorerIds] = [arms.map(({ label }) => label.id), scorers.map(({ label }) => label.id)];
  expect(per(armIds, "dpo")).toBe(2 * ringTrials.policies.length);
  expect(per(armIds, "online-sft")).toBe(2 * ringTrials.policies.length);
  expect(per(scorerIds, "global")).toBe(ringTrials.verifiers.length);
  expect(per(scorerIds, "dpo")).toBe(ringTrials.verifiers.length);
  expect(ringPolicies.every(({ trials }) => trials === ringTrials.policies)).toBe(true);
});
