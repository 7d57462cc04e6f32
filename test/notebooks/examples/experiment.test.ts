import * as allroads from "allroads";
import { afterEach, expect, test, vi } from "vitest";
import { betaGains, betasPlan, runBetas } from "../../../notebooks/examples/experiment.ts";
import { temporaryFolder } from "../../temporary.ts";
import { tinyConfig } from "./tiny.ts";

afterEach(() => vi.unstubAllEnvs());

test("an experiment of one's own trains its arms on every seed and estimates its differences", async () => {
  vi.stubEnv("ALLROADS_RUNS", temporaryFolder("runs"));
  vi.stubEnv("ALLROADS_WORKERS", "2");
  const results = await runBetas(tinyConfig, [3, 4]);
  const labels = betasPlan(allroads.laboratory(tinyConfig, 3)).arms.map(({ label }) => label);
  for (const result of results) expect(result.arms.map(({ arm }) => arm)).toEqual(labels);
  const gains = betaGains(results);
  expect(gains.map(({ estimate }) => allroads.verdicts.estimateName(estimate))).toEqual([
    "DPO, β = 0.5 − DPO",
    "DPO, β = 8 − DPO",
  ]);
  for (const { mean, low, high, values } of gains) {
    expect(values.map(({ seed }) => seed)).toEqual([3, 4]);
    expect(low).toBeLessThanOrEqual(mean);
    expect(mean).toBeLessThanOrEqual(high);
  }
});
