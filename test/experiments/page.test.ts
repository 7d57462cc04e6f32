import { describe, expect, test } from "vitest";
import { experimentPage } from "../../src/experiments/page.ts";
import { display } from "../../src/report/display.ts";
import type { Markdown } from "../../src/report/markdown.ts";
import type { SeedResult } from "../../src/results/collect.ts";
import { arms, type Label, variant } from "../../src/results/labels.ts";
import { readRegistration, testSeeds } from "../../src/verdicts/read-registration.ts";
import { armResult, seedResult } from "../seed-results.ts";

const registration = readRegistration("01-main-comparison");
const registered = registration.arms.map(({ label }) => label);
const added = variant(arms.dpo, "β = 8");

/** The page of hand-made results with these arms. */
const pageOf = (labels: readonly Label[], parts: Partial<SeedResult> = {}) =>
  experimentPage(
    registration,
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
      "left out here; run without --from-ledger to train them.",
  );
  expect(textOf(pageOf(registered).origin)).not.toContain("no results");
});
