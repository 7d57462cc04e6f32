import { describe, expect, test } from "vitest";
import { experiments, ledgerFolder, plansOf } from "../../src/experiments/programme.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import { withAncestors } from "../../src/pipeline/stage.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { collect } from "../../src/results/collect.ts";
import { arms } from "../../src/results/labels.ts";
import { ledgerRecords, storeRecords } from "../../src/results/ledger.ts";
import { armOf } from "../../src/results/measures.ts";
import { seedPlan, wantedStages } from "../../src/results/plan.ts";
import { temporaryFolder } from "../temporary.ts";

/* The committed ledger: it is complete, and a sample of it can be reproduced. */

const records = ledgerRecords(ledgerFolder());

describe.each(experiments.map(({ id }) => id))("the ledger of %s", (id) => {
  test("holds every registered seed with every arm and scorer of the plan", () => {
    for (const planned of plansOf(id, "laptop")) expect(collect(planned, records).missing).toEqual([]);
  });
});

/**
 * On the machine that made the ledger the numbers come out the same. Elsewhere rounding differs, and training amplifies
 * small differences: first losses are then close, and final win rates differ by about as much as seeds do.
 */
const TOLERANCE = { firstLoss: 1e-3, winRate: 0.1 } as const;

test("one arm of the ledger, trained again, agrees within the stated tolerance", async () => {
  const [whole] = plansOf("01-replication", "laptop");
  if (whole === undefined) throw new Error("01-replication registers no seeds for the laptop preset.");
  const dpo = whole.plan.arms.filter(({ label }) => label === arms.dpo);
  const planned = seedPlan(whole.seed, { arms: dpo });
  const store = openStore(temporaryFolder("reproduction"));
  for (const stage of withAncestors(wantedStages(planned))) await runStage(store, stage);

  const found = collect(planned, storeRecords(store));
  const expected = collect(planned, records);
  const firstRow = ({ curves }: typeof found) => curves[0]?.rows[0];
  const [here, kept] = [firstRow(found), firstRow(expected)];
  expect(here?.step).toBe(kept?.step);
  expect(Math.abs(Number(here?.loss) - Number(kept?.loss))).toBeLessThan(TOLERANCE.firstLoss);
  const [own, recorded] = [armOf(found, arms.dpo), armOf(expected, arms.dpo)];
  expect(own.referenceRewards).toEqual(recorded.referenceRewards);
  expect(Math.abs(own.winRate - recorded.winRate)).toBeLessThan(TOLERANCE.winRate);
}, 120_000);
