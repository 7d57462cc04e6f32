import { cpSync, existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../src/experiments/main-comparison/plan.ts";
import {
  experimentsOf,
  ledgerResults,
  plansOf,
  registered,
  runExperiment,
} from "../../src/experiments/programme.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { repositoryRoot } from "../../src/files/repository.ts";
import type { EvaluationStage } from "../../src/pipeline/evaluation.ts";
import { isShared } from "../../src/pipeline/shared-stages.ts";
import { definitionId } from "../../src/pipeline/stage.ts";
import { withAncestors } from "../../src/pipeline/stage-id.ts";
import { collect } from "../../src/results/collect.ts";
import { arms, variant } from "../../src/results/labels.ts";
import { ledgerRecords } from "../../src/results/ledger.ts";
import { arm, type Plan, seedPlan, wantedStages } from "../../src/results/plan.ts";
import { temporaryFolder } from "../temporary.ts";

afterEach(() => vi.unstubAllEnvs());

test("every registration of data/predictions but the theory's has an experiment", () => {
  const files = readdirSync(path.join(repositoryRoot(), "data", "predictions"));
  const ids = files.map((file) => path.parse(file).name).filter((id) => id !== "00-theory");
  expect(registered.map(({ id }) => id).sort()).toEqual(ids.sort());
});

test("a notebook shows the experiments with its number", () => {
  const ids = (notebook: string) => experimentsOf([notebook]).map(({ id }) => id);
  expect(ids("10-ablation-two-words")).toEqual(["10-ablation-two-words", "10-replication"]);
  expect(ids("02-real-tldr")).toEqual([]);
  expect(ids("10")).toEqual(ids("10-ablation-two-words"));
  expect(ids("notebooks/13-horizon.ipynb")).toEqual(["13-horizon", "13-horizon-clauses"]);
});

test("an experiment without a notebook of its own is named by its id", () => {
  expect(experimentsOf(["10-replication", "03"]).map(({ id }) => id)).toEqual([
    "03-label-sources",
    "10-replication",
  ]);
});

test.each(["nonsense", "01-nonsense", "", "__proto__", "99"])("the name %j is an error", (name) => {
  expect(() => experimentsOf(["01", name])).toThrow(/There is no notebook or experiment/);
});

test("an unknown experiment is an error that names the known ones", () => {
  expect(() => plansOf("99-none", "laptop")).toThrow(/no experiment "99-none": there are 01-best-epochs, /);
});

test("results at the laptop preset are read from the ledger, and nothing is announced or trained", async () => {
  vi.stubEnv("ALLROADS_TRAIN", "");
  vi.stubEnv("ALLROADS_RUNS", path.join(temporaryFolder("none"), "runs"));
  const logged = vi.spyOn(console, "log").mockReturnValue();
  onTestFinished(() => logged.mockRestore());
  const results = await runExperiment("01-main-comparison", "laptop");
  expect(results.map(({ missing }) => missing)).toEqual(results.map(() => []));
  expect(results.flatMap(({ sources }) => sources).every((source) => source.fromLedger)).toBe(true);
  expect(logged).not.toHaveBeenCalled();
  expect(existsSync(process.env.ALLROADS_RUNS!)).toBe(false);
});

test("training that takes longer than a minute says so before it starts; it can be asked for in a cell", async () => {
  vi.stubEnv("ALLROADS_RUNS", temporaryFolder("runs"));
  const said: string[] = [];
  const logged = vi.spyOn(console, "log").mockImplementation((text) => {
    said.push(text);
    throw new Error("stopped before training");
  });
  onTestFinished(() => logged.mockRestore());
  const asked = runExperiment("01-main-comparison", "laptop", undefined, { train: true });
  await expect(asked).rejects.toThrow("stopped before training");
  expect(said).toEqual([
    expect.stringMatching(/^Training \d+ stages takes about \d+ min .*`npm run paper` without/),
  ]);
  expect(readdirSync(process.env.ALLROADS_RUNS!)).toEqual([]);
});

describe("a ledger that lacks seeds", () => {
  const plans = plansOf("10-replication", "laptop");
  const ledgerOf = (seeds: readonly number[]) => {
    const folder = temporaryFolder("ledger");
    for (const name of seeds.map((seed) => `seed-${seed}.jsonl.br`))
      cpSync(path.join(ledgerFolder(), name), path.join(folder, name));
    return folder;
  };

  test("gives the results of those that it has", () => {
    const [first, second] = plans.map(({ seed }) => seed);
    const results = ledgerResults(plans, ledgerOf([second!, first!]));
    expect(results.map(({ seed, missing }) => [seed, missing])).toEqual([
      [first, []],
      [second, []],
    ]);
  });

  test("is an error if it has none of them", () => {
    expect(() => ledgerResults(plans, ledgerOf([]))).toThrow(
      /^The ledger lacks most arms of seeds \d+, .* \(for example SFT, evaluation-seed\d+-.*settings differ from the ledger's\. Train them by `npm run paper -- --train`, `ALLROADS_TRAIN=1` .*\{ train: true \}/,
    );
  });
});

describe("an arm added to a plan in one line", () => {
  const seed = 21;
  const lab = laboratory(keyEnvConfig("laptop"), seed);
  const plan = mainComparisonPlan(lab);
  const strongBeta = variant(arms.dpo, "β = 8");
  const extended: Plan = { ...plan, arms: [...plan.arms, arm(strongBeta, lab.dpo(1, { beta: 8 }))] };
  const records = ledgerRecords(ledgerFolder());

  test("needs only its own training and evaluation", () => {
    const needed = withAncestors(wantedStages(seedPlan(seed, extended))).filter((stage) => !isShared(stage));
    const missing = needed.filter((stage) => records(stage) === undefined);
    expect(missing.map(({ kind }) => kind)).toEqual(["preference", "evaluation"]);
    const [training, evaluation] = missing;
    expect(training).toEqual(lab.dpo(1, { beta: 8 }));
    expect((evaluation as EvaluationStage).policy).toEqual(training);
    expect(new Set(needed.map(definitionId)).size).toBe(needed.length);
  });

  test("is left out of the ledger's results and named as missing, and changes no other result", () => {
    const before = collect(seedPlan(seed, plan), records);
    const after = collect(seedPlan(seed, extended), records);
    expect(before.missing).toEqual([]);
    const others = after.sources.filter(({ label }) => label.id !== strongBeta.id);
    expect({ ...after, sources: others }).toEqual({ ...before, missing: [strongBeta] });
    expect(after.sources).toHaveLength(others.length + 1);
  });

  test("is collected like every other arm once it has records", () => {
    const trained = collect(seedPlan(seed, extended), (stage) => {
      const found = records(stage);
      if (found !== undefined || (stage.kind !== "evaluation" && stage.kind !== "preference")) return found;
      const stand = stage.kind === "preference" ? lab.dpo(1) : wantedStages(seedPlan(seed, plan))[1];
      return stand && (records(stand) as typeof found);
    });
    expect(trained.missing).toEqual([]);
    expect(trained.arms.map(({ arm }) => arm)).toContainEqual(strongBeta);
  });
});
