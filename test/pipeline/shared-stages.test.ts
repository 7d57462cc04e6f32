import { describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { completedExperiments, experimentNamed, programmeStages } from "../../src/experiments/programme.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
import { sharedInputs } from "../../src/pipeline/shared-stages.ts";
import { parents } from "../../src/pipeline/stage.ts";
import { inputsOf, stageId, withAncestors } from "../../src/pipeline/stage-id.ts";
import type { VerificationStage } from "../../src/pipeline/verification.ts";
import { ledgerRows } from "../../src/results/ledger.ts";
import { tinyConfig } from "../tiny-config.ts";

const lab = laboratory(tinyConfig, 3);
const idsOf = (stages: readonly Parameters<typeof stageId>[0][]) => stages.map(stageId);
const shared = (stage: Parameters<typeof sharedInputs>[0]) => idsOf(sharedInputs(stage));
const [trained, other] = [lab.dpo(1), lab.dpo(2)];

describe("verifications", () => {
  const judged = (scorer: VerificationStage["scorer"], changes: Partial<VerificationStage> = {}) =>
    shared(lab.verification(scorer, changes));

  test("share the samples of one policy, whatever judges them", () => {
    const [samples] = judged("gold");
    for (const scorer of [lab.reward, trained, lab.localReward(1), "likelihood"] as const)
      expect(judged(scorer)[0]).toBe(samples);
  });

  test("share the reference's log-probabilities if they judge by implicit rewards", () => {
    expect(judged(trained)).toEqual(judged(other));
    expect(judged(trained)).toEqual(judged("likelihood"));
    expect(judged(trained)).toHaveLength(2);
    expect(judged(lab.localReward(1))).toHaveLength(1);
  });

  test.each<[string, Partial<VerificationStage>]>([
    ["policy", { policy: trained }],
    ["temperature", { temperature: 0.123 }],
    ["number of completions", { completions: 7 }],
    ["number of prompts", { prompts: 1 }],
    ["split", { split: "validation" }],
  ])("of another %s have samples of their own", (_, changes) => {
    expect(judged("gold", changes)).not.toEqual(judged("gold"));
  });
});

test("preference stages on the same pairs share their reference's log-probabilities", () => {
  expect(shared(trained)).toEqual(shared(other));
  expect(shared(trained)).not.toEqual(shared(lab.dpo(1, { temperature: 0.5 })));
  expect(shared(trained)).not.toEqual(shared(lab.online(trained)));
  expect(shared(lab.localReward(1))).toEqual([]);
});

test("online pairs of the same sampling share samples, however they are ranked", () => {
  const [one] = shared(lab.onlinePairs(lab.sft));
  expect(shared(lab.onlinePairs(lab.sft, { scorer: "gold" }))[0]).toBe(one);
  expect(shared(lab.onlinePairs(trained))[0]).not.toBe(one);
});

test("what is shared comes before the stages that read it, and is no parent of them", () => {
  const stage = lab.verification(trained);
  const order = idsOf(withAncestors([stage]));
  for (const input of inputsOf(stage)) expect(order.indexOf(stageId(input))).toBeLessThan(order.length - 1);
  expect(order).toEqual([...new Set(order)]);
  expect(idsOf(parents(stage))).not.toContain(shared(stage)[0]);
});

test("a seed's verifications share their samples throughout the programme", () => {
  const wanted = programmeStages(completedExperiments(), "laptop").filter(
    ({ setting }) => setting.seed === 41,
  );
  const stages = withAncestors(wanted);
  const count = (kind: string) => stages.filter((stage) => stage.kind === kind).length;
  expect(count("samples")).toBeLessThan((count("verification") + count("online-pairs")) / 2);
  expect(count("logps")).toBeLessThan(count("preference"));
});

test("rows of a ledger are found as before anything was shared", () => {
  const rows = ledgerRows(ledgerFolder());
  const stages = programmeStages([experimentNamed("01-main-comparison")], "laptop").filter(
    ({ setting }) => setting.seed === 21,
  );
  for (const stage of stages) expect(rows(stage), stage.kind).toBeDefined();
});
