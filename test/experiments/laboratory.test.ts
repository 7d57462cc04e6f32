import { describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import type { PreferenceStage } from "../../src/pipeline/preference.ts";
import { definitionId } from "../../src/pipeline/stage.ts";
import { differingPaths } from "../differing-paths.ts";

const config = keyEnvConfig("smoke");
const lab = laboratory(config, 3);

test("stages have the configuration's settings by default", () => {
  expect(lab.sft.options).toEqual(config.sft);
  expect(lab.reward).toEqual(lab.rewardWith({}));
  expect(lab.rewardWith({}).options).toEqual(config.reward);
  expect(lab.dpo(2).options).toEqual({ ...config.preference, epochs: 2 });
  expect(lab.online(lab.sft)).toMatchObject({ pairs: { policy: lab.sft, scorer: lab.reward } });
  expect(lab.verification("gold")).toMatchObject({ policy: lab.sft, ...config.verification });
});

test("an option changes that option of the stage and nothing else", () => {
  expect(differingPaths(lab.dpo(1), lab.dpo(1, { beta: 9 }))).toEqual(["options.beta"]);
  expect(differingPaths(lab.dpo(1), lab.localReward(1))).toEqual(["options.reference"]);
  expect(differingPaths(lab.reward, lab.rewardWith({ learningRate: 1 }))).toEqual(["options.learningRate"]);
  const [all, some] = [lab.online(lab.sft), lab.online(lab.sft, { first: 7 }, { epochs: 9 })];
  expect(differingPaths(all, some)).toEqual(["options.epochs", "pairs.first"]);
  const [global, rounded] = [lab.verification(lab.reward), lab.verification(lab.reward, { bits: 3 })];
  expect(differingPaths(global, rounded)).toEqual(["bits"]);
});

describe("rounds of online DPO", () => {
  const size = config.sizes.pairs;

  test("share the prompts out, sample from the policy before, and keep the first policy as reference", () => {
    const third = lab.onlineRounds(lab.sft, 3, {}, { epochs: 2 });
    const second = third.policy as PreferenceStage;
    const first = second.policy as PreferenceStage;
    expect(first).toEqual(lab.online(lab.sft, { first: Math.floor(size / 3) }, { epochs: 2 }));
    const slices = [first, second, third].map(({ pairs: { skip = 0, first: count = 0 } }) => [
      skip,
      skip + count,
    ]);
    expect(slices).toEqual(
      [0, 1, 2].map((round) => [round, round + 1].map((end) => Math.floor((end * size) / 3))),
    );
    for (const [round, before] of [
      [second, first],
      [third, second],
    ] as const) {
      expect(round).toMatchObject({ policy: before, reference: lab.sft, options: first.options });
      expect(round.pairs).toMatchObject({ policy: before, scorer: lab.reward });
    }
  });

  test("are `online` if there is one, and stay within the prompts that are given", () => {
    expect(definitionId(lab.onlineRounds(lab.sft, 1))).toBe(definitionId(lab.online(lab.sft)));
    const { pairs } = lab.onlineRounds(lab.sft, 2, { skip: 10, first: 21 });
    expect(pairs).toMatchObject({ skip: 20, first: 11 });
  });

  test.each([0, 1.5, size + 1])("cannot be %s", (rounds) => {
    expect(() => lab.onlineRounds(lab.sft, rounds)).toThrow(`from 1 to the number of prompts, ${size}`);
  });
});

test("best-of-K fine-tuning has the SFT loss and the optimisation of online DPO by default", () => {
  const { batchSize, learningRate, schedule, warmupFraction } = config.preference;
  const stage = lab.bestOfSft(lab.sft, { completions: 3 }, { epochs: 5 });
  expect(stage).toMatchObject({ policy: lab.sft, pairs: { completions: 3, scorer: lab.reward } });
  const { lossOn } = config.sft;
  expect(stage.options).toEqual({ lossOn, epochs: 5, batchSize, learningRate, schedule, warmupFraction });
});

test("labels are flipped for the reward model alone", () => {
  const noisy = lab.rewardWith({ pairs: lab.flipped(0.2) });
  expect(differingPaths(noisy, lab.reward)[0]).toMatch(/^pairs/);
  expect(lab.dpo(1).pairs).toBe(lab.pairs);
});

test("RLOO has four samples per prompt and the optimisation and beta of online DPO by default", () => {
  const { beta, batchSize, learningRate, schedule, warmupFraction } = config.preference;
  const { epochs } = config.online;
  const stage = lab.rloo(lab.sft, { learningRate: 1 }, { first: 7 });
  expect(stage).toMatchObject({ policy: lab.sft, reward: lab.reward, first: 7 });
  const usual = { epochs, batchSize, learningRate, schedule, warmupFraction };
  expect(stage.options).toEqual({ completions: 4, beta, ...usual, learningRate: 1 });
  const probe = lab.rewardWith({ trainable: "head" });
  expect(lab.rloo(lab.sft, {}, { reward: probe }).reward).toBe(probe);
});
