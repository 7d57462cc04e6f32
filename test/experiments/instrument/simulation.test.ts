import { describe, expect, test } from "vitest";
import {
  coverageRows,
  familyRows,
  marginRows,
  powerRows,
} from "../../../src/experiments/instrument/report.ts";
import { readSimulation, simulate } from "../../../src/experiments/instrument/simulation.ts";

const SIZE = { experiments: 300, draws: 200, decisions: 2000 };
const components = {
  gaps: [0.05, 0.02, 0],
  seedSd: 0.03,
  candidateSd: 0.02,
  promptSd: 0.1,
  candidatePromptSd: 0.1,
  prompts: 500,
};
const small = simulate(components, "a test", SIZE);
/** Three standard errors of a share of `count`. */
const error = (share: number, count: number) => 3 * Math.sqrt((share * (1 - share)) / count);

describe("a small simulation", () => {
  const at = (effects: string, seeds: number) =>
    small.coverage.find((one) => one.effects.startsWith(effects) && one.seeds === seeds)!;

  test("has t intervals that cover normal effects at their level, and a bootstrap of 5 seeds that does not", () => {
    for (const seeds of [5, 10, 20])
      expect(Math.abs(at("as in the ledger", seeds).t - 0.95)).toBeLessThan(error(0.95, SIZE.experiments));
    const few = at("as in the ledger", 5);
    expect(few["bootstrap of seeds"]).toBeLessThan(0.9);
    expect(few["bootstrap of seeds and prompts"]).toBeLessThan(few.t);
    expect(at("as in the ledger", 20)["bootstrap of seeds"]).toBeGreaterThan(few["bootstrap of seeds"]);
  });

  test("has t intervals that cover strongly skewed effects less often", () => {
    const skewed = ["log-normal, sigma 0.5", "log-normal, sigma 1"].map((name) => at(name, 10).t);
    expect(skewed[1]).toBeLessThan(skewed[0]!);
    expect(skewed[1]).toBeLessThan(0.94);
  });

  test("keeps the error of a family and of a margin at the level, where single tests do not", () => {
    for (const one of small.families) {
      expect(one["any false decision"]).toBeLessThan(0.05 + error(0.05, SIZE.decisions));
      if (one["true effects"] === 0) expect(one["any false decision, uncorrected"]).toBeGreaterThan(0.15);
    }
    for (const one of small.margins) {
      const most = one.alpha + error(one.alpha, SIZE.decisions);
      expect(one["equivalent at the margin"]).toBeLessThan(most);
      expect(one["non-inferior at the margin"]).toBeLessThan(most);
    }
  });

  test("finds effects as often as the computed power says", () => {
    for (const one of small.power)
      for (const rule of ["superiority", "equivalence"] as const) {
        const computed = one[`${rule}, computed`];
        expect(Math.abs(one[rule] - computed)).toBeLessThan(error(computed, SIZE.decisions) + 0.002);
      }
  });

  test("gives the same numbers again", () => {
    expect(simulate(components, "a test", { ...SIZE, experiments: 20, decisions: 100 })).toEqual(
      simulate(components, "a test", { ...SIZE, experiments: 20, decisions: 100 }),
    );
  });
});

test("the committed simulation is read and tabulated", () => {
  const committed = readSimulation();
  expect(committed.command).toBe("npx allroads simulate");
  expect(committed.source).toContain("seeds 41, 42, 43, 44, 45");
  expect(coverageRows(committed)).toHaveLength(committed.coverage.length);
  expect(coverageRows(committed)[0]).toMatchObject({ seeds: 5, "Student's t, %": expect.any(Number) });
  expect(familyRows(committed)[0]).toMatchObject({
    "true effects of seven": 0,
    "true effects found, %": "–",
  });
  expect(marginRows(committed)[0]).toMatchObject({ seeds: 5, "level, %": 5 });
  expect(powerRows(committed)[1]).toMatchObject({ seeds: 5, "level, %": 0.7 });
});
