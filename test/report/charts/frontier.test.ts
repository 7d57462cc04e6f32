import { expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { frontierChart } from "../../../src/report/charts.ts";

const value = (arm: string, seed: number, temperature: number, entropy: number, reward: number) => ({
  arm,
  seed,
  temperature,
  entropy,
  reward,
});
const rows = [
  value("sft", 41, 1, 1.2, 0.4),
  value("sft", 41, 0, 0, 1.6),
  value("sft", 42, 0, 0, 1.4),
  value("sft", 42, 1, 1, 0.6),
  value("sft@own likelihood", 41, 0, 0, 1),
  value("sft@own likelihood", 41, 1, 0.5, 0.9),
];

test("a curve goes through the mean entropy and reward of each temperature, from greedy on", () => {
  const { description } = frontierChart(rows);
  expect(description).toBe(
    "Gold reward, greedy and at T = 1 with its entropy: SFT 1.50, 0.50 at 1.10 nats; own likelihood 1.00, 0.90 at 0.50 nats.",
  );
});

test("every seed is a line of its own", async () => {
  const spec = frontierChart(rows) as unknown as {
    vconcat: { layer: { data: { values: { key: string }[] } }[] }[];
  };
  const thin = spec.vconcat[0]!.layer[0]!.data.values;
  expect(new Set(thin.map(({ key }) => key)).size).toBe(3);
  expect(await chart(frontierChart(rows)).svg()).not.toMatch(/NaN|undefined/);
});

test("a missing number is named", () => {
  expect(() => frontierChart([value("sft", 41, 1, Number.NaN, 0)])).toThrow("`entropy`");
});
