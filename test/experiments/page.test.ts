import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ExperimentPage, openExperiment } from "../../src/experiments/page.ts";
import { klWeights, withKl } from "../../src/experiments/regularisation/plan.ts";
import { arms, scorers } from "../../src/results/labels.ts";

describe("an experiment opened from the ledger", () => {
  let page: ExperimentPage;
  let page09: ExperimentPage;
  beforeAll(async () => {
    vi.stubEnv("ALLROADS_FROM_LEDGER", "1");
    page = await openExperiment("04-h2-regularisation");
    page09 = await openExperiment("09-ablation-rm-size");
  });
  afterAll(() => vi.unstubAllEnvs());

  test("has the registered seeds and a finding on each hypothesis", () => {
    expect(page.seeds).toEqual(page.registration.seeds.test.laptop);
    for (const { id } of page.registration.hypotheses) expect(page.finding(id).hypothesis.id).toBe(id);
  });

  test("names the registered hypotheses if asked for another", () => {
    expect(() => page.finding("H9")).toThrow(
      '04-h2-regularisation registers no hypothesis "H9"; it has H2-gap, H2-no-help, H2-straying, H2-form.',
    );
  });

  test("averages the given measures over seeds, one row per arm", () => {
    const table = page.measured(["kl", "length"]);
    expect(table.columns).toEqual(["arm", "KL from the reference, nats", "length, tokens"]);
    expect(table.shape).toEqual([page.summaries.length, 3]);
    expect(page.measured().columns).toHaveLength(8);
  });

  test("draws reward against entropy of the given arms", () => {
    const regularised = klWeights.map((weight) => withKl(arms.dpo, weight));
    const { description } = page.frontier([arms.sft, ...regularised]).spec;
    for (const { name } of [arms.sft, ...regularised]) expect(description).toContain(`${name} `);
    expect(description).not.toContain(arms.onlineDpo.name);
  });

  test("judges the given scorers beside gold", () => {
    const table = page09.scorerTable([scorers.global, scorers.dpo]);
    expect(table.column("scorer").values).toEqual(["Global RM", "DPO RM", "Gold reward"]);
  });
});
