import { describe, expect, test } from "vitest";
import { explicitKlPlan } from "../../../src/experiments/regularisation/explicit-kl.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { differingPaths } from "../../differing-paths.ts";
import { candidateIds, policyIn } from "../in-plan.ts";

const plan = explicitKlPlan(tunedLaboratory("laptop", 3));

describe("the plan with an explicit KL", () => {
  test.each([5, 8, 12])("adds the KL and nothing else to offline DPO after %d epochs", (epochs) => {
    const paths = differingPaths(
      policyIn(plan, `dpo@${epochs} epochs`),
      policyIn(plan, `dpo@KL 0.1, ${epochs} epochs`),
    );
    expect(paths).toEqual(["options.kl"]);
  });

  test("lets the offline arm choose its epochs with or without the KL", () => {
    expect(candidateIds(plan.bestArms)["dpo@with or without KL, best epoch"]).toEqual(
      [1, 2, 3, 5, 8, 12, 18]
        .map((epochs) => `dpo@${epochs} epoch${epochs === 1 ? "" : "s"}`)
        .concat([5, 8, 12, 18].map((epochs) => `dpo@KL 0.1, ${epochs} epochs`)),
    );
  });
});
