import { describe, expect, test } from "vitest";
import type { SeedResult } from "../../src/results/collect.ts";
import { arms, type Label } from "../../src/results/labels.ts";
import { judge, judgeExact } from "../../src/verdicts/judge.ts";
import {
  parseExactRegistration,
  parseRegistration,
  readRegistration,
} from "../../src/verdicts/read-registration.ts";
import type { Registration } from "../../src/verdicts/registration.ts";
import { armResult, seedResult } from "../seed-results.ts";

const registrationOf = (hypothesis: string, seeds = "[1, 2]"): Registration =>
  parseRegistration(`
id: 99-example
registered: 2026-11-21
claim: Better is better.
reported: [{ statement: Not reported., source: none }]
arms: { sft: start, dpo: offline, dpo-2x: twice, online-dpo: online, global: scorer }
hypotheses:
  - id: one
    statement: It is so.
    refuted by: The contrary.
${hypothesis.replace(/^/gm, "    ")}
interval: { method: paired hierarchical bootstrap, outer: seeds, inner: prompts, draws: 1000, level: 0.95 }
seeds: { minimum: 2, tuning: [0], test: { laptop: ${seeds} } }
`);
const superiority = `rule: { kind: superiority }
estimates: [{ metric: greedy-win-rate, treatment: online-dpo, control: dpo }]`;

const seedWith = (seed: number, rates: readonly (readonly [Label, number])[]): SeedResult =>
  seedResult(seed, { arms: rates.map(([arm, rate]) => ({ ...armResult(arm, rate), optimum: 2 })) });
const twoSeeds = (...rates: readonly (readonly [Label, number])[]) =>
  [1, 2].map((seed) => seedWith(seed, rates));
const statusOf = (registration: Registration, results: readonly SeedResult[]) =>
  judge(registration, results).map(({ status }) => status)[0];

describe("judge", () => {
  const better = twoSeeds([arms.sft, 0.1], [arms.dpo, 0.2], [arms.onlineDpo, 0.6]);

  test("follows the registered rule", () => {
    const [finding] = judge(registrationOf(superiority), better);
    expect(finding?.status).toBe("supported");
    expect(finding?.estimates[0]?.mean).toBeCloseTo(0.4);
    const worse = twoSeeds([arms.dpo, 0.2], [arms.onlineDpo, 0]);
    expect(statusOf(registrationOf(superiority), worse)).toBe("refuted");
    const equal = twoSeeds([arms.dpo, 0.2], [arms.onlineDpo, 0.2]);
    expect(statusOf(registrationOf(superiority), equal)).toBe("not shown");
  });

  test("is uninformative on too few seeds", () => {
    expect(statusOf(registrationOf(superiority), better.slice(0, 1))).toBe("uninformative");
  });

  test("is uninformative if a need is not met", () => {
    const need = (text: string) => registrationOf(`${superiority}\nneeds: [${text}]`);
    const aboveSft = need("{ metric: greedy-win-rate, treatment: dpo, control: sft, above: 0 }");
    const belowSft = need("{ metric: greedy-win-rate, treatment: sft, control: dpo, above: 0 }");
    expect(statusOf(aboveSft, better)).toBe("supported");
    expect(statusOf(belowSft, better)).toBe("uninformative");
    expect(judge(belowSft, better)[0]?.unmet).toHaveLength(1);
    const below = (bound: number) => need(`{ metric: share-of-optimum, arm: online-dpo, below: ${bound} }`);
    expect(statusOf(below(0.31), better)).toBe("supported");
    expect(statusOf(below(0.29), better)).toBe("uninformative");
    const above = (bound: number) => need(`{ metric: share-of-optimum, arm: online-dpo, above: ${bound} }`);
    expect(statusOf(above(0.29), better)).toBe("supported");
    expect(statusOf(above(0.31), better)).toBe("uninformative");
  });

  test("rejects results of a tuning seed, or of one seed twice", () => {
    const tuned = [seedWith(0, [[arms.dpo, 0]])];
    expect(() => judge(registrationOf(superiority), tuned)).toThrow(
      "99-example may not be tested on seed 0: its settings were chosen on it.",
    );
    expect(() => judge(registrationOf(superiority), [...better, ...better])).toThrow(
      "The results of 99-example have seed 1 twice",
    );
  });

  test("names an arm that is missing", () => {
    expect(() => judge(registrationOf(superiority), twoSeeds([arms.dpo, 0]))).toThrow(
      'Seed 1 has no arm "Online DPO (DPO)"; it has DPO.',
    );
  });
});

describe("a hypothesis that strengthens another", () => {
  const registration = readRegistration("01-main-comparison");
  /** Results in which both online arms win `overDpo` more often than DPO, and `overBest` more often than its best epoch. */
  const results = (overDpo: number, overBest: number, seeds = [21, 22, 23, 24, 25]) =>
    seeds.map((seed) =>
      seedWith(seed, [
        [arms.dpo, 0.5 - overDpo],
        [arms.dpoBest, 0.5 - overBest],
        [arms.onlineSft, 0.5],
        [arms.onlineDpo, 0.5],
      ]),
    );
  const statuses = (...of: Parameters<typeof results>) =>
    judge(registration, results(...of)).map(({ status }) => status);

  test("is supported only if both are, and never refuted", () => {
    expect(statuses(0.1, 0.1)).toEqual(["supported", "supported"]);
    expect(statuses(0.1, 0)).toEqual(["supported", "not shown"]);
    expect(statuses(0.1, -0.1)).toEqual(["supported", "not shown"]);
    expect(statuses(0, 0.1)).toEqual(["not shown", "not shown"]);
    expect(statuses(-0.1, 0.1)).toEqual(["refuted", "not shown"]);
    expect(statuses(-0.1, -0.1)).toEqual(["refuted", "not shown"]);
  });

  test("is uninformative if the other is", () => {
    expect(statuses(0.1, 0.1, [21, 22])).toEqual(["uninformative", "uninformative"]);
  });
});

describe("judgeExact", () => {
  const registration = parseExactRegistration(`
id: 99-two
registered: 2026-11-21
rule: { kind: exact, holds: All within., fails: Not all. }
seed: 1
instances: { smoke: 2, laptop: 5 }
claims:
  - { id: most, statement: Small., source: none, refuted by: Large., measure: Size, bound: { at most: 1.0e-12 } }
  - { id: least, statement: Large., source: none, refuted by: Small., measure: Size, bound: { at least: 0.5 } }
`);

  test("decides by every instance and reports the most extreme", () => {
    expect(judgeExact(registration, { most: [0, 1e-12, 3e-13], least: [0.5, 0.4, 2] })).toMatchObject([
      { status: "supported", extreme: 1e-12, instances: 3, beyond: 0 },
      { status: "refuted", extreme: 0.4, instances: 3, beyond: 1 },
    ]);
  });

  test("keeps the order of registration and leaves out what was not computed", () => {
    const ids = (values: Record<string, number[]>) =>
      judgeExact(registration, values).map(({ hypothesis }) => hypothesis.id);
    expect(ids({ least: [1], most: [0] })).toEqual(["most", "least"]);
    expect(ids({ least: [1] })).toEqual(["least"]);
  });

  test("needs registered ids and finite values", () => {
    expect(() => judgeExact(registration, { other: [1] })).toThrow(
      '99-two registers no hypothesis "other"; it has: most, least.',
    );
    expect(() => judgeExact(registration, { most: [] })).toThrow("The instances of most is empty");
    expect(() => judgeExact(registration, { most: [0, Number.NaN] })).toThrow(
      "The instances of most[1] must be a finite",
    );
  });
});
