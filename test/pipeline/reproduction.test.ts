import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { designs, ledgerFolder, plansOf } from "../../src/experiments/programme.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import { withAncestors } from "../../src/pipeline/stage.ts";
import { collect, type Plan, wantedStages } from "../../src/results/collect.ts";
import { ledgerRecords, storeRecords } from "../../src/results/ledger.ts";
import { testSeeds } from "../../src/verdicts/registration.ts";

/* The committed ledger: that it is whole, and that a sample of it comes out again. */

const records = ledgerRecords(ledgerFolder());

describe.each(Object.keys(designs))("the ledger of %s", (id) => {
  it("holds every registered seed, each with every arm that was run", () => {
    for (const [seed, plan] of plansOf(id, "laptop")) {
      const { arms, scorers } = collect(seed, plan, records);
      expect(arms.length).toBe(Object.keys({ ...plan.arms, ...plan.bestArms }).length);
      expect(scorers.length).toBeGreaterThanOrEqual(Object.keys(plan.scorers ?? {}).length);
    }
  });
});

/**
 * On the machine that made the ledger the numbers come out the same. Elsewhere rounding differs, and training makes small
 * differences larger: losses are then near each other at first, and win rates at the end by about what seeds differ.
 */
const TOLERANCE = { firstLoss: 1e-3, winRate: 0.1 } as const;

describe("a sample of the ledger", () => {
  const id = "01-replication";
  const seed = testSeeds(id, "laptop")[0]!;
  const whole = plansOf(id, "laptop").get(seed)!;
  const plan: Plan = { arms: { dpo: whole.arms.dpo! } };

  it("comes out again within the stated tolerance", async () => {
    const store = mkdtempSync(path.join(tmpdir(), "allroads reproduction "));
    for (const stage of withAncestors(wantedStages(plan))) await runStage(store, stage);
    const sft = whole.arms.sft!;
    const [here, kept] = [storeRecords(store), records].map((from) => from(sft)!.metrics![0]!);
    expect(here!.step).toBe(kept!.step);
    expect(Math.abs(here!.loss! - kept!.loss!)).toBeLessThan(TOLERANCE.firstLoss);
    const found = collect(seed, plan, storeRecords(store)).arms[0]!;
    const expected = collect(seed, whole, records).arms.find(({ arm }) => arm === "dpo")!;
    expect(found.referenceRewards).toEqual(expected.referenceRewards);
    expect(Math.abs(found.winRate - expected.winRate)).toBeLessThan(TOLERANCE.winRate);
  }, 120_000);
});
