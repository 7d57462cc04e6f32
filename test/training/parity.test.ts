import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { CompletionGroup } from "../../src/models/batch.ts";
import { collate } from "../../src/models/batch.ts";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import type { Model } from "../../src/models/gpt-neox.ts";
import { completionLogps } from "../../src/models/logps.ts";
import { flatten, unflatten } from "../../src/models/named-weights.ts";
import { withNetwork } from "../../src/models/network.ts";
import { scalarRewards, sequenceLogps } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { bradleyTerryLoss, dpoLoss, sftLoss } from "../../src/training/losses.ts";
import { splitPairs } from "../../src/training/pairs.ts";
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

describe.each<DpoRun>(record.dpo)("DPO at beta $beta", ({ beta, ...expected }) => {
  const logpsOf = (model: Model) => {
    const logps = withNetwork(model, (net) => sequenceLogps(net, groups, pad, "all"));
    const values = Array.from(logps.dataSync());
    logps.dispose();
    return { chosen: values.filter((_, i) => i % 2 === 0), rejected: values.filter((_, i) => i % 2 === 1) };
  };
  const base = logpsOf(reference);

  it("has TRL's log-probabilities, summed over each completion and its end", () => {
    const own = logpsOf(policy);
    expectClose("policy, chosen", own.chosen, expected.policyChosen, TOLERANCE);
    expectClose("policy, rejected", own.rejected, expected.policyRejected, TOLERANCE);
    expectClose("reference, chosen", base.chosen, expected.referenceChosen, TOLERANCE);
    expectClose("reference, rejected", base.rejected, expected.referenceRejected, TOLERANCE);
    expectClose("mean", [mean(own.chosen)], [expected.metrics["logps/chosen"]!], TOLERANCE);
  });

  it("has TRL's loss, rewards and gradient of every parameter", () => {
    let rewards: { chosen: number[]; rejected: number[] } | undefined;
    const found = differentiate(policy, (net) => {
      const { chosen, rejected } = splitPairs(sequenceLogps(net, groups, pad, "all"));
      const result = dpoLoss(
        {
          policyChosen: chosen,
          policyRejected: rejected,
          referenceChosen: tf.tensor1d(base.chosen),
          referenceRejected: tf.tensor1d(base.rejected),
        },
        beta,
      );
      rewards = {
        chosen: Array.from(result.chosenRewards.dataSync()),
        rejected: Array.from(result.rejectedRewards.dataSync()),
      };
      return result.loss;
    });
    expectClose("loss", [found.loss], [expected.loss], TOLERANCE);
    const { chosen, rejected } = rewards!;
    const metrics = expected.metrics;
    expectClose("rewards/chosen", [mean(chosen)], [metrics["rewards/chosen"]!], 1e-4);
    expectClose("rewards/rejected", [mean(rejected)], [metrics["rewards/rejected"]!], 1e-4);
    const margins = chosen.map((value, index) => value - rejected[index]!);
    expectClose("rewards/margins", [mean(margins)], [metrics["rewards/margins"]!], 1e-4);
    expect(mean(margins.map((margin) => Number(margin > 0)))).toBe(metrics["rewards/accuracies"]);
    expectGradients(found.gradients, fixtureTensors(tensorFile, `dpo/${beta}/`), TOLERANCE);
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

  it("has TRL's rewards, loss and gradient of every parameter", () => {
    let rewards: number[] = [];
    const found = differentiate(model, (net) => {
      const { chosen, rejected } = splitPairs(scalarRewards(net, groups, pad));
      rewards = [...chosen.dataSync(), ...rejected.dataSync()];
      return bradleyTerryLoss(chosen, rejected);
    });
    expectClose("rewards", rewards, [...expected.chosenRewards, ...expected.rejectedRewards], TOLERANCE);
    expectClose("loss", [found.loss], [expected.loss], TOLERANCE);
    expectGradients(found.gradients, fixtureTensors(tensorFile, "bradleyTerry/"), TOLERANCE);
  });
});

describe("supervised fine-tuning's loss", () => {
  it("has TRL's value, per token of the batch, and gradient of every parameter", () => {
    const demonstrations = pairs.map(
      ({ prompt, chosen }): CompletionGroup => ({ prompt, completions: [chosen] }),
    );
    const found = differentiate(policy, (net) => {
      const batch = collate(demonstrations, pad);
      return sftLoss(completionLogps(net, batch), batch.mask);
    });
    expectClose("loss", [found.loss], [record.sft.loss], TOLERANCE);
    expectGradients(found.gradients, fixtureTensors(tensorFile, "sft/"), TOLERANCE);
  });
});
