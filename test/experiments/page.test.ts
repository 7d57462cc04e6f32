import { afterEach, expect, test, vi } from "vitest";
import { openExperiment } from "../../src/experiments/page.ts";
import { scorers } from "../../src/results/labels.ts";

afterEach(() => vi.unstubAllEnvs());

test("an opened experiment has findings by hypothesis and tables of scorers", async () => {
  vi.stubEnv("ALLROADS_FROM_LEDGER", "1");
  const page = await openExperiment("09-ablation-rm-size");
  expect(page.finding("H6a-small").hypothesis.id).toBe("H6a-small");
  expect(() => page.finding("H9")).toThrow(
    '09-ablation-rm-size registers no hypothesis "H9"; it has H6a-small, H6a-large, H6a-policy.',
  );
  const table = page.scorerTable([scorers.global, scorers.dpo]);
  expect(table.column("scorer").values).toEqual(["Global RM", "DPO RM", "Gold reward"]);
});
