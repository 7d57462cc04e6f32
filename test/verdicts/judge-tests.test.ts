import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SeedResult } from "../../src/results/collect.ts";
import { arms, scorers } from "../../src/results/labels.ts";
import { judge } from "../../src/verdicts/judge.ts";
import { type Circumstances, primariesWithPs } from "../../src/verdicts/judge-tests.ts";
import { decide } from "../../src/verdicts/rules.ts";
import { armResult, scorerResult, seedResult } from "../seed-results.ts";
import { hypothesisYaml, resultsOf, testRegistration } from "./test-registration.ts";

const LOW = [0.4, 0.41, 0.39, 0.4, 0.4];
/** Above LOW by 4 to 6 points. */
const HIGH = [0.45, 0.45, 0.45, 0.44, 0.46];
/** As LOW on average. */
const SAME = [0.41, 0.4, 0.4, 0.39, 0.4];

const dpoAnd = (
  rates: readonly number[],
  others: readonly (readonly [(typeof arms)["sft"], readonly number[]])[] = [],
) => resultsOf([arms.dpo, LOW], [arms.onlineDpo, rates], ...others);
const EQUIVALENCE = { rule: "{ kind: equivalence, margin: 0.03 }" };
const NON_INFERIORITY = { rule: "{ kind: non-inferiority, margin: 0.03 }" };

describe("one hypothesis", () => {
  const found = (changes: Record<string, string>, results: readonly SeedResult[]) => {
    const [finding] = judge(testRegistration([hypothesisYaml("one", changes)]), results);
    return finding!;
  };

  test("is supported, refuted or not shown by the t interval, and says so of the paper's claim", () => {
    const better = found({}, dpoAnd(HIGH));
    expect(better).toMatchObject({ status: "supported", stance: "for", level: 0.95 });
    expect(better.estimates[0]?.mean).toBeCloseTo(0.05);
    expect(better.estimates[0]?.low).toBeCloseTo(0.05 - 2.776445 * (0.01 / Math.sqrt(5)), 5);
    expect(better.p).toBe(better.adjustedP);
    expect(found({}, resultsOf([arms.dpo, HIGH], [arms.onlineDpo, LOW]))).toMatchObject({
      status: "refuted",
      stance: "against",
    });
    expect(found({}, dpoAnd(SAME))).toMatchObject({ status: "not shown", stance: "undecided" });
    expect(found({ "if supported": "against" }, dpoAnd(HIGH)).stance).toBe("against");
  });

  test("with a margin is decided by a 90 % interval", () => {
    expect(found(EQUIVALENCE, dpoAnd(SAME))).toMatchObject({
      status: "supported",
      level: expect.closeTo(0.9),
    });
    expect(found(EQUIVALENCE, dpoAnd(HIGH))).toMatchObject({ status: "refuted" });
    expect(found(NON_INFERIORITY, dpoAnd(HIGH))).toMatchObject({
      status: "supported",
      level: expect.closeTo(0.9),
    });
  });

  test("has a power for the smallest effect with the spread of its seeds", () => {
    const { power = 0 } = found({}, dpoAnd(HIGH));
    expect(power).toBeGreaterThan(0.9);
    expect(found({ "smallest effect": "0.003" }, dpoAnd(HIGH)).power).toBeLessThan(0.2);
  });

  test("is uninformative if a need is not met at the 95 % interval, and keeps its estimate", () => {
    const need = (above: number) => ({
      needs: `[{ metric: greedy-win-rate, treatment: online-sft, control: dpo, above: ${above} }]`,
    });
    const results = dpoAnd(HIGH, [[arms.onlineSft, HIGH]]);
    expect(found(need(0.03), results).status).toBe("supported");
    const unmet = found(need(0.04), results);
    expect(unmet).toMatchObject({ status: "uninformative", stance: "undecided", p: 1, adjustedP: 1 });
    expect(unmet.unmet).toHaveLength(1);
    expect(unmet.estimates).toHaveLength(1);
    expect(unmet.power).toBeUndefined();
    const level = (bound: string) => ({ needs: `[{ metric: greedy-win-rate, arm: dpo, ${bound} }]` });
    expect(found(level("below: 0.41"), results).status).toBe("supported");
    expect(found(level("above: 0.41"), results).status).toBe("uninformative");
  });

  test("is uninformative without an arm that the ledger lacks, and an error without one that is not planned", () => {
    const results = resultsOf([arms.dpo, LOW]);
    expect(() => found({}, results)).toThrow('Seed 1 has no arm "Online DPO (DPO)"');
    const lacking = results.map((one) => ({ ...one, missing: [arms.onlineDpo] }));
    expect(found({}, lacking)).toMatchObject({ status: "uninformative", p: 1, missing: [arms.onlineDpo] });
  });

  test("names a grid that is too short if it uses what was chosen from it", () => {
    const results = resultsOf([arms.dpoBest, LOW], [arms.dpo, LOW], [arms.onlineDpo, HIGH]).map(
      (one, index) => ({
        ...one,
        choices: [
          {
            best: arms.dpoBest,
            chosen: index < 2 ? arms.dpo5x : arms.dpo2x,
            candidates: [arms.dpo, arms.dpo2x, arms.dpo5x].map((label) => ({ label, value: 0 })),
          },
        ],
      }),
    );
    const estimate = "{ metric: greedy-win-rate, treatment: online-dpo, control: dpo-best }";
    expect(found({ estimate }, results).test?.edges).toEqual([{ best: arms.dpoBest, times: 2, seeds: 5 }]);
    expect(found({}, results).test?.edges).toEqual([]);
  });
});

describe("seeds", () => {
  const registration = testRegistration([hypothesisYaml("one", { primary: "true" }), hypothesisYaml("two")]);
  const on = (results: readonly SeedResult[], circumstances: Circumstances = {}) =>
    judge(registration, results, circumstances)[0]!;
  const six = resultsOf([arms.dpo, [...LOW, 0.4]], [arms.onlineDpo, [...HIGH, 0.45]]);

  test("that are not all those of the preset leave it incomplete, with 95 % intervals", () => {
    const three = on(dpoAnd(HIGH).slice(0, 3));
    expect(three).toMatchObject({
      status: "incomplete",
      stance: "undecided",
      level: 0.95,
      p: 1,
      adjustedP: 1,
    });
    expect(three.estimates[0]?.values).toHaveLength(3);
    expect(on(six).status).toBe("incomplete");
    expect(on(six, { preset: "gpu" }).status).toBe("supported");
    expect(on(dpoAnd(HIGH), { preset: "gpu" }).status).toBe("incomplete");
  });

  test("in another order are the same", () => {
    expect(on(dpoAnd(HIGH).reverse()).status).toBe("supported");
  });

  test("of the preset smoke decide nothing, and one has no interval", () => {
    const [smoke] = judge(registration, dpoAnd(HIGH).slice(0, 1), { preset: "smoke" });
    expect(smoke).toMatchObject({
      status: "incomplete",
      estimates: [{ low: expect.closeTo(0.05), high: expect.closeTo(0.05) }],
    });
    expect(smoke?.power).toBeUndefined();
  });

  test("of tuning, or given twice, are refused", () => {
    expect(() => on([{ ...dpoAnd(HIGH)[0]!, seed: 0 }])).toThrow("may not be tested on seed 0");
    expect(() => on([...dpoAnd(HIGH), ...dpoAnd(HIGH)])).toThrow("have seed 1 twice");
  });
});

describe("a family", () => {
  /** Registers hypotheses on the arms online-sft, online-dpo and dpo-2x, each above dpo, and these arms' results. */
  const three = (primary: readonly string[]) =>
    testRegistration(
      ["online-sft", "online-dpo", "dpo-2x"].map((treatment) =>
        hypothesisYaml(treatment, {
          primary: String(primary.includes(treatment)),
          estimate: `{ metric: greedy-win-rate, treatment: ${treatment}, control: dpo }`,
        }),
      ),
    );
  const results = (sft: readonly number[], dpo: readonly number[], dpo2x: readonly number[]) =>
    resultsOf([arms.dpo, LOW], [arms.onlineSft, sft], [arms.onlineDpo, dpo], [arms.dpo2x, dpo2x]);
  const levels = (
    registration = three([]),
    of = results(HIGH, SAME, SAME),
    circumstances: Circumstances = {},
  ) => judge(registration, of, circumstances).map(({ level }) => Number(level.toFixed(4)));

  test("shows each decided interval at its step, and the others at the step that stopped", () => {
    expect(levels()).toEqual([0.9833, 0.975, 0.975]);
    expect(levels(three([]), results(SAME, SAME, SAME))).toEqual([0.9833, 0.9833, 0.9833]);
    expect(levels(three(["online-sft"]))).toEqual([0.95, 0.975, 0.975]);
  });

  test("of primary hypotheses spans registrations, and those without a p-value count as undecided", () => {
    const primaries = ["01-a", "02-b", "03-c", "04-d", "05-e", "06-f"].map((registration) => ({
      registration,
      hypothesis: "main",
    }));
    const own = three(["online-sft"]);
    expect(levels(own, undefined, { primaries })).toEqual([0.9929, 0.975, 0.975]);
    const [finding] = judge(own, results(HIGH, SAME, SAME), { primaries });
    expect(finding).toMatchObject({ test: { family: 7, pending: primaries } });
    const known = primaries.map((one, index) => ({ ...one, p: index < 5 ? 0 : undefined }));
    expect(levels(own, undefined, { primaries: known })[0]).toBe(0.975);
    const listed = [...known, { registration: own.id, hypothesis: "online-sft", p: 0.9 }];
    expect(levels(own, undefined, { primaries: listed })[0]).toBe(0.975);
  });

  test("counts what cannot be tested, with a p-value of 1", () => {
    const lacking = results(HIGH, SAME, SAME).map((one) => ({ ...one, missing: [arms.dpo2x] }));
    expect(levels(three([]), lacking)).toEqual([0.9833, 0.975, 0.975]);
    expect(judge(three([]), lacking)[2]).toMatchObject({ status: "uninformative", p: 1, adjustedP: 1 });
  });

  test("decides by the shown interval exactly what its adjusted p-value decides", () => {
    const rate = fc.integer({ min: 30, max: 60 }).map((value) => value / 100);
    const rates = fc.array(rate, { minLength: 5, maxLength: 5 });
    const others = fc.array(fc.double({ min: 0, max: 0.1, noNaN: true }), { maxLength: 4 });
    fc.assert(
      fc.property(rates, rates, rates, others, (sft, dpo, dpo2x, ps) => {
        const primaries = ps.map((p, index) => ({ registration: `0${index}-other`, hypothesis: "main", p }));
        const findings = judge(three(["online-sft", "dpo-2x"]), results(sft, dpo, dpo2x), { primaries });
        for (const { hypothesis, estimates, status, adjustedP = 1 } of findings) {
          expect(status).toBe(decide(hypothesis.rule, estimates));
          if (Math.abs(adjustedP - 0.05) > 1e-9) expect(status !== "not shown").toBe(adjustedP < 0.05);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("curves", () => {
  const registration = testRegistration([
    hypothesisYaml("one", {
      estimate:
        "{ metric: greedy-win-rate, name: At one KL, at equal: kl, treatment: [online-sft, online-dpo], control: [dpo, dpo-2x] }",
    }),
  ]);
  const onSeed = (seed: number, shift = 0) =>
    seedResult(seed, {
      arms: [
        { ...armResult(arms.dpo, 0.4), kl: 1 },
        { ...armResult(arms.dpo2x, 0.5), kl: 3 },
        { ...armResult(arms.onlineDpo, 0.6 + seed / 1000), kl: 4 + shift },
        { ...armResult(arms.onlineSft, 0.5 + seed / 1000), kl: 2 + shift },
      ],
    });

  test("are compared where both reach, on each seed", () => {
    // From a KL of 2 to 3 the online curve is at 0.5 to 0.55, the offline one at 0.45 to 0.5.
    const [finding] = judge(
      registration,
      [1, 2, 3, 4, 5].map((seed) => onSeed(seed)),
    );
    expect(finding?.status).toBe("supported");
    expect(finding?.estimates[0]?.mean).toBeCloseTo(0.05 + 0.003);
  });

  test("without overlap on a seed are uninformative, and the seed is named", () => {
    const results = [1, 2, 3, 4, 5].map((seed) => onSeed(seed, seed === 3 ? 10 : 0));
    expect(judge(registration, results)[0]).toMatchObject({
      status: "uninformative",
      estimates: [],
      p: 1,
      test: { withoutOverlap: [3] },
    });
  });
});

test("primary hypotheses come with the p-values of their findings", () => {
  const registration = testRegistration([hypothesisYaml("one", { primary: "true" }), hypothesisYaml("two")]);
  const [finding] = judge(registration, dpoAnd(HIGH));
  expect(primariesWithPs(registration, dpoAnd(HIGH))).toEqual([
    { registration: "99-example", hypothesis: "one", p: finding?.p },
  ]);
  expect(primariesWithPs(registration, dpoAnd(HIGH).slice(1))[0]?.p).toBe(1);
  expect(primariesWithPs(testRegistration([hypothesisYaml("two")]), [])).toEqual([]);
});

test("scorers are tested as arms are", () => {
  const registration = testRegistration([
    hypothesisYaml("one", { estimate: "{ metric: accuracy, treatment: global, control: dpo }" }),
  ]);
  const results = [1, 2, 3, 4, 5].map((seed) =>
    seedResult(seed, {
      scorers: [scorerResult(scorers.global, 0.7 + seed / 1000), scorerResult(scorers.dpo, 0.6)],
    }),
  );
  expect(judge(registration, results)[0]?.status).toBe("supported");
});
