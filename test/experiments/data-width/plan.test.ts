import { describe, expect, test } from "vitest";
import { dataWidthPlan } from "../../../src/experiments/data-width/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { OfflinePairsStage } from "../../../src/pipeline/offline-pairs.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { differingPaths } from "../../differing-paths.ts";
import { policyIn, scorerIds, verificationIn } from "../in-plan.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const plan = dataWidthPlan(lab);
const wide = plan.pairs?.wide as OfflinePairsStage;

describe("the plan on narrow and wide pairs", () => {
  test("has the main comparison's arms on narrow pairs", () => {
    const main = mainComparisonPlan(lab);
    for (const id of ["sft", "dpo", "dpo-2x", "online-sft", "online-dpo"])
      expect(policyIn(plan, id)).toEqual(policyIn(main, id));
  });

  test.each([
    ["dpo", ["pairs.sources"]],
    ["dpo-2x", ["pairs.sources"]],
    ["online-sft", ["pairs.scorer.pairs.sources"]],
    ["online-dpo", ["pairs.policy.pairs.sources", "pairs.scorer.pairs.sources", "policy.pairs.sources"]],
  ])("changes only the sources of the pairs of %s", (id, paths) => {
    expect(differingPaths(policyIn(plan, id), policyIn(plan, `${id}@wide pairs`))).toEqual(paths);
  });

  test("trains policy and reward model on the same wide pairs", () => {
    const { pairs: online, policy } = policyIn(plan, "online-dpo@wide pairs");
    expect(online).toMatchObject({ scorer: { kind: "reward", pairs: wide } });
    expect(policy).toEqual(policyIn(plan, "dpo@wide pairs"));
  });

  test("takes wide pairs from SFT at two temperatures and from three of the task's demonstrators", () => {
    const sources = wide.sources ?? [];
    const temperatures = sources.flatMap((source) => ("policy" in source ? [source.temperature] : []));
    const demonstrators = sources.flatMap((source) => ("writer" in source ? [source.writer] : []));
    expect(temperatures).toEqual([1, 1.5]);
    expect(demonstrators).toHaveLength(3);
    expect(Object.keys(openTask(lab.config.task).demonstrators ?? {})).toEqual(
      expect.arrayContaining(demonstrators),
    );
  });

  test("judges every scorer on narrow and on hotter samples", () => {
    const hot = "samples at T = 1.5";
    expect(scorerIds(plan)).toEqual([
      ...["global", "dpo", "global@wide pairs", "dpo@wide pairs"],
      ...[`global@${hot}`, `dpo@${hot}`, `global@wide pairs, ${hot}`, `dpo@wide pairs, ${hot}`],
    ]);
    const global = verificationIn(plan, "global");
    expect(differingPaths(global, verificationIn(plan, `global@${hot}`))).toEqual(["temperature"]);
    expect(differingPaths(global, verificationIn(plan, "global@wide pairs"))).toEqual([
      "scorer.pairs.sources",
    ]);
  });
});
