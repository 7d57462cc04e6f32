import { describe, expect, test } from "vitest";
import { labelSourcesPlan } from "../../../src/experiments/on-policy-feedback/label-sources.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn } from "../in-plan.ts";

const lab = tunedLaboratory("laptop", 3);
const plan = labelSourcesPlan(lab);

describe("the plan on where labels come from", () => {
  test.each([
    ["online-sft@5 epochs", "online-sft@K = 2, 5 epochs", ["pairs.completions"]],
    ["online-sft@1 epoch", "online-sft@own likelihood, 1 epoch", ["pairs.scorer"]],
  ])("changes one thing between %s and %s", (one, other, paths) => {
    expect(differingPaths(policyIn(plan, one), policyIn(plan, other))).toEqual(paths);
  });

  test("relabels the annotator's own pairs with the reward model of the online arms", () => {
    const { pairs, ...dpo } = policyIn(plan, "dpo@pairs relabelled by the RM, 5 epochs");
    expect(pairs).toMatchObject({ pairs: lab.pairs, scorer: lab.reward });
    const { pairs: annotated, ...plain } = policyIn(plan, "dpo@5 epochs");
    expect(dpo).toEqual(plain);
    expect(annotated).toEqual(lab.pairs);
  });

  test("lets the one-epoch DPO policy label its own samples by its implicit reward", () => {
    const { policy, scorer } = onlinePairsIn(plan, "online-dpo@own labels, 2 epochs");
    expect(scorer).toEqual(policyIn(plan, "dpo@1 epoch"));
    expect(policy).toEqual(scorer);
    expect({ ...policyIn(plan, "online-dpo@own labels, 2 epochs"), pairs: undefined }).toEqual({
      ...policyIn(plan, "online-dpo@2 epochs"),
      pairs: undefined,
    });
  });
});
