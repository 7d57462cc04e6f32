import { describe, expect, it } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { estimatesChart } from "../../../src/report/charts.ts";
import type { Estimated } from "../../../src/verdicts/estimates.ts";
import type { Estimate } from "../../../src/verdicts/registration.ts";

const measured = (estimate: Estimate): Estimated => ({
  id: "one",
  estimate,
  mean: 0.05,
  low: -0.01,
  high: 0.1,
  seeds: [41, 42],
  values: [
    { seed: 41, value: 0.02 },
    { seed: 42, value: 0.08 },
  ],
});
const metric = "greedy-win-rate";
const plain = measured({ metric, treatment: "online-dpo", control: "dpo-2x" });
const less = (variant: string) => ({ treatment: `online-dpo${variant}`, control: `dpo-2x${variant}` });
const twice = (other: { treatment: string; control: string }) =>
  measured({ metric, treatment: "online-dpo", control: "dpo-2x", less: other });
const lines = (...estimates: Estimated[]) => {
  const layers = estimatesChart(estimates).layer as { data?: { values: { line?: string }[] } }[];
  return layers.flatMap(({ data }) => data?.values.flatMap(({ line }) => line ?? []) ?? []);
};

describe("a chart of estimates", () => {
  it("names what is subtracted from what, shortly where both are the same variant", () => {
    expect(lines(plain)).toEqual(["Online DPO (DPO)", "− DPO (2x)", "+5.0 [−1.0, +10.0]"]);
    expect(lines(twice(less("@wide pairs")))).toContain("− the same, wide pairs");
    const half = { ...less("@wide pairs"), control: "dpo-2x" };
    expect(lines(twice(half)).join(" ")).toContain("− (Online DPO (DPO), wide pairs − DPO (2x))");
  });

  it("draws the margin on both sides, in points for shares", async () => {
    const svg = await chart(estimatesChart([plain], { margin: 0.03 })).svg();
    expect(svg).toContain("margin −3.0");
    expect(svg).toContain("margin +3.0");
    expect(svg).toContain("Online DPO (DPO) − DPO (2x) +5.0 [−1.0, +10.0]");
  });

  it("leaves rewards as they are, and refuses to mix units", () => {
    const reward = measured({ metric: "best-of-25", treatment: "global", control: "dpo" });
    expect(lines(reward)).toContain("+0.05 [−0.01, +0.10]");
    expect(() => estimatesChart([plain, reward])).toThrow(
      "estimatesChart: win rate, greedy decoding and best of 25 have different units; draw them in two charts.",
    );
    expect(() => estimatesChart([])).toThrow("estimatesChart: `estimates` is empty");
  });
});
