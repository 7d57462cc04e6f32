import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { registered as allRegistered, plansOf } from "../../src/experiments/programme.ts";
import { repositoryRoot } from "../../src/files/repository.ts";
import { arms, type Label, scorers } from "../../src/results/labels.ts";
import { presets } from "../../src/results/presets.ts";
import { estimateLabels } from "../../src/verdicts/estimates.ts";
import { readRegistration, testSeeds } from "../../src/verdicts/read-registration.ts";
import { type Need, unregistered } from "../../src/verdicts/registration.ts";
import { armResult, scorerResult, seedResult } from "../seed-results.ts";

const files = readdirSync(path.join(repositoryRoot(), "data", "predictions"));

test("every experiment has a registration", () => {
  const named = files.map((name) => path.basename(name, ".yaml"));
  expect(named).toEqual(expect.arrayContaining(allRegistered.map(({ id }) => id)));
});

/** What was run after its registration; it is shown and decides nothing. */
const addedLater: Readonly<Record<string, string[]>> = { "01-main-comparison": ["DPO (10x)", "Global RM"] };

describe.each(allRegistered.map(({ id }) => id))("the registration %s", (id) => {
  const registration = readRegistration(id);
  const needLabels = (need: Need) => ("label" in need ? [need.label] : [need.treatment, need.control]);

  test.each(presets)("is about arms and scorers that its experiment runs at the preset %s", (preset) => {
    const asked = registration.hypotheses.flatMap(({ estimates, needs }) => [
      ...estimates.flatMap(estimateLabels),
      ...needs.flatMap(needLabels),
    ]);
    const ids = (labels: readonly Label[]) => [...new Set(labels.map(({ id }) => id))];
    for (const { plan } of plansOf(id, preset)) {
      const { bestArms = [], scorers = [], bestScorers = [], followingScorers = [] } = plan;
      const all = [plan.arms, bestArms, scorers, bestScorers, followingScorers].flat();
      const run = ids(all.map(({ label }) => label));
      expect(run).toEqual(expect.arrayContaining(ids(asked)));
      const named = ids(registration.arms.map(({ label }) => label));
      expect(run).toEqual(expect.arrayContaining(named));
      // Variants of what is registered, such as the same scorer on other samples, may be run beside it.
      const others = all.filter(
        ({ label: { id, base } }) => !named.includes(id) && !named.includes(base?.id ?? id),
      );
      expect(others.map(({ label }) => label.name)).toEqual(addedLater[id] ?? []);
    }
  });
});

test("testSeeds are those of the preset, or an error", () => {
  expect(testSeeds("01-main-comparison", "smoke")).toEqual([21, 22]);
  expect(testSeeds("10-replication", "laptop")).toHaveLength(10);
  expect(() => testSeeds("00-theory", "laptop")).toThrow("`seeds`");
});

test("unregistered finds the arms and scorers that a registration does not name in that role", () => {
  const registration = readRegistration("01-replication");
  const results = [41, 42].map((seed) =>
    seedResult(seed, {
      arms: [arms.sft, arms.dpo5x, { ...arms.dpo, id: "dpo-20x", name: "DPO (20x)" }].map((arm) =>
        armResult(arm, 0.5),
      ),
      scorers: [scorers.global, scorers.dpo, scorers.dpo5x].map((scorer) => scorerResult(scorer, 0.5)),
    }),
  );
  const names = (labels: readonly Label[]) => labels.map(({ name }) => name);
  expect(names(unregistered(registration, results))).toEqual(["DPO (20x)"]);
  expect(names(unregistered(registration, results, "scorer"))).toEqual(["DPO RM (5x)"]);
});
