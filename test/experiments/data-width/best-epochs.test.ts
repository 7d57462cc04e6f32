import { expect, test } from "vitest";
import { pairWidthPlan } from "../../../src/experiments/data-width/best-epochs.ts";
import { wideSources } from "../../../src/experiments/data-width/plan.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, scorerIn } from "../in-plan.ts";

const lab = tunedLaboratory("laptop", 3);
const plan = pairWidthPlan(lab);

test("wide pairs change the offline arm's pairs and nothing else", () => {
  const [narrow, wide] = [policyIn(plan, "dpo@8 epochs"), policyIn(plan, "dpo@wide pairs, 8 epochs")];
  expect(differingPaths(narrow, wide)).toEqual(["pairs.sources"]);
  expect(wide.pairs).toMatchObject({ sources: wideSources(lab) });
});

test("wide pairs change the online arm's reward model and nothing else", () => {
  const [narrow, wide] = ["online-sft@8 epochs", "online-sft@wide pairs, 8 epochs"] as const;
  expect(differingPaths(policyIn(plan, narrow), policyIn(plan, wide))).toEqual([
    "pairs.scorer.pairs.sources",
  ]);
  expect(onlinePairsIn(plan, wide).scorer).toEqual(scorerIn(plan, "global@wide pairs"));
});
