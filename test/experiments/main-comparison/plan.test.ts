import { expect, test } from "vitest";
import { winRate } from "../../../src/evaluation/win-rate.ts";
import { inlinePool, type Pool } from "../../../src/pipeline/pool.ts";
import { stageId } from "../../../src/pipeline/stage-id.ts";
import { arms, scorers } from "../../../src/results/labels.ts";
import { runMain } from "../../main-comparison.ts";
import { temporaryFolder } from "../../temporary.ts";
import { tinyConfig } from "../../tiny-config.ts";

/** The pool of this process, which also records the stages that it computes. */
function watchedPool(computed: string[]): Pool {
  const pool = inlinePool();
  return {
    ...pool,
    run(store, stage, onProgress) {
      computed.push(stageId(stage));
      return pool.run(store, stage, onProgress);
    },
  };
}

test("the main comparison trains and judges every arm, and computes nothing twice", async () => {
  const folder = temporaryFolder("runs");
  const computed: string[] = [];
  const shares: number[] = [];
  const results = await runMain(tinyConfig, [3, 4], folder, watchedPool(computed), ({ done, total }) =>
    shares.push(done / total),
  );
  expect(new Set(computed).size).toBe(computed.length);
  expect(shares.at(-1)).toBeCloseTo(1);
  for (const [index, share] of shares.slice(1).entries())
    expect(share).toBeGreaterThanOrEqual(Number(shares[index]) - 1e-9);

  for (const result of results) {
    const labels = result.arms.map(({ arm }) => arm.id).sort();
    const { sft, dpo, dpo2x, dpo5x, dpo10x, dpoBest, onlineSft, onlineDpo } = arms;
    const compared = [sft, dpo, dpo2x, dpo5x, dpo10x, dpoBest, onlineSft, onlineDpo];
    expect(labels).toEqual(compared.map(({ id }) => id).sort());
    const [{ referenceRewards }] = result.arms as [(typeof result.arms)[number]];
    for (const one of result.arms) {
      expect(one.outcomes).toHaveLength(tinyConfig.sizes.evaluation);
      expect(one.winRate).toBe(winRate(one.greedyRewards, one.referenceRewards).mean);
      expect(one.referenceRewards).toEqual(referenceRewards);
    }
    for (const { chosen, candidates } of result.choices) {
      const best = Math.max(...candidates.map(({ value }) => value));
      expect(candidates).toContainEqual({ label: chosen, value: best });
    }
    const steps = new Map(result.curves.map(({ arm, rows }) => [arm.id, Number(rows.at(-1)?.step)]));
    expect(steps.get("dpo-2x")).toBeGreaterThanOrEqual(2 * Number(steps.get("dpo")));
    expect(result.scorers.map(({ scorer }) => scorer)).toEqual([scorers.global, scorers.dpo]);
    expect(result.missing).toEqual([]);
  }

  const again: string[] = [];
  expect(await runMain(tinyConfig, [3, 4], folder, watchedPool(again))).toEqual(results);
  expect(again).toEqual([]);
});
