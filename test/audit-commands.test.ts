import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repeatRuns } from "../src/audit-commands.ts";
import { laboratory } from "../src/experiments/laboratory.ts";
import type { LiveCheck } from "../src/experiments/live-check.ts";
import { evaluationStage } from "../src/pipeline/evaluation.ts";
import { platform } from "../src/pipeline/platform.ts";
import { inlinePool } from "../src/pipeline/pool.ts";
import { runStage } from "../src/pipeline/run-stage.ts";
import { definitionId, type Output, type Stage } from "../src/pipeline/stage.ts";
import { withAncestors } from "../src/pipeline/stage-id.ts";
import { openStore } from "../src/pipeline/store.ts";
import { type Recorded, storeRecords } from "../src/results/ledger.ts";
import { formatLedgerFile } from "../src/results/ledger-file.ts";
import { temporaryFolder } from "./temporary.ts";
import { tinyConfig } from "./tiny-config.ts";

const lab = laboratory(tinyConfig, 7);
const evaluation = evaluationStage(lab.sft, "evaluation");
const check: LiveCheck = {
  experiment: "01-tiny",
  seed: 7,
  stages: [
    { name: "SFT, training", stage: lab.sft },
    { name: "SFT, win rate", stage: evaluation },
  ],
};

let store = "";
beforeAll(async () => {
  store = mkdtempSync(path.join(tmpdir(), "allroads repeat "));
  for (const stage of withAncestors([evaluation])) await runStage(openStore(store), stage);
});
afterAll(() => rmSync(store, { recursive: true }));

/** A ledger of what was computed here, with every row changed. */
function ledgerWith(change: (record: Recorded<Output>, stage: Stage) => object | undefined): string {
  const records = storeRecords(openStore(store));
  const rows = check.stages.flatMap(({ stage }) => {
    const row = change(records(stage)!, stage);
    return row === undefined ? [] : [[definitionId(stage), row] as const];
  });
  const folder = temporaryFolder("ledger");
  writeFileSync(path.join(folder, "seed-7.jsonl.br"), formatLedgerFile(new Map(rows)));
  return folder;
}

async function repeated(ledger: string): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const status = await repeatRuns((text) => lines.push(text), { ledger, check, pool: inlinePool() });
  return { status, lines };
}

describe("runs that are repeated", () => {
  test("come out exactly as a ledger of this platform says, and it says so", async () => {
    const before = readdirSync(tmpdir());
    const { status, lines } = await repeated(ledgerWith((record) => record));
    expect(lines).toEqual([
      "Training SFT of 01-tiny, seed 7, again, to compare with the ledger.",
      "equal      SFT, training",
      "equal      SFT, win rate",
      `All 2 stages came out exactly as the ledger says, to every digit that it keeps, on ${platform()}.`,
    ]);
    expect(status).toBe(0);
    const left = readdirSync(tmpdir()).filter((name) => !before.includes(name));
    expect(left.filter((name) => name.startsWith("allroads-audit-"))).toEqual([]);
  });

  /** Another last digit of the entropy of the evaluation. */
  const nudged = (by: number, platform: string) =>
    ledgerWith((record, stage) => {
      const provenance = { ...record.provenance, platform };
      if (stage !== evaluation) return { ...record, provenance };
      const { evaluation: own } = record as unknown as { evaluation: { entropy: number } };
      return { ...record, provenance, evaluation: { ...own, entropy: own.entropy + by } };
    });

  test("may be a little apart on another platform, which is named", async () => {
    const { status, lines } = await repeated(nudged(0.0005, "another platform"));
    expect(lines.at(-2)).toMatch(/^close +SFT, win rate {2}entropy: 0\.0005 apart, at most 0\.002$/);
    expect(lines.at(-1)).toBe(
      "All 2 stages came out as the ledger says, within the tolerance for another platform: the ledger's were " +
        `computed on another platform, these on ${platform()}.`,
    );
    expect(status).toBe(0);
  });

  test.each([
    ["the same platform by one digit", () => nudged(0.0005, platform())],
    ["another platform by more than its tolerance", () => nudged(0.1, "another platform")],
    [
      "a ledger that lacks the row",
      () => ledgerWith((row, stage) => (stage === evaluation ? undefined : row)),
    ],
  ])("that differ from %s end with status 1 and say which", async (_, ledger) => {
    const { status, lines } = await repeated(ledger());
    expect(lines.at(-2)).toMatch(/^(different|missing) +SFT, win rate {2}/);
    expect(lines.at(-1)).toMatch(/^DIFFERENT: 1 of 2 stages did not come out as the ledger says\./);
    expect(status).toBe(1);
  });
});
