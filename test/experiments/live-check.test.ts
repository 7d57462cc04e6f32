import { describe, expect, test } from "vitest";
import { liveCheck } from "../../src/experiments/live-check.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
import type { Output, Stage } from "../../src/pipeline/stage.ts";
import { ledgerRecords, type Recorded, type Records } from "../../src/results/ledger.ts";

const ledger = ledgerRecords(ledgerFolder());

/** The ledger, as if its rows of some seeds had been computed on a platform, and it had no others. */
const ledgerOf = (platforms: Readonly<Record<number, string | undefined>>): Records =>
  (<O extends Output>(stage: Stage<O>) => {
    const { seed } = stage.setting;
    const row = seed in platforms ? ledger(stage) : undefined;
    return row && { ...row, provenance: { ...row.provenance, platform: platforms[seed] } };
  }) as <O extends Output>(stage: Stage<O>) => Recorded<O> | undefined;

describe("what is trained again", () => {
  test("is SFT, the reward model, DPO and Online DPO after one epoch, with their win rates, inputs first", () => {
    const { stages } = liveCheck(ledgerOf({ 21: "here" }), "here")!;
    expect(stages.map(({ name }) => name).sort()).toEqual([
      "DPO, training",
      "DPO, win rate",
      "Online DPO (SFT), training",
      "Online DPO (SFT), win rate",
      "Pairs of online DPO",
      "Preference pairs",
      "Reward model",
      "SFT, training",
      "SFT, win rate",
    ]);
    const at = (name: string) => stages.findIndex((one) => one.name === name);
    expect(at("Reward model")).toBeLessThan(at("Pairs of online DPO"));
    expect(at("Pairs of online DPO")).toBeLessThan(at("Online DPO (SFT), training"));
  });

  test("is of the first experiment and the first seed that the ledger has whole", () => {
    const chosen = (records: Records) => {
      const { experiment, seed } = liveCheck(records, "here") ?? {};
      return [experiment, seed];
    };
    expect(chosen(ledgerOf({ 22: undefined, 23: undefined }))).toEqual(["01-main-comparison", 22]);
    expect(chosen(ledgerOf({ 21: undefined, 202: undefined }))).toEqual(["01-best-epochs", 202]);
    const withoutSft: Records = (stage) => (stage.kind === "sft" ? undefined : ledger(stage));
    expect(chosen(withoutSft)).toEqual([undefined, undefined]);
  });

  test("is, if possible, of an experiment that was run on this platform", () => {
    const chosen = liveCheck(ledgerOf({ 22: "here", 23: "there", 201: "there" }), "here");
    expect(chosen?.seed).toBe(22);
  });
});
