import { describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { neoxConfig } from "../../src/experiments/settings.ts";
import { forwardPasses } from "../../src/pipeline/forward-passes.ts";
import { tinyConfig } from "../tiny-config.ts";

const config = {
  ...tinyConfig,
  sizes: { ...tinyConfig.sizes, pairs: 100 },
  reward: { ...tinyConfig.reward, epochs: 4 },
  online: { ...tinyConfig.online, completions: 12, epochs: 1 },
};
const lab = laboratory(config, 3);

/** Reference log-probabilities of both completions of 100 pairs, and one epoch of training on them. */
const DPO = 2 * 100 + 3 * 2 * 100;
const REWARD = 3 * 2 * 100 * 4;
const SAMPLES = 12 * 100;

describe("forward passes of an arm", () => {
  test("are none for SFT, whose training and offline pairs all arms share", () => {
    expect(forwardPasses(lab.sft)).toBe(0);
  });

  test("count an epoch as three per completion, and the reference's log-probabilities once", () => {
    expect(forwardPasses(lab.dpo(1))).toBe(DPO);
    expect(forwardPasses(lab.dpo(5))).toBe(2 * 100 + 5 * 600);
    expect(forwardPasses(lab.localReward(2))).toBe(2 * 600);
  });

  test("count samples, their scores, and the reward model's training for an online arm", () => {
    expect(forwardPasses(lab.online(lab.sft))).toBe(REWARD + 2 * SAMPLES + DPO);
    expect(forwardPasses(lab.online(lab.sft, { completions: 2 }))).toBe(REWARD + 400 + DPO);
  });

  test("count earlier policies, and a stage that is needed twice once", () => {
    const dpo = lab.dpo(1);
    expect(forwardPasses(lab.online(dpo))).toBe(DPO + REWARD + 2 * SAMPLES + DPO);
    // The log-probabilities of the samples under DPO's reference are one more for each sample.
    expect(forwardPasses(lab.online(dpo, { scorer: dpo }))).toBe(DPO + 3 * SAMPLES + DPO);
    expect(forwardPasses(lab.online(lab.sft, { scorer: dpo }))).toBe(DPO + 3 * SAMPLES + DPO);
  });

  test("take the gold reward as free, and the likelihood as one for each sample", () => {
    const scored = (scorer: Parameters<typeof lab.relabelled>[0]) =>
      forwardPasses(lab.online(lab.sft, { scorer }));
    expect(scored("gold")).toBe(SAMPLES + DPO);
    expect(scored("likelihood")).toBe(2 * SAMPLES + DPO);
  });

  test("count best-of-K fine-tuning by its chosen completions, and flipping labels as nothing", () => {
    expect(forwardPasses(lab.bestOfSft(lab.sft, {}, { epochs: 2 }))).toBe(REWARD + 2 * SAMPLES + 2 * 300);
    const noisy = lab.rewardWith({ pairs: lab.flipped(0.4) });
    expect(forwardPasses(lab.online(lab.sft, { scorer: noisy }))).toBe(forwardPasses(lab.online(lab.sft)));
  });

  test("count every sample of RLOO as drawn, scored, read under the reference and trained on", () => {
    expect(forwardPasses(lab.rloo(lab.sft, { epochs: 2, completions: 4 }))).toBe(REWARD + 2 * 400 * 6);
  });

  test("take no backward pass for a reward model that trains its head alone", () => {
    const probe = lab.rewardWith({ trainable: "head" });
    expect(forwardPasses(lab.online(lab.sft, { scorer: probe }))).toBe(REWARD / 3 + 2 * SAMPLES + DPO);
  });

  test("count relabelling as one for each completion", () => {
    expect(forwardPasses(lab.dpo(1, {}, lab.relabelled(lab.reward)))).toBe(REWARD + 200 + DPO);
    expect(forwardPasses(lab.dpo(1, {}, lab.relabelled("gold")))).toBe(DPO);
  });

  test("count an on-policy KL's samples, reference and training", () => {
    expect(forwardPasses(lab.dpo(1, { kl: { weight: 1, completions: 2 } }))).toBe(DPO + 2 * 5 * 100);
  });

  test("weigh models of another size by it", () => {
    const { hidden_size: hidden, num_hidden_layers: layers } = config.model;
    const wide = lab.sftWith(neoxConfig(config.task, 2 * hidden, layers, 2));
    const reward = lab.rewardWith({ policy: wide });
    expect(forwardPasses(lab.online(lab.sft, { scorer: reward }))).toBeCloseTo(
      4 * REWARD + SAMPLES + 4 * SAMPLES + DPO,
    );
  });
});
