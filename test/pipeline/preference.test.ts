import { describe, expect, test } from "vitest";
import { config, handMadeStore, lab } from "./hand-made.ts";

const { compute } = handMadeStore();

describe("rounds of online DPO", () => {
  const trained = lab.onlineRounds(lab.sft, 2);

  test("train, each on its own prompts", async () => {
    const pairs = await compute(trained.pairs);
    expect(new Set(pairs.pairs.map(({ prompt }) => Math.floor(prompt / 12)))).toEqual(new Set([1]));
    const { metrics } = await compute(trained);
    expect(metrics).toHaveLength(Math.floor(pairs.pairs.length / config.preference.batchSize));
  });

  test("are held to the first policy, which the KL is also taken from", async () => {
    const kl = { weight: 1, completions: 2 };
    const [first, own] = [await compute(lab.onlineRounds(lab.sft, 2, {}, { kl })), await compute(trained)];
    expect(own.metrics[0]!["rewards/margins"]).not.toBeCloseTo(0, 5);
    const { reference: _, ...ownReference } = trained;
    expect((await compute(ownReference)).metrics[0]!["rewards/margins"]).toBeCloseTo(0, 5);
    expect(first.metrics[0]!.kl).toBeGreaterThan(1e-4);
  });
});
