import { describe, expect, test } from "vitest";
import { verifierKnobsPlan } from "../../../src/experiments/proper-learning/verifier-knobs.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { tunedSettings } from "../../../src/experiments/tuned/settings.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, scorerIn } from "../in-plan.ts";

const lab = tunedLaboratory("laptop", 3);
const plan = verifierKnobsPlan(lab);
const knobs = [
  ["40 % flipped labels", "RM of 40 % flipped labels"],
  ["20 % flipped labels", "RM of 20 % flipped labels"],
  ["250 pairs", "RM of 250 pairs"],
  ["1000 pairs", "RM of 1000 pairs"],
  ["head only", "RM head only"],
];

describe("the plan that changes the verifier alone", () => {
  test.each(knobs)("labels the same samples by the reward model with %s", (how, arm) => {
    const id = `online-sft@${arm}, 3 epochs`;
    expect(onlinePairsIn(plan, id).scorer).toEqual(scorerIn(plan, `global@${how}`));
    for (const path of differingPaths(policyIn(plan, "online-sft@3 epochs"), policyIn(plan, id)))
      expect(path).toMatch(/^pairs\.scorer\./);
  });

  test.each([
    ["40 % flipped labels", { pairs: { kind: "flipped-pairs", probability: 0.4, pairs: lab.pairs } }],
    ["250 pairs", { pairs: { ...lab.pairs, first: 250 } }],
    ["head only", { pairs: lab.pairs, options: { trainable: "head" } }],
  ])("makes the reward model with %s worse in that alone", (how, changes) => {
    const { options, ...rest } = lab.reward;
    expect(scorerIn(plan, `global@${how}`)).toMatchObject({
      ...rest,
      ...changes,
      options: { ...options, ...("options" in changes && changes.options) },
    });
  });

  test("has a local reward model with the global one's start, pairs and epochs", () => {
    const { policy, pairs, options } = lab.reward;
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
