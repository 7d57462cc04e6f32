import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type ExperimentPage,
  experimentPage,
  openExperiment,
  showProgress,
} from "../../src/experiments/page.ts";
import { klWeights, withKl } from "../../src/experiments/regularisation/plan.ts";
import { display } from "../../src/report/display.ts";
import type { Markdown } from "../../src/report/markdown.ts";
import type { SeedResult } from "../../src/results/collect.ts";
import { arms, type Label, scorers, variant } from "../../src/results/labels.ts";
import { readRegistration, testSeeds } from "../../src/verdicts/read-registration.ts";
import { armResult, seedResult } from "../seed-results.ts";

const registration = readRegistration("01-main-comparison");
const registered = registration.arms.map(({ label }) => label);
const added = variant(arms.dpo, "β = 8");

/** The page of hand-made results with these arms. */
const pageOf = (labels: readonly Label[], parts: Partial<SeedResult> = {}, registered = registration) =>
  experimentPage(
    registered,
    "laptop",
    testSeeds(registration.id, "laptop").map((seed) =>
      seedResult(seed, {
        arms: labels.map((label, index) => armResult(label, index / 10 + seed / 1000)),
        curves: labels.map((arm) => ({ arm, rows: [] })),
        ...parts,
      }),
    ),
  );
const textOf = (shown: Markdown) => String(shown[display]()["text/plain"]);
const rowsOf = ({ armTable }: ReturnType<typeof pageOf>) => armTable.values as unknown[][];

describe("an arm that the registration does not name", () => {
  const page = pageOf([...registered, added]);

  test("is called so wherever it is shown", () => {
    const name = "DPO, β = 8, not registered";
    expect(page.summaries.map(({ arm }) => arm.name)).toEqual(expect.arrayContaining([name]));
    for (const { arms, curves } of page.results)
      for (const list of [arms, curves]) expect(list.map(({ arm }) => arm.name).at(-1)).toBe(name);
    expect(JSON.stringify(page.winRates().spec)).toContain(name);
  });

  test("is named beside the origin and listed among the arms", () => {
    expect(textOf(page.origin)).toContain("Not registered: DPO, β = 8.");
    expect(rowsOf(page).at(-1)).toEqual(expect.arrayContaining([added.name, "not registered"]));
  });

  test("changes no verdict and no other arm's name", () => {
    const without = pageOf(registered);
    expect(page.findings).toEqual(without.findings);
    expect(textOf(page.verdicts)).toBe(textOf(without.verdicts));
    expect(page.summaries.filter(({ arm }) => arm.id !== added.id)).toEqual(without.summaries);
    expect(textOf(without.origin)).not.toContain("ot registered");
    expect(rowsOf(page).slice(0, -1)).toEqual(rowsOf(without));
  });
});

test("arms and scorers without results are named once, with what to do", () => {
  const page = pageOf(registered, { missing: [added] });
  expect(textOf(page.origin).match(/DPO, β = 8/g)).toHaveLength(1);
  expect(textOf(page.origin)).toContain(
    "**The ledger has no results of DPO, β = 8**: they are new, or their settings differ from the ledger's. They are " +
      "left out here; train them by `npm run paper -- --train`, `ALLROADS_TRAIN=1` in the environment of the notebook, or " +
      "`openExperiment(id, bar, { train: true })` in the cell.",
  );
  expect(textOf(pageOf(registered).origin)).not.toContain("no results");
});

test("registered arms without results leave the rest of the page, and their hypotheses are uninformative", () => {
  const present = registered.filter(({ id }) => id !== arms.dpo.id);
  const page = pageOf(present, { missing: [arms.dpo] });
  const statuses = page.findings.map(({ status, missing }) => [status, missing.length > 0]);
  expect(statuses).toContainEqual(["uninformative", true]);
  for (const { status, missing } of page.findings)
    if (missing.length > 0) expect(status).toBe("uninformative");
  expect(textOf(page.verdicts)).toContain("Uninformative: there are no results of DPO.");
  expect(page.summaries.map(({ arm }) => arm.id)).not.toContain(arms.dpo.id);
  const estimate = { metric: "greedy-win-rate", treatment: arms.onlineDpo, control: arms.dpo };
  expect(textOf(page.sentences([estimate]))).toBe(
    "- Online DPO (DPO) − DPO, win rate, greedy decoding: no results of DPO.",
  );
  expect(page.estimate([estimate])).toEqual([]);
  const withoutScorer = pageOf(registered, { missing: [scorers.dpo] });
  expect(withoutScorer.findings).toEqual(pageOf(registered).findings);
  expect(withoutScorer.summaries).toEqual(pageOf(registered).summaries);
  expect(() => pageOf(present)).toThrow('has no arm "DPO"');
});

describe("the seal of a page", () => {
  const [main, ...others] = registration.hypotheses;

  test("is broken by another rule, which is named; the rest of the page is as before", () => {
    const weaker = { ...main!, rule: { kind: "non-inferiority", margin: 0.5 } } as const;
    const page = pageOf(registered, {}, { ...registration, hypotheses: [weaker, ...others] });
    expect(textOf(page.verdicts)).toContain("**main: seal broken.**");
    expect(textOf(page.verdicts)).toContain("Seal broken: the rule of main: ");
    expect(textOf(page.verdicts)).toContain('kind "non-inferiority" is not the registered "superiority"');
    expect(page.finding("main").status).toBe("uninformative");
    expect(page.summaries).toEqual(pageOf(registered).summaries);
  });

  test("does not hold for results of other settings, whose verdicts are those of another experiment", () => {
    const page = pageOf(registered);
    expect(textOf(page.verdicts)).toContain("**Not the sealed experiment: main, robust.**");
    expect(textOf(page.verdicts)).toContain(
      "Not the sealed experiment: the definition of arm Online DPO (SFT) changed",
    );
    expect(page.findings.map(({ seal }) => seal?.kind)).toEqual(["other experiment", "other experiment"]);
    expect(page.finding("main").status).toBe("supported");
  });

  test("covers rules and code at other presets, and says so", () => {
    const results = testSeeds(registration.id, "smoke").map((seed) =>
      seedResult(seed, { arms: registered.map((label, index) => armResult(label, index / 10)) }),
    );
    const page = experimentPage(registration, "smoke", results);
    expect(textOf(page.verdicts)).toContain(
      "Rules and code are those that were sealed; settings and rows are",
    );
  });

  test("is missing for an experiment of one's own, and says so", () => {
    const own = { ...registration, id: "15-own" };
    expect(textOf(pageOf(registered, {}, own).verdicts)).toMatch(/Not sealed: main, robust\.$/);
  });
});

describe("an experiment opened from the ledger", () => {
  let page: ExperimentPage;
  let page09: ExperimentPage;
  beforeAll(async () => {
    vi.stubEnv("ALLROADS_TRAIN", undefined);
    vi.stubEnv("ALLROADS_PRESET", undefined);
    page = await openExperiment("04-h2-regularisation");
    page09 = await openExperiment("09-ablation-rm-size");
  });
  afterAll(() => vi.unstubAllEnvs());

  test("says that nothing was trained and when the runs were, for programs too, and not where it is read", () => {
    const text = textOf(page.origin);
    const shown = page.origin[display]();
    expect(text).toMatch(/^Preset \*\*laptop\*\*\. Read from the committed ledger, \*\*nothing was trained/);
    expect(text).not.toContain(process.version);
    const days = page.results.flatMap(({ provenance }) =>
      provenance.map(({ finished }) => finished.slice(0, 10)),
    );
    const [first] = days.sort();
    expect(shown["application/vnd.allroads.run-dates+json"]).toEqual({ first, last: days.at(-1) });
    expect(text).toContain(first);
  });

  test("has the registered seeds and a finding on each hypothesis", () => {
    expect(page.seeds).toEqual(page.registration.seeds.test.laptop);
    for (const { id } of page.registration.hypotheses) expect(page.finding(id).hypothesis.id).toBe(id);
  });

  test("has everything as it was sealed, and says so", () => {
    expect(textOf(page.verdicts)).toMatch(
      /Rules, code, settings, rows and numbers are those that were sealed\.$/,
    );
    expect(page.findings.map(({ seal }) => seal?.kind)).toEqual(page.findings.map(() => "intact"));
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

test("a bar counts stages, and shows the share of the work and what is being computed", () => {
  const update = vi.fn();
  const show = showProgress({ update, finish() {} });
  const running = ["preference (seed 43)", "sft (seed 44)", "preference (seed 43)"];
  show({ done: 30, total: 120, stages: { done: 2, total: 9 }, running });
  show({ done: 0, total: 0, stages: { done: 0, total: 0 }, running: [] });
  expect(update.mock.calls).toEqual([
    [2, 9, "preference (seed 43) × 2, sft (seed 44)", { unit: "stages", share: 0.25 }],
    [0, 0, "", { unit: "stages", share: 1 }],
  ]);
});
