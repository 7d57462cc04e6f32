import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registrationText } from "../../src/report/registration-text.ts";
import type { ArmResult, ScorerResult, SeedResult } from "../../src/results/collect.ts";
import { estimated, estimateName } from "../../src/verdicts/estimates.ts";
import { judgeHypotheses, statusBy } from "../../src/verdicts/hypotheses.ts";
import { type Estimate, parseRegistration, type Registration } from "../../src/verdicts/registration.ts";

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

/** A seed in which every prompt of an arm wins as often as is said; the verifiers' accuracies likewise. */
const seedWith = (
  seed: number,
  rates: Readonly<Record<string, number>>,
  accuracies: Readonly<Record<string, number>> = {},
): SeedResult => ({
  seed,
  arms: Object.entries(rates).map(([arm, rate]) => ({
    ...({
      arm,
      greedyRewards: [rate, rate],
      optimum: 2,
      sampledRewards: [0, 0],
      entropy: 1,
    } as unknown as ArmResult),
    outcomes: [rate, rate],
  })),
  scorers: Object.entries(accuracies).map(
    ([scorer, accuracy]) => ({ scorer, accuracy: [accuracy] }) as unknown as ScorerResult,
  ),
  choices: [],
  curves: [],
  pairs: {},
  provenance: [],
});

const superiority = `rule: { kind: superiority }
estimates: [{ metric: greedy-win-rate, treatment: online-dpo, control: dpo }]`;
const statusOf = (registration: Registration, results: readonly SeedResult[]) =>
  judgeHypotheses(registration, results)[0]!.status;

describe("an estimate", () => {
  const interval = { draws: 1000, level: 0.95 };
  const results = [
    seedWith(1, { sft: 0.1, dpo: 0.2, "dpo-2x": 0.4, "online-dpo": 0.9 }),
    seedWith(2, { sft: 0, dpo: 0.2, "dpo-2x": 0.4, "online-dpo": 0.7 }),
  ];
  const at = (estimate: Estimate) => estimated(results, estimate, interval);

  it("is a difference, or a difference of differences, seed by seed", () => {
    const plain: Estimate = { metric: "greedy-win-rate", treatment: "online-dpo", control: "dpo" };
    expect(at(plain).mean).toBeCloseTo(0.6);
    expect(at(plain).values.map(({ seed }) => seed)).toEqual([1, 2]);
    const twice = at({ ...plain, less: { treatment: "dpo", control: "sft" } });
    expect(twice.mean).toBeCloseTo(0.6 - 0.15);
    expect(estimateName(twice.estimate)).toBe("(Online DPO (DPO) − DPO) − (DPO − SFT)");
  });

  it("is the slope of least squares, exact for a line, whatever the scale", () => {
    const slope = (scale: "linear" | "log2", places: number[]): Estimate => ({
      metric: "greedy-win-rate",
      name: "slope",
      scale,
      slope: [
        { at: places[0]!, treatment: "dpo", control: "sft" },
        { at: places[1]!, treatment: "dpo-2x", control: "sft" },
        { at: places[2]!, treatment: "online-dpo", control: "sft" },
      ],
    });
    const line = [seedWith(1, { sft: 0, dpo: 0.1, "dpo-2x": 0.2, "online-dpo": 0.3 })];
    expect(estimated(line, slope("log2", [1, 2, 4]), interval).mean).toBeCloseTo(0.1);
    expect(estimated(line, slope("linear", [0, 5, 10]), interval).mean).toBeCloseTo(0.02);
  });

  it("names the arm that is missing", () => {
    expect(() => at({ metric: "greedy-win-rate", treatment: "dpo-5x", control: "dpo" })).toThrow(
      'Seed 1 has no arm "dpo-5x"; it has sft, dpo, dpo-2x, online-dpo.',
    );
  });
});

describe("a rule", () => {
  const any = fc.tuple(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  );
  const interval = any.map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));

  it("decides by where the intervals lie", () => {
    fc.assert(
      fc.property(interval, fc.double({ min: 0.01, max: 0.5, noNaN: true }), ({ low, high }, margin) => {
        const status = (kind: "superiority" | "equivalence" | "non-inferiority") =>
          statusBy(kind === "superiority" ? { kind } : { kind, margin }, [{ low, high }]);
        expect(status("superiority") === "supported").toBe(low > 0);
        expect(status("superiority") === "refuted").toBe(high < 0);
        expect(status("equivalence") === "supported").toBe(low > -margin && high < margin);
        expect(status("equivalence") === "refuted").toBe(low > margin || high < -margin);
        expect(status("non-inferiority") === "supported").toBe(low > -margin);
        expect(status("non-inferiority") === "refuted").toBe(high < -margin);
      }),
    );
  });

  it("asks for all intervals to support, and for one to refute", () => {
    const [above, across, below] = [
      { low: 0.1, high: 0.2 },
      { low: -0.1, high: 0.1 },
      { low: -0.2, high: -0.1 },
    ];
    const status = (...intervals: { low: number; high: number }[]) =>
      statusBy({ kind: "superiority" }, intervals);
    expect([status(above, above), status(above, across), status(above, below)]).toEqual([
      "supported",
      "not shown",
      "refuted",
    ]);
  });
});

describe("a finding", () => {
  const better = [1, 2].map((seed) => seedWith(seed, { sft: 0.1, dpo: 0.2, "online-dpo": 0.6 }));

  it("follows the rule, and says so in words", () => {
    const [finding] = judgeHypotheses(registrationOf(superiority), better);
    expect(finding!.status).toBe("supported");
    expect(finding!.sentences.join(" ")).toContain("+40.0 points");
    expect(
      statusOf(
        registrationOf(superiority),
        [1, 2].map((seed) => seedWith(seed, { dpo: 0.2, "online-dpo": 0 })),
      ),
    ).toBe("refuted");
  });

  it("is uninformative on too few seeds, and where a need is not met, whatever the intervals", () => {
    expect(statusOf(registrationOf(superiority), better.slice(0, 1))).toBe("uninformative");
    const need = (text: string) => registrationOf(`${superiority}\nneeds: [${text}]`);
    const above = "{ metric: greedy-win-rate, treatment: dpo, control: sft, above: 0 }";
    expect(statusOf(need(above), better)).toBe("supported");
    expect(statusOf(need(above.replace("dpo, control: sft", "sft, control: dpo")), better)).toBe(
      "uninformative",
    );
    const below = (bound: number) => need(`{ metric: share-of-optimum, arm: online-dpo, below: ${bound} }`);
    expect([statusOf(below(0.31), better), statusOf(below(0.29), better)]).toEqual([
      "supported",
      "uninformative",
    ]);
  });

  it("is never about a seed on which settings were chosen, and is exploratory on unregistered ones", () => {
    expect(() => statusOf(registrationOf(superiority), [seedWith(0, { dpo: 0, "online-dpo": 1 })])).toThrow(
      "99-example may not be tested on seed 0",
    );
    const [finding] = judgeHypotheses(registrationOf(superiority, "[7, 8]"), better);
    expect(finding!.sentences.at(-1)).toBe(
      "Exploratory: the seeds (1, 2) are not those registered for any preset.",
    );
  });

  it("is announced with its rule, its needs and its seeds", () => {
    const text = registrationText(
      registrationOf(`rule: { kind: equivalence, margin: 0.03 }
estimates: [{ metric: greedy-win-rate, treatment: online-dpo, control: dpo-2x }]
needs: [{ metric: share-of-optimum, arm: dpo, below: 0.95 }]`),
    );
    for (const part of [
      "Online DPO (DPO) − DPO (2x) in win rate, greedy decoding",
      "within ± 3 points",
      "DPO below 95 points in share of the optimum",
      "laptop 1, 2",
      "on seeds 0, which are never tested",
    ])
      expect(text).toContain(part);
  });
});
