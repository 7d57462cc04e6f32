import { describe, expect, it } from "vitest";
import { dataPlan } from "../../../src/experiments/data-width/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { OfflinePairsStage, PreferenceStage } from "../../../src/pipeline/stage.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { differingPaths } from "../../differing-paths.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const { arms, scorers, pairs } = dataPlan(lab);

describe("narrow against wide pairs", () => {
  it("has the main comparison's arms on narrow pairs", () => {
    const main = mainComparisonPlan(lab);
    for (const arm of ["sft", "dpo", "dpo-2x", "online-sft", "online-dpo"])
      expect(arms[arm]).toEqual(main.arms[arm]);
  });

  it.each([
    ["dpo", ["pairs.sources"]],
    ["dpo-2x", ["pairs.sources"]],
    ["online-sft", ["pairs.scorer.pairs.sources"]],
    ["online-dpo", ["pairs.scorer.pairs.sources", "pairs.policy.pairs.sources", "policy.pairs.sources"]],
  ])("changes %s in nothing but who writes the pairs", (arm, paths) => {
    expect(differingPaths(arms[arm], arms[`${arm}@wide pairs`])).toEqual(paths);
  });

  it("lets policy and reward model learn from the same wide pairs", () => {
    const { pairs: online, policy } = arms["online-dpo@wide pairs"] as PreferenceStage;
    expect(online).toMatchObject({ scorer: { kind: "reward", pairs: pairs!.wide } });
    expect(policy).toEqual(arms["dpo@wide pairs"]);
  });

  it("draws wide completions from SFT at two temperatures and from demonstrators that the task has", () => {
    const { sources = [] } = pairs!.wide as OfflinePairsStage;
    const temperatures = sources.flatMap((source) => ("policy" in source ? [source.temperature] : []));
    const demonstrators = sources.flatMap((source) => ("writer" in source ? [source.writer] : []));
    expect(temperatures).toEqual([1, 1.5]);
    expect(Object.keys(openTask(lab.config.task).demonstrators!)).toEqual(
      expect.arrayContaining(demonstrators),
    );
    expect(sources).toHaveLength(5);
  });

  it("judges both kinds of scorer on narrow and on hotter samples", () => {
    const hot = "samples at T = 1.5";
    expect(Object.keys(scorers!)).toEqual([
      ...["global", "dpo", "global@wide pairs", "dpo@wide pairs"],
      ...[`global@${hot}`, `dpo@${hot}`, `global@wide pairs, ${hot}`, `dpo@wide pairs, ${hot}`],
    ]);
    expect(differingPaths(scorers!.global, scorers![`global@${hot}`])).toEqual(["temperature"]);
    expect(differingPaths(scorers!.global, scorers!["global@wide pairs"])).toEqual(["scorer.pairs.sources"]);
  });
});
