import { describe, expect, test } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { rewardModelSizePlan, rewardModelSizes } from "../../../src/experiments/reward-model-size/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, scorerIn, verificationIn } from "../in-plan.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const plan = rewardModelSizePlan(lab);
const rewardOf = (width: number) => scorerIn(plan, `global@d = ${width}`);

describe("the plan on sizes of reward models", () => {
  test.each(rewardModelSizes)("changes only size and learning rate at d = $width", (size) => {
    const { width, heads, learningRate } = size;
    const differing = differingPaths(lab.reward, rewardOf(width));
    const sizes = ["hidden_size", "intermediate_size", "num_attention_heads"];
    const allowed = ["options.learningRate", ...sizes.map((name) => `policy.model.${name}`)];
    expect(allowed).toEqual(expect.arrayContaining(differing));
    expect(rewardOf(width)).toMatchObject({
      options: { learningRate },
      policy: { kind: "sft", model: { hidden_size: width, num_attention_heads: heads } },
    });
  });

  test.each(rewardModelSizes)(
    "judges one policy's samples and labels one online arm at d = $width",
    (size) => {
      const { width } = size;
      expect(verificationIn(plan, `global@d = ${width}`).policy).toEqual(lab.sft);
      const arm = policyIn(plan, `online-sft@RM of d = ${width}`);
      expect(onlinePairsIn(plan, `online-sft@RM of d = ${width}`).scorer).toEqual(rewardOf(width));
      expect({ ...arm, pairs: null }).toEqual({ ...lab.online(lab.sft), pairs: null });
    },
  );

  test.each(["global", "local", "dpo"])("rounds the weight changes of %s and changes nothing else", (id) => {
    const rounded = verificationIn(plan, `${id}@3 bits`);
    expect(differingPaths(verificationIn(plan, id), rounded)).toEqual(["bits", "completions"]);
    expect(rounded.bits).toBe(3);
  });
});
