import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type CompletionGroup, chosenAndRejected, collate, paddedShape } from "../../src/models/batch.ts";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import { type Network, network } from "../../src/models/decoder.ts";
import type { Model } from "../../src/models/gpt-neox.ts";
import { flatten, unflatten } from "../../src/models/named-weights.ts";
import { completionRewards, rewardBatch } from "../../src/models/reward-head.ts";
import { groupLogps, sequenceLogps, tokenLogps } from "../../src/models/scoring.ts";
import { tf } from "../../src/tensors/backend.ts";
import {
  bradleyTerryLoss,
  implicitReward,
  type PairRewards,
  type PreferenceLossName,
  preferenceLosses,
} from "../../src/training/losses.ts";
import { rewardObjective } from "../../src/training/reward-model.ts";
import { sftLoss } from "../../src/training/sft.ts";
import { differentiate, expectClose, expectGradients, fixtureTensors } from "../parity.ts";

/* The losses and their gradients against TRL's trainers (fixtures/make_losses.py). */

const TOLERANCE = 1e-5;
const fixtures = path.join(import.meta.dirname, "fixtures");
const tensorFile = path.join(fixtures, "losses.safetensors");
const record = JSON.parse(readFileSync(path.join(fixtures, "losses.json"), "utf8"));
const policy = loadPolicy(path.join(import.meta.dirname, "..", "models", "fixtures", "neox"));
const reference = loadPolicy(path.join(fixtures, "reference"));
const { pad } = record;
interface DpoRun
  extends Record<"policyChosen" | "policyRejected" | "referenceChosen" | "referenceRejected", number[]> {
  readonly beta: number;
  readonly loss: number;
  readonly metrics: Record<string, number>;
}
interface LossRun {
  readonly name: PreferenceLossName;
  readonly beta: number;
  readonly label_smoothing?: number;
  readonly rewardDifferences?: number[];
  readonly loss: number;
}
interface Pair {
  readonly prompt: number[];
  readonly chosen: number[];
  readonly rejected: number[];
}
const pairs: Pair[] = record.pairs;
const groups = pairs.map(
  ({ prompt, chosen, rejected }): CompletionGroup => ({ prompt, completions: [chosen, rejected] }),
);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A model's log-probabilities of the chosen and the rejected completions. */
function logpsOf(model: Model) {
  const logps = groupLogps(model, groups, pad);
  return {
    chosen: Array.from(logps.filter((_, index) => index % 2 === 0)),
    rejected: Array.from(logps.filter((_, index) => index % 2 === 1)),
  };
}
const base = logpsOf(reference);

/** The policy's implicit rewards of the fixture's pairs, differentiably. */
function pairRewards(net: Network, beta: number): PairRewards {
  const batch = collate(groups, pad);
  const { chosen, rejected } = chosenAndRejected(sequenceLogps(net, batch));
  const tokens = chosenAndRejected(tf.sum(batch.mask, 1));
  return {
    chosen: implicitReward(chosen, tf.tensor1d(base.chosen), beta),
    rejected: implicitReward(rejected, tf.tensor1d(base.rejected), beta),
    chosenTokens: tokens.chosen,
    rejectedTokens: tokens.rejected,
  };
}

describe.each<DpoRun>(record.dpo)("DPO at beta $beta", ({ beta, ...expected }) => {
  test("has TRL's log-probabilities, summed over each completion and its end", () => {
    const own = logpsOf(policy);
    expectClose("policy, chosen", own.chosen, expected.policyChosen, TOLERANCE);
    expectClose("policy, rejected", own.rejected, expected.policyRejected, TOLERANCE);
    expectClose("reference, chosen", base.chosen, expected.referenceChosen, TOLERANCE);
    expectClose("reference, rejected", base.rejected, expected.referenceRejected, TOLERANCE);
    expectClose("mean", [mean(own.chosen)], [expected.metrics["logps/chosen"]!], TOLERANCE);
  });

  test("has TRL's loss, rewards and gradient of every parameter", () => {
    let chosen: number[] = [];
    let rejected: number[] = [];
    const found = differentiate(policy, (net) => {
      const rewards = pairRewards(net, beta);
      chosen = Array.from(rewards.chosen.dataSync());
      rejected = Array.from(rewards.rejected.dataSync());
      return preferenceLosses.dpo(rewards, { beta });
    });
    expectClose("loss", [found.loss], [expected.loss], TOLERANCE);
    const { metrics } = expected;
    expectClose("rewards/chosen", [mean(chosen)], [metrics["rewards/chosen"]!], 1e-4);
    expectClose("rewards/rejected", [mean(rejected)], [metrics["rewards/rejected"]!], 1e-4);
    const margins = chosen.map((value, index) => value - rejected[index]!);
    expectClose("rewards/margins", [mean(margins)], [metrics["rewards/margins"]!], 1e-4);
    expect(mean(margins.map((margin) => Number(margin > 0)))).toBe(metrics["rewards/accuracies"]);
    expectGradients(found.gradients, fixtureTensors(tensorFile, `dpo/${beta}/`), TOLERANCE);
  });
});

describe.each<LossRun>(record.preferenceLosses)("the loss $name", ({ name, loss, ...options }) => {
  test("has the value and the gradient of TRL's, or of its formula in torch", () => {
    const found = differentiate(policy, (net) => {
      const { rewardDifferences } = options;
      const rewards = pairRewards(net, options.beta);
      const known = rewardDifferences && { rewardDifferences: tf.tensor1d(rewardDifferences) };
      return preferenceLosses[name]({ ...rewards, ...known }, options);
    });
    expectClose("loss", [found.loss], [loss], TOLERANCE);
    const { "embed_out.weight": gradient } = fixtureTensors(tensorFile, `${name}/`);
    expectClose("gradient", found.gradients["embed_out.weight"]!, gradient!, TOLERANCE);
  });
});

describe("the table of preference losses", () => {
  const rewards = (...margins: number[]): PairRewards => ({
    chosen: tf.tensor1d(margins),
    rejected: tf.zeros([margins.length]),
    chosenTokens: tf.ones([margins.length]),
    rejectedTokens: tf.ones([margins.length]),
  });
  const evaluate = (loss: () => tf.Scalar) => tf.tidy(() => loss().dataSync()[0]);

  test("has a fixture for every loss", () => {
    const names = (record.preferenceLosses as LossRun[]).map(({ name }) => name);
    expect(["dpo", ...names].sort()).toEqual(Object.keys(preferenceLosses).sort());
  });

  test("gives robust DPO without smoothing DPO's value", () => {
    const { dpo, robust } = preferenceLosses;
    const [found, expected] = [robust, dpo].map((loss) => evaluate(() => loss(rewards(1, -2), { beta: 1 })));
    expect(found).toBe(expected);
  });

  test("refuses to smooth half of the labels, and REBEL without reward differences", () => {
    const { rebel, robust } = preferenceLosses;
    const smoothed = () => evaluate(() => robust(rewards(1), { beta: 1, label_smoothing: 0.5 }));
    expect(smoothed).toThrow("label_smoothing must be at least 0 and below 0.5");
    expect(() => evaluate(() => rebel(rewards(1), { beta: 1 }))).toThrow("give each pair a rewardDifference");
  });
});

describe("Bradley and Terry's loss", () => {
  const expected = record.bradleyTerry;
  const { "embed_out.weight": _, ...trunk } = unflatten(policy.config, policy.weights);
  const weights = { ...trunk, ...fixtureTensors(tensorFile, "reward/") };
  const model: Model = {
    config: policy.config,
    head: "reward",
    weights: flatten(policy.config, weights, "reward"),
  };

  test("has TRL's rewards, loss and gradient of every parameter", () => {
    let rewards: number[] = [];
    const found = differentiate(model, (net) => {
      const { chosen, rejected } = chosenAndRejected(completionRewards(net, rewardBatch(groups, pad)));
      rewards = [...chosen.dataSync(), ...rejected.dataSync()];
      return bradleyTerryLoss(chosen, rejected);
    });
    expectClose("rewards", rewards, [...expected.chosenRewards, ...expected.rejectedRewards], TOLERANCE);
    expectClose("loss", [found.loss], [expected.loss], TOLERANCE);
    expectGradients(found.gradients, fixtureTensors(tensorFile, "bradleyTerry/"), TOLERANCE);
  });

  test("has TRL's gradient of the head, and none of other weights, if only the head is trained", () => {
    const { prepare, batch, loss } = rewardObjective(pad, paddedShape(groups), { trainable: "head" });
    const found = tf.tidy((): ReturnType<typeof differentiate> => {
      const inputs = batch(groups, 0);
      const states = prepare?.(network(model.config, tf.tensor1d(model.weights), "reward"), inputs);
      return differentiate(model, (net) => loss(net, { ...inputs, ...states }).loss);
    });
    expectClose("loss", [found.loss], [expected.loss], TOLERANCE);
    const { "score.weight": head, ...others } = found.gradients;
    const { "score.weight": expectedHead } = fixtureTensors(tensorFile, "bradleyTerry/");
    expectClose("score.weight", head!, expectedHead!, TOLERANCE);
    for (const gradient of Object.values(others)) expect(gradient.every((value) => value === 0)).toBe(true);
  });
});

describe("supervised fine-tuning's loss", () => {
  test("has TRL's value, per token of the batch, and gradient of every parameter", () => {
    const demonstrations = pairs.map(
      ({ prompt, chosen }): CompletionGroup => ({ prompt, completions: [chosen] }),
    );
    const found = differentiate(policy, (net) => {
      const batch = collate(demonstrations, pad);
      return sftLoss(tokenLogps(net, batch), batch.mask);
    });
    expectClose("loss", [found.loss], [record.sft.loss], TOLERANCE);
    expectGradients(found.gradients, fixtureTensors(tensorFile, "sft/"), TOLERANCE);
  });
});
