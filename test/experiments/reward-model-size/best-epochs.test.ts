import { describe, expect, test } from "vitest";
import {
  otherSizes,
  rewardModelSizesPlan,
  rewardModelSizesTuning,
} from "../../../src/experiments/reward-model-size/best-epochs.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { tunedSettings } from "../../../src/experiments/tuned/settings.ts";
import type { RewardStage } from "../../../src/pipeline/reward-model.ts";
import type { SftStage } from "../../../src/pipeline/sft.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, scorerIn } from "../in-plan.ts";

const lab = tunedLaboratory("laptop", 3);
const plan = rewardModelSizesPlan(lab);

describe.each(otherSizes)("the reward model of d = $width", ({ width, learningRate }) => {
  const scorer = scorerIn(plan, `global@d = ${width}`) as RewardStage;

  test("differs from the policy's size in its SFT model and learning rate alone", () => {
    expect((scorer.policy as SftStage).model.hidden_size).toBe(width);
    const { model } = scorer.policy as SftStage;
    expect({ ...scorer, policy: { ...scorer.policy, model: lab.config.model } }).toEqual({
      ...lab.rewardWith({}),
      options: { ...lab.rewardWith({}).options, learningRate, beta: tunedSettings.global.beta },
    });
    expect(model.num_hidden_layers).toBe(lab.config.model.num_hidden_layers);
  });

  test.skipIf(width === 24)("labels the samples of an online arm that is otherwise the same", () => {
    const [usual, own] = ["online-sft@5 epochs", `online-sft@RM of d = ${width}, 5 epochs`] as const;
    expect(onlinePairsIn(plan, own).scorer).toEqual(scorer);
    const changed = differingPaths(policyIn(plan, usual), policyIn(plan, own));
    expect(changed.every((path) => path.startsWith("pairs.scorer."))).toBe(true);
  });
});

test("every size is tuned over as many learning rates at the plan's β", () => {
  const { scorers = [] } = rewardModelSizesTuning.plan(191);
  const counts = otherSizes.map(
    ({ width }) => scorers.filter(({ label }) => label.id.startsWith(`global@d = ${width},`)).length,
  );
  expect(new Set(counts)).toEqual(new Set([6]));
});
