import { describe, expect, test } from "vitest";
import { ladderEpochs, ladderPlan } from "../../../src/experiments/generalisation/ladder.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { tunedSettings } from "../../../src/experiments/tuned/settings.ts";
import { seedPlan } from "../../../src/results/plan.ts";
import { policyIn, scorerIn, verificationIn } from "../in-plan.ts";

const plan = ladderPlan(tunedLaboratory("laptop", 3));
const kinds = { global: "global", local: "local", last: "last", dpo: "dpoReward" } as const;
const shifts = ["rich posts", "poor posts", "online samples"];

describe("the ladder of reward models", () => {
  test("trains every kind at its own settings for every number of epochs", () => {
    for (const [id, settings] of Object.entries(kinds))
      for (const epochs of ladderEpochs)
        expect(scorerIn(plan, `${id}@${epochs} epoch${epochs === 1 ? "" : "s"}`).options).toMatchObject({
          ...tunedSettings[settings],
          epochs,
        });
  });

  test("judges the same models under every shift, at the epochs chosen without it", () => {
    for (const shift of shifts)
      expect(verificationIn(plan, `last@4 epochs, ${shift}`).scorer).toEqual(scorerIn(plan, "last@4 epochs"));
    expect(plan.followingScorers?.map(({ label, choice }) => [label.id, choice.id])).toEqual(
      shifts.flatMap((shift) => Object.keys(kinds).map((id) => [`${id}@${shift}`, id])),
    );
    expect(seedPlan(3, plan).scorerValidations).toHaveLength(4 * ladderEpochs.length);
  });

  test("takes online samples from the online arm", () => {
    expect(verificationIn(plan, "global@1 epoch, online samples").policy).toEqual(
      policyIn(plan, "online-sft@3 epochs"),
    );
  });
});
