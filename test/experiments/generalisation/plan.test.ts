import { describe, expect, it } from "vitest";
import {
  candidateRates,
  generalisationPlan,
  generalisationTuning,
  rewardModelKinds,
  rungRates,
  tunedRungId,
} from "../../../src/experiments/generalisation/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { bestScorer, readTuning } from "../../../src/experiments/tuning.ts";
import type { PreferenceStage, RewardStage } from "../../../src/pipeline/stage.ts";
import { differingPaths } from "../../differing-paths.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const { scorers, bestScorers, followingScorers } = generalisationPlan(lab);
const scorer = (id: string) => scorers![id]!.scorer as RewardStage | PreferenceStage;
const rungs = ["global", "local", "last", "dpo"];

describe("the ladder of reward models", () => {
  it("runs from the laboratory's reward model to its DPO", () => {
    expect(scorer("global@4 epochs")).toEqual(lab.reward);
    expect(scorer("global@usual settings")).toEqual(lab.reward);
    expect(scorer("dpo@usual settings")).toEqual(lab.dpo(1));
    expect(differingPaths(scorer("dpo@1 epoch"), lab.dpo(1))).toEqual(["options.learningRate"]);
    expect(scorer("local@4 epochs")).toMatchObject({ kind: "preference", options: { reference: "none" } });
    const rest = ["options.credit", "options.learningRate"];
    expect(differingPaths(scorer("local@4 epochs"), scorer("last@4 epochs"))).toEqual(rest);
  });

  it("gives each the learning rate that did best where it was tuned", () => {
    const table = readTuning("07-h5-generalisation");
    expect(table.seeds).toEqual(generalisationTuning.seeds);
    for (const rung of rewardModelKinds) {
      const ids = candidateRates.map((rate) => tunedRungId(rung, rate));
      expect(bestScorer(table, ids, "probability")).toBe(tunedRungId(rung, rungRates[rung]));
    }
  });

  it.each(rungs)("trains %s on the same pairs for 1, 2, 4 and 8 epochs and chooses among them", (rung) => {
    const ids = [`${rung}@1 epoch`, `${rung}@2 epochs`, `${rung}@4 epochs`, `${rung}@8 epochs`];
    expect(bestScorers![rung]).toEqual(ids);
    expect(ids.map((id) => scorer(id).options.epochs)).toEqual([1, 2, 4, 8]);
    for (const id of ids) expect(scorer(id)).toMatchObject({ policy: lab.sft, pairs: lab.pairs });
  });

  it.each([
    ["rich posts", 0.7],
    ["poor posts", 0.15],
  ])("judges on %s what was chosen on posts as in training", (shift, importance) => {
    for (const rung of rungs) {
      const { choice, members } = followingScorers![`${rung}@${shift}`]!;
      expect(choice).toBe(rung);
      expect(members.map((id) => scorer(id))).toEqual(bestScorers![rung]!.map(scorer));
      for (const id of members)
        expect(scorers![id]).toMatchObject({
          policy: lab.sft,
          setting: { task: { options: { importance } } },
        });
    }
  });

  it("judges on the samples of online DPO with all else the same", () => {
    const [plain, moved] = ["global@4 epochs", "global@4 epochs, online samples"].map((id) => scorers![id]!);
    expect(moved).toEqual({ ...plain, policy: lab.online(lab.sft), prompts: 200 });
  });

  it("has samples enough for the best of 25 at every preset", () => {
    const smoke = generalisationPlan(laboratory(keyEnvConfig("smoke"), 3));
    for (const { completions } of Object.values(smoke.scorers!)) expect(completions).toBe(25);
  });
});
