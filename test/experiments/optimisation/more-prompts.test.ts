import { expect, test } from "vitest";
import { morePromptsPlan } from "../../../src/experiments/optimisation/more-prompts.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { pairCount } from "../../../src/pipeline/pairs.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn } from "../in-plan.ts";

const plan = morePromptsPlan(tunedLaboratory("laptop", 3));

test("three times the prompts for a third of the epochs are as many steps, with all else equal", () => {
  const [more, usual] = ["online-sft@3 × the prompts, 4 epochs", "online-sft@12 epochs"];
  expect(pairCount(onlinePairsIn(plan, more))).toBe(3 * pairCount(onlinePairsIn(plan, usual)));
  expect(differingPaths(policyIn(plan, more), policyIn(plan, usual))).toEqual([
    "options.epochs",
    "pairs.demonstrations",
  ]);
});
