import { readdirSync } from "node:fs";
import * as allroads from "allroads";
import { expect, test } from "vitest";
import { mainComparisonWithArm, strongBeta } from "../../../notebooks/examples/arm.ts";
import { temporaryFolder } from "../../temporary.ts";
import { compute, tinyConfig } from "./tiny.ts";

const { stageId } = allroads.pipeline;
const { collect, ledgerRecords, storeRecords, wantedStages, writeLedger } = allroads.results;

test("an arm added to a trained plan trains only itself, and is left out of a ledger without it and named", async () => {
  const lab = allroads.laboratory(tinyConfig, 3);
  const before = allroads.seedPlan(3, allroads.experiments.mainComparison.mainComparisonPlan(lab));
  const after = allroads.seedPlan(3, mainComparisonWithArm(lab));
  const [runs, ledger] = [temporaryFolder("runs"), temporaryFolder("ledger")];
  const train = (planned: typeof before) =>
    compute(runs, wantedStages(planned), allroads.pipeline.processPool(2));

  const first = await train(before);
  writeLedger(ledger, wantedStages(before), first);
  const stored = new Set(readdirSync(runs));
  const second = await train(after);
  const added = after.evaluations.filter(({ label }) => label.id === strongBeta.id);
  const missing = added.flatMap(({ policy, stage }) => [policy, stage]).map(stageId);
  expect(missing).toHaveLength(2);
  expect(
    readdirSync(runs)
      .filter((name) => !stored.has(name))
      .sort(),
  ).toEqual(missing.sort());

  const [old, trained] = [collect(before, storeRecords(first)), collect(after, storeRecords(second))];
  expect(trained.missing).toEqual([]);
  expect(trained.arms.filter(({ arm }) => arm.id !== strongBeta.id)).toEqual(old.arms);
  const registration = allroads.verdicts.readRegistration("01-main-comparison");
  const page = (result: typeof old) => allroads.experimentPage(registration, "smoke", [result]);
  expect(page(trained).summaries.map(({ arm }) => arm.name)).toContain("DPO, β = 8, not registered");

  const read = collect(after, ledgerRecords(ledger));
  expect(read.missing).toEqual([strongBeta]);
  expect(read.arms).toEqual(collect(before, ledgerRecords(ledger)).arms);
  const text = page(read).origin[allroads.report.display]()["text/plain"];
  expect(text).toContain("**The ledger has no results of DPO, β = 8**");
});
