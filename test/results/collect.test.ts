import { describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import type { EvaluationStage } from "../../src/pipeline/evaluation.ts";
import type { PreferenceStage } from "../../src/pipeline/preference.ts";
import { definitionId, type Output, type Stage } from "../../src/pipeline/stage.ts";
import type { VerificationStage } from "../../src/pipeline/verification.ts";
import { collect } from "../../src/results/collect.ts";
import { arms, label, scorers, variant } from "../../src/results/labels.ts";
import type { Recorded, Records } from "../../src/results/ledger.ts";
import { scorerOf } from "../../src/results/measures.ts";
import { arm, judged, type Plan, seedPlan, wantedStages } from "../../src/results/plan.ts";

const lab = laboratory(keyEnvConfig("smoke"), 3);
const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };
const pairStatistics = { goldMean: 1, goldSd: 2, goldGap: 3, distinct: 0.5, agreement: 0.75 };
const scorer = (epochs: number, temperature: number) =>
  variant(scorers.dpo, `${epochs} epochs, T = ${temperature}`);
const hot = variant(scorers.dpo, "T = 2");

/** Scorers of one and two epochs, on SFT samples at T = 1 and at T = 2. */
const plan: Plan = {
  arms: [],
  scorers: [1, 2].flatMap((epochs) =>
    [1, 2].map((temperature) =>
      judged(scorer(epochs, temperature), lab.verification(lab.dpo(epochs), { temperature })),
    ),
  ),
  bestScorers: [{ label: scorers.dpo, candidates: [scorer(1, 1), scorer(2, 1)] }],
  followingScorers: [{ label: hot, choice: scorers.dpo, candidates: [scorer(1, 2), scorer(2, 2)] }],
  pairs: { offline: lab.pairs },
};

/** Made-up records from a function of the stage. */
const recordsFrom = (make: (stage: Stage) => object | undefined): Records => {
  return <O extends Output>(stage: Stage<O>) => {
    const record = make(stage);
    return record && ({ ...record, provenance } as Recorded<O>);
  };
};

/** Accuracy is epochs + T / 10; the validation labels favour the scorer of `best` epochs. */
const recordsFavouring = (best: number): Records =>
  recordsFrom((stage) => {
    if (stage.kind !== "verification") return { metrics: [], pairs: 7, pairStatistics };
    const { scorer, split, temperature } = stage as VerificationStage;
    const { epochs } = (scorer as PreferenceStage).options;
    const probability = [split === "validation" ? Number(epochs === best) : 0.5];
    return { verification: { accuracy: [epochs + temperature / 10], probability, bestOf: [], oracle: [] } };
  });

describe("a scorer that follows the choice of another", () => {
  test.each([1, 2])("reuses the index of the best, here that of %i epochs", (best) => {
    const result = collect(seedPlan(3, plan), recordsFavouring(best));
    expect(scorerOf(result, scorers.dpo).accuracy).toEqual([best + 0.1]);
    expect(scorerOf(result, hot).accuracy).toEqual([best + 0.2]);
  });

  test("is chosen on the validation prompts of the choice only", () => {
    const validated = wantedStages(seedPlan(3, plan)).filter(
      (stage) => stage.kind === "verification" && (stage as VerificationStage).split === "validation",
    );
    expect(validated).toHaveLength(2);
    for (const stage of validated) expect(stage).toMatchObject({ temperature: 1 });
  });
});

describe("the sources of results", () => {
  const planned = seedPlan(3, { ...plan, arms: [arm(arms.sft, lab.sft)] });
  const records = (rowDigest?: (stage: Stage) => string | undefined) =>
    collect(
      planned,
      recordsFrom((stage) =>
        stage.kind === "evaluation"
          ? { evaluation: { ...rewards, entropy: 1, malformed: 0, length: 1 } }
          : (recordsFavouring(1)(stage) ?? undefined),
      ),
      rowDigest,
    ).sources;
  const rewards = { completions: [], greedyRewards: [1], sampledRewards: [1], referenceRewards: [0] };
  const verification = (epochs: number, temperature: number) =>
    definitionId(lab.verification(lab.dpo(epochs), { temperature }));
  const validation = (index: number) => definitionId(planned.scorerValidations[index]!.stage);

  test("are the stages of an arm or scorer, and for a best one those of every candidate", () => {
    const ids = Object.fromEntries(
      records().map(({ role, label, stages }) => [`${role} ${label.name}`, stages.map(({ id }) => id)]),
    );
    expect(ids).toMatchObject({
      "arm SFT": planned.evaluations.map(({ stage }) => definitionId(stage)),
      [`scorer ${scorer(2, 1).name}`]: [verification(2, 1)],
      "scorer DPO RM": [validation(0), validation(1), verification(1, 1), verification(2, 1)],
      [`scorer ${hot.name}`]: [validation(0), validation(1), verification(1, 2), verification(2, 2)],
    });
    expect(Object.keys(ids)).toHaveLength(7);
  });

  test("have the digests of the ledger's rows, or none if they are of a run store", () => {
    for (const { fromLedger, stages } of records()) {
      expect(fromLedger).toBe(false);
      expect(stages.map(({ row }) => row)).toEqual(stages.map(() => undefined));
    }
    for (const { fromLedger, stages } of records((stage) => `row of ${definitionId(stage)}`)) {
      expect(fromLedger).toBe(true);
      for (const { id, row } of stages) expect(row).toBe(`row of ${id}`);
    }
  });
});

test("sets of pairs come with their sizes and statistics", () => {
  const { pairs, pairStatistics: measured } = collect(seedPlan(3, plan), recordsFavouring(1));
  expect([pairs, measured]).toEqual([{ offline: 7 }, { offline: pairStatistics }]);
});

describe("records that lack part of a plan", () => {
  const added = label("dpo-ipo", "IPO", "#333333");
  const two: Plan = {
    arms: [arm(arms.sft, lab.sft), arm(arms.dpo, lab.dpo(1)), arm(added, lab.dpo(1, { beta: 7 }))],
    bestArms: [
      { label: arms.dpoBest, candidates: [arms.dpo, added] },
      { label: variant(arms.dpoBest, "known"), candidates: [arms.dpo] },
    ],
  };
  const evaluation = { completions: [], greedyRewards: [1], sampledRewards: [1], referenceRewards: [0] };
  const lackOf = (missing: (stage: Stage) => boolean): Records =>
    recordsFrom((stage) =>
      missing(stage)
        ? undefined
        : { metrics: [], evaluation: { ...evaluation, entropy: 1, malformed: 0, length: 1 } },
    );
  const isAdded = (stage: Stage) =>
    stage.kind === "evaluation" && ((stage as EvaluationStage).policy as PreferenceStage).options.beta === 7;

  test("are collected without it, and the missing arms are named", () => {
    const result = collect(seedPlan(3, two), lackOf(isAdded));
    expect(result.arms.map(({ arm }) => arm.id)).toEqual(["sft", "dpo", "dpo-best@known"]);
    expect(result.missing).toEqual([added, arms.dpoBest]);
  });
});

describe("a plan", () => {
  test("with two arms of one id is refused", () => {
    const twice = { arms: [arm(arms.sft, lab.sft), arm(arms.sft, lab.dpo(1))] };
    expect(() => seedPlan(3, twice)).toThrow('The plan has two arms with the id "sft"');
  });

  test("that chooses among arms that it does not train is refused", () => {
    const absent = { arms: [], bestArms: [{ label: arms.dpoBest, candidates: [arms.dpo] }] };
    expect(() => seedPlan(3, absent)).toThrow('The plan has no arm "dpo" to choose');
  });
});
