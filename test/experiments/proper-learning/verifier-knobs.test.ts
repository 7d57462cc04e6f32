import { describe, expect, test } from "vitest";
import {
  verifierKnobsPlan,
  verifierSlopesPlan,
} from "../../../src/experiments/proper-learning/verifier-knobs.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { tunedSettings } from "../../../src/experiments/tuned/settings.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, scorerIn } from "../in-plan.ts";

const lab = tunedLaboratory("laptop", 3);
const plan = verifierKnobsPlan(lab);
const slopes = verifierSlopesPlan(lab);
const knobs = [
  { how: "40 % flipped labels", arm: "RM of 40 % flipped labels", within: plan },
  { how: "250 pairs", arm: "RM of 250 pairs", within: plan },
  { how: "head only", arm: "RM head only", within: plan },
  { how: "20 % flipped labels", arm: "RM of 20 % flipped labels", within: slopes },
  { how: "40 % flipped labels", arm: "RM of 40 % flipped labels", within: slopes },
  { how: "1000 pairs", arm: "RM of 1000 pairs", within: slopes },
  { how: "250 pairs", arm: "RM of 250 pairs", within: slopes },
];

describe("the plan that changes the verifier alone", () => {
  test.each(knobs)("labels the same samples by the reward model with $how", ({ how, arm, within }) => {
    const id = `online-sft@${arm}, 3 epochs`;
    expect(onlinePairsIn(within, id).scorer).toEqual(scorerIn(within, `global@${how}`));
    for (const path of differingPaths(policyIn(within, "online-sft@3 epochs"), policyIn(within, id)))
      expect(path).toMatch(/^pairs\.scorer\./);
  });

  test.each([
    ["40 % flipped labels", { pairs: { kind: "flipped-pairs", probability: 0.4, pairs: lab.pairs } }],
    ["250 pairs", { pairs: { ...lab.pairs, first: 250 } }],
    ["head only", { pairs: lab.pairs, options: { trainable: "head" } }],
  ])("makes the reward model with %s worse in that alone", (how, changes) => {
    const { options, ...rest } = lab.rewardWith({});
    expect(scorerIn(plan, `global@${how}`)).toMatchObject({
      ...rest,
      ...changes,
      options: { ...options, ...("options" in changes && changes.options) },
    });
  });

  test("has a local reward model with the global one's start, pairs and epochs", () => {
    const { policy, pairs, options } = lab.rewardWith({});
    expect(scorerIn(plan, "local")).toMatchObject({
      policy,
      pairs,
      options: { ...tunedSettings.local, reference: "none", epochs: options.epochs },
    });
    expect(onlinePairsIn(plan, "online-sft@local RM labels, 3 epochs").scorer).toEqual(
      scorerIn(plan, "local"),
    );
  });
});
