import { describe, expect, test } from "vitest";
import { generalisationPlan } from "../../../src/experiments/generalisation/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { differingPaths } from "../../differing-paths.ts";
import { candidateIds, scorerIn, verificationIn } from "../in-plan.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const plan = generalisationPlan(lab);
const kinds = ["global", "local", "last", "dpo"];

describe("the plan on kinds of reward models", () => {
  test("runs from the laboratory's reward model to its DPO", () => {
    expect(scorerIn(plan, "global@4 epochs")).toEqual(lab.reward);
    expect(scorerIn(plan, "global@usual settings")).toEqual(lab.reward);
    expect(scorerIn(plan, "dpo@usual settings")).toEqual(lab.dpo(1));
    expect(differingPaths(scorerIn(plan, "dpo@1 epoch"), lab.dpo(1))).toEqual(["options.learningRate"]);
    const local = scorerIn(plan, "local@4 epochs");
    expect(local).toMatchObject({ kind: "preference", options: { reference: "none" } });
    expect(differingPaths(local, scorerIn(plan, "last@4 epochs"))).toEqual([
      "options.credit",
      "options.learningRate",
    ]);
  });

  test.each(kinds)("trains %s on the same pairs for 1, 2, 4 and 8 epochs and chooses among them", (kind) => {
    const ids = [`${kind}@1 epoch`, `${kind}@2 epochs`, `${kind}@4 epochs`, `${kind}@8 epochs`];
    expect(candidateIds(plan.bestScorers)[kind]).toEqual(ids);
    expect(ids.map((id) => scorerIn(plan, id).options.epochs)).toEqual([1, 2, 4, 8]);
    for (const id of ids) expect(scorerIn(plan, id)).toMatchObject({ policy: lab.sft, pairs: lab.pairs });
  });

  test.each([
    ["rich posts", 0.7],
    ["poor posts", 0.15],
  ])("judges on %s what was chosen on posts as in training", (shift, importance) => {
    for (const kind of kinds) {
      const following = plan.followingScorers?.find(({ label }) => label.id === `${kind}@${shift}`);
      const ids = following?.candidates.map(({ id }) => id) ?? [];
      expect(following?.choice.id).toBe(kind);
      expect(ids.map((id) => scorerIn(plan, id))).toEqual(
        candidateIds(plan.bestScorers)[kind]?.map((id) => scorerIn(plan, id)),
      );
      for (const id of ids)
        expect(verificationIn(plan, id)).toMatchObject({
          policy: lab.sft,
          setting: { task: { options: { importance } } },
        });
    }
  });

  test("changes only the policy and the number of prompts on the samples of online DPO", () => {
    const moved = verificationIn(plan, "global@4 epochs, online samples");
    const unmoved = verificationIn(plan, "global@4 epochs");
    expect(moved).toEqual({ ...unmoved, policy: lab.online(lab.sft), prompts: 200 });
  });

  test("draws enough samples for the best of 25 at every preset", () => {
    const { scorers = [] } = generalisationPlan(laboratory(keyEnvConfig("smoke"), 3));
    for (const { stage } of scorers) expect(stage.completions).toBe(25);
  });
});
