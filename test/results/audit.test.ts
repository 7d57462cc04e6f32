import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { completedExperiments, programmeStages } from "../../src/experiments/programme.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { type EvaluationStage, evaluationStage } from "../../src/pipeline/evaluation.ts";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import { inlinePool } from "../../src/pipeline/pool.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import { definitionId, type Stage } from "../../src/pipeline/stage.ts";
import { withAncestors } from "../../src/pipeline/stage-id.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { audit, auditedRow, sampleStages } from "../../src/results/audit.ts";
import { ledgerRecords, storeRecords } from "../../src/results/ledger.ts";
import { steadiness } from "../../src/results/steadiness.ts";
import type { EvaluationRow } from "../sealed-ledger.ts";
import { temporaryFolder } from "../temporary.ts";

const all = programmeStages(completedExperiments(), "laptop");
const rows = ledgerRecords(ledgerFolder());

/** Draws other stages at every commit; without git, every day. AUDIT_SEED repeats a draw. */
function auditSeed(): number {
  const { AUDIT_SEED } = process.env;
  if (AUDIT_SEED !== undefined) return Number(AUDIT_SEED);
  try {
    return Number.parseInt(execFileSync("git", ["rev-parse", "--short=7", "HEAD"], { encoding: "utf8" }), 16);
  } catch {
    return Math.floor(Date.now() / 86_400_000);
  }
}

/** About a third of a minute on one core of 2025: an SFT policy, its pairs, a policy and its evaluation. */
const COST = 115_000;
const TIMEOUT = 300_000;

test(
  "rows of the committed ledger that are drawn at random are those that training gives",
  async () => {
    const seed = auditSeed();
    const drawn = sampleStages(all, { seed, count: 3, cost: COST });
    expect(drawn).not.toEqual([]);
    const audited = await audit(drawn, ledgerFolder(), temporaryFolder("audit"), inlinePool());
    const wrong = audited.filter(({ outcome }) => outcome === "different" || outcome === "missing");
    expect(wrong, `set AUDIT_SEED=${seed} to draw the same rows`).toEqual([]);
  },
  TIMEOUT,
);

test(
  "rows of a lower temperature or of 10 % fewer epochs are found, in training and in what is made from it",
  async () => {
    const { sft, pairs, pairsWith, dpo } = laboratory(keyEnvConfig("laptop"), 21 + (auditSeed() % 5));
    const [usual, shorter] = [dpo(1), dpo(0.9)];
    const evaluated = (policy: typeof usual) => evaluationStage(policy, "evaluation");
    const forgeries: (readonly [stage: Stage, trained: Stage])[] = [
      [pairs, pairsWith({ temperature: 0.9 })],
      [usual, shorter],
      [evaluated(usual), evaluated(shorter)],
    ];
    const store = openStore(temporaryFolder("forgeries"));
    for (const stage of withAncestors(forgeries.map(([, trained]) => trained))) await runStage(store, stage);
    const records = storeRecords(store);
    for (const [stage, trained] of forgeries)
      expect(auditedRow(stage, rows(stage), records(trained))).toMatchObject({
        outcome: "different",
        samePlatform: false,
      });
    expect(auditedRow(sft, rows(sft), records(sft)).outcome).toMatch(/^(equal|close)$/);
  },
  TIMEOUT,
);

describe("0.3 more gold reward", () => {
  const evaluations = withAncestors(all.filter(({ setting }) => setting.seed === 41)).filter(
    ({ kind }) => kind === "evaluation",
  ) as EvaluationStage[];

  test.each(["sft", "offline", "ranked", "unsteady"] as const)(
    "is found in every row that is %s",
    (steady) => {
      const own = evaluations.filter((stage) => steadiness(stage) === steady);
      expect(own.length).toBeGreaterThan(5);
      for (const stage of own) {
        const row = rows(stage) as unknown as EvaluationRow;
        const greedyRewards = row.evaluation.greedyRewards.map((reward) => reward + 0.3);
        const forged = { ...row, evaluation: { ...row.evaluation, greedyRewards } };
        const { outcome, reasons } = auditedRow(stage, forged as never, row as never);
        expect(outcome, stage.kind).toBe("different");
        expect(reasons.join()).toContain("greedy reward");
        expect(auditedRow(stage, row as never, row as never).outcome).toBe("equal");
      }
    },
  );
});

describe("a row with one other digit", () => {
  const { sft } = laboratory(keyEnvConfig("laptop"), 21);
  const stage = evaluationStage(sft, "evaluation");
  const row = rows(stage);
  const other = (platform?: string) => {
    if (row === undefined) throw new Error("The ledger has no evaluation of SFT, seed 21.");
    const { evaluation, provenance } = row;
    return {
      ...row,
      evaluation: { ...evaluation, entropy: evaluation.entropy + 0.0005 },
      provenance: { ...provenance, platform },
    };
  };

  test("is close on another platform, and names what is furthest apart", () => {
    const audited = auditedRow(stage, other("cpu x64 avx2"), row);
    expect(audited).toMatchObject({ outcome: "close", samePlatform: false, steadiness: "sft" });
    expect(audited.reasons).toEqual(["entropy: 0.0005 apart, at most 0.002"]);
    expect(auditedRow(stage, other(), row)).toMatchObject({ outcome: "close" });
  });

  test("is different on the platform of the row", () => {
    const here = row && { ...row, provenance: { ...row.provenance, platform: "cpu x64 avx2" } };
    const audited = auditedRow(stage, other("cpu x64 avx2"), here);
    expect(audited).toMatchObject({ outcome: "different", samePlatform: true });
    expect(audited.reasons).toEqual(["entropy: 0.0005 apart, at most 0"]);
  });

  test("is different there if two prompts have only changed places", () => {
    const here = row && { ...row, provenance: { ...row.provenance, platform: "cpu x64 avx2" } };
    if (here === undefined) throw new Error("The ledger has no evaluation of SFT, seed 21.");
    const [first, ...others] = here.evaluation.greedyRewards;
    const at = others.findIndex((reward) => reward !== first);
    const greedyRewards = [others[at]!, ...others.with(at, first!)];
    const swapped = { ...here, evaluation: { ...here.evaluation, greedyRewards } };
    expect(auditedRow(stage, swapped, here).reasons).toContain(
      "greedy rewards that changed: 0.004 apart, at most 0",
    );
    const elsewhere = { ...swapped, provenance: { ...row!.provenance, platform: "cpu x64 avx512" } };
    expect(auditedRow(stage, elsewhere, here).outcome).toBe("close");
  });
});

describe("a row that is older than a field of its record", () => {
  const stage = evaluationStage(laboratory(keyEnvConfig("laptop"), 21).sft, "evaluation");
  const row = rows(stage);
  if (row === undefined) throw new Error("The ledger has no evaluation of SFT, seed 21.");
  const withField = (malformedSampled: number) => ({
    ...row,
    evaluation: { ...row.evaluation, malformedSampled },
  });

  test("is equal to the record without the field", () => {
    expect(row.evaluation).not.toHaveProperty("malformedSampled");
    expect(auditedRow(stage, row, withField(0.5)).outcome).toBe("equal");
  });

  test("is compared in the field if it has it, and is different if only the row has it", () => {
    expect(auditedRow(stage, withField(0.25), withField(0.5)).outcome).toBe("different");
    expect(auditedRow(stage, withField(0.5), withField(0.5)).outcome).toBe("equal");
    expect(auditedRow(stage, withField(0.5), row).outcome).not.toBe("equal");
  });
});

test("what needs no training must be equal on every platform", () => {
  const { sft } = laboratory(keyEnvConfig("laptop"), 21);
  const stage = evaluationStage(sft, "evaluation");
  const row = rows(stage);
  if (row === undefined) throw new Error("The ledger has no evaluation of SFT, seed 21.");
  const { referenceRewards } = row.evaluation;
  const evaluation = {
    ...row.evaluation,
    referenceRewards: referenceRewards.with(0, referenceRewards[0]! + 0.5),
  };
  expect(auditedRow(stage, { ...row, evaluation } as typeof row, row)).toMatchObject({
    outcome: "different",
    reasons: ["reference rewards: not equal"],
  });
});

test("a stage that the ledger lacks is missing", () => {
  const { dpo } = laboratory(keyEnvConfig("laptop"), 21);
  const stage = dpo(1, { beta: 8 });
  expect(auditedRow(stage, rows(stage), undefined)).toMatchObject({
    id: definitionId(stage),
    outcome: "missing",
    reasons: ["the ledger lacks it"],
  });
});

describe("a sample of stages", () => {
  const idsOf = (options: Parameters<typeof sampleStages>[1]) => sampleStages(all, options).map(definitionId);

  test("is the same for the same seed and another for another", () => {
    expect(idsOf({ seed: 1, count: 5 })).toEqual(idsOf({ seed: 1, count: 5 }));
    expect(idsOf({ seed: 1, count: 5 })).not.toEqual(idsOf({ seed: 2, count: 5 }));
    expect(new Set(idsOf({ seed: 1, count: 5 })).size).toBe(5);
  });

  test("costs no more than it may, with all ancestors", () => {
    for (let seed = 0; seed < 5; seed++) {
      const drawn = sampleStages(all, { seed, count: 3, cost: COST });
      const cost = withAncestors(drawn).reduce((sum, stage) => sum + kindOf(stage).cost(stage), 0);
      expect(cost).toBeLessThanOrEqual(COST);
    }
    expect(idsOf({ seed: 1, count: 3, cost: 0 })).toEqual([]);
  });
});
