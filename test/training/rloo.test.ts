import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type CompletionGroup, collate } from "../../src/models/batch.ts";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import { network } from "../../src/models/decoder.ts";
import type { Model } from "../../src/models/gpt-neox.ts";
import { initialModel, rewardModelFrom } from "../../src/models/initialization.ts";
import { sample } from "../../src/models/sampling.ts";
import { globalScorer, policyLogps } from "../../src/models/scorers.ts";
import { sequenceLogps } from "../../src/models/scoring.ts";
import { goldScorer, type Sample, type Task } from "../../src/tasks/task.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import {
  type RlooOptions,
  type RolloutReward,
  rewardModelReward,
  rlooLoss,
  rlooObjective,
  trainRloo,
} from "../../src/training/rloo.ts";
import type { TrainingHooks } from "../../src/training/train.ts";
import { logDistributions, sharpened } from "../by-hand.ts";
import { data, model, task, training } from "../laboratory.ts";
import { differentiate, expectClose, expectGradients, fixtureTensors } from "../parity.ts";
import { temporaryFolder } from "../temporary.ts";
import { expectSameWeights, killedAfter } from "./examples.ts";

const fixtures = path.join(import.meta.dirname, "fixtures");

interface Fixture {
  readonly pad: number;
  readonly completions: number;
  readonly samples: readonly {
    readonly prompt: number[];
    readonly completions: number[][];
    readonly decided: number[][];
    readonly rewards: number[];
  }[];
  readonly runs: readonly {
    readonly beta: number;
    readonly loss: number;
    readonly metrics: Readonly<Record<string, number>>;
  }[];
}

describe("RLOO's loss on given samples", () => {
  const { pad, completions, samples, runs }: Fixture = JSON.parse(
    readFileSync(path.join(fixtures, "rloo.json"), "utf8"),
  );
  const policy = loadPolicy(path.join(import.meta.dirname, "..", "models", "fixtures", "neox"));
  const reference = loadPolicy(path.join(fixtures, "reference"));
  const groups = samples.map((group): CompletionGroup => ({ ...group }));

  /** The samples, in which only the decided tokens count. */
  function batch() {
    const { mask, ...others } = collate(groups, pad);
    const [rows, length] = mask.shape;
    const decided = new Float32Array(rows * length);
    for (const [row, own] of samples.flatMap((group) => group.decided).entries())
      decided.set(own, row * length);
    return { ...others, mask: tf.tensor2d(decided, [rows, length]) };
  }

  test.each(runs)("has the value and the gradients of its formula in torch, beta $beta", (expected) => {
    const found = tf.tidy((): ReturnType<typeof differentiate> => {
      const rewards = tf.tensor1d(samples.flatMap((group) => group.rewards));
      const referenceLogps = sequenceLogps(
        network(reference.config, tf.tensor1d(reference.weights)),
        batch(),
      );
      return differentiate(policy, (net) =>
        rlooLoss(
          sequenceLogps(net, batch()),
          { rewards, referenceLogps },
          { completions, beta: expected.beta },
        ),
      );
    });
    expectClose("loss", [found.loss], [expected.loss], 1e-5);
    const gradients = fixtureTensors(path.join(fixtures, "rloo.safetensors"), `${expected.beta}/`);
    expectGradients(found.gradients, gradients, 1e-5);
  });

  test.each(runs)("comes with the metrics of torch, beta $beta", ({ beta, metrics }) => {
    const objective = rlooObjective(
      { vocabulary: { size: 37, pad, eos: 1 }, completionLength: 5 },
      policy,
      groups,
      () => network(reference.config, tf.tensor1d(reference.weights)),
      { rewards: () => tf.scalar(0).as1D(), toJSON: () => undefined },
      { completions, beta, seed: 1 },
    );
    const found = tf.tidy((): Record<string, number> => {
      const scores = {
        samples: batch(),
        rewards: tf.tensor1d(samples.flatMap((group) => group.rewards)),
        referenceLogps: sequenceLogps(network(reference.config, tf.tensor1d(reference.weights)), batch()),
      };
      const net = network(policy.config, tf.tensor1d(policy.weights));
      const { metrics: own = {} } = objective.loss(net, { draw: undefined as never, ...scores });
      return Object.fromEntries(Object.entries(own).map(([name, value]) => [name, value.dataSync()[0]!]));
    });
    expect(Object.keys(found).sort()).toEqual(Object.keys(metrics).sort());
    for (const [name, value] of Object.entries(metrics)) expectClose(name, [found[name]!], [value], 1e-5);
  });
});

const options: RlooOptions = { ...training, learningRate: 3e-3, completions: 3, beta: 0.5 };
const rewardModel = rewardModelFrom(sharpened(model, 8), randomStream(9, "head"));

/** `trainRloo` with the reward model. */
async function trained(changes: Partial<RlooOptions> = {}, hooks?: TrainingHooks) {
  const reward = rewardModelReward(task, rewardModel);
  try {
    return await trainRloo(task, model, data.prompts, reward, { ...options, ...changes }, hooks);
  } finally {
    reward.dispose();
  }
}

describe("a step of RLOO", () => {
  test("scores its samples as the reward model and the reference score completions, copied tokens left out", () => {
    const reward = rewardModelReward(task, rewardModel);
    const policy = sharpened(model, 4);
    const prompts = data.prompts.slice(0, 5);
    const examples = prompts.map((prompt) => ({
      prompt: prompt.tokens,
      forcedNext: task.forcedNext!(prompt),
    }));
    const [tokens, rewards, logps] = tf.tidy((): [number[][][], number[], number[]] => {
      const objective = rlooObjective(
        task,
        policy,
        examples,
        () => network(model.config, tf.tensor1d(model.weights)),
        reward,
        options,
      );
      const net = network(policy.config, tf.tensor1d(policy.weights));
      const { samples, rewards, referenceLogps } = objective.prepare!(net, objective.batch(examples, 0));
      const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
      return [samples.targets.arraySync(), values(rewards), values(referenceLogps)];
    });
    reward.dispose();
    const { eos } = task.vocabulary;
    const completions = tokens.flatMap((own, row) =>
      own.map((completion): Sample => {
        const end = completion.indexOf(eos);
        return { prompt: prompts[row]!, completion: end === -1 ? completion : completion.slice(0, end + 1) };
      }),
    );
    expect(new Set(completions.map(({ completion }) => completion.length)).size).toBeGreaterThan(2);
    expectClose("rewards", rewards, globalScorer(task, rewardModel)(completions), 1e-5);
    expectClose("logps", logps, policyLogps(task, model, completions), 1e-5);
  });

  test("draws from random numbers of its own, which follow from the seed and the step", () => {
    const { tokens } = data.prompts[0]!;
    const drawn = (seed: number, step: number) =>
      tf.tidy((): number[] => {
        const reward: RolloutReward = { rewards: () => tf.zeros([3]), toJSON: () => undefined };
        const reference = () => network(model.config, tf.tensor1d(model.weights));
        const settings = { ...options, seed };
        const objective = rlooObjective(task, model, [{ prompt: tokens }], reference, reward, settings);
        return Array.from(objective.batch([{ prompt: tokens }], step).draw.draws!.dataSync());
      });
    expect(drawn(7, 0)).toEqual(drawn(7, 0));
    expect(new Set([drawn(7, 0), drawn(7, 1), drawn(8, 0)].map(String)).size).toBe(3);
  });

  test("begins at the reference, and frees what it held", async () => {
    const before = tf.memory().numTensors;
    const { metrics } = await trained();
    expect(tf.memory().numTensors).toBe(before);
    expect(metrics[0]!["objective/kl"]).toBeCloseTo(0, 4);
    expect(metrics[0]!["objective/rlhf_reward"]).toBeCloseTo(metrics[0]!["objective/scores"]!, 4);
  });

  test("is the same compiled and operation by operation", async () => {
    const [compiled, eager] = [await trained(), await trained({}, { compiled: false })];
    expectSameWeights(compiled.model.weights, eager.model.weights);
  });

  test("leads to the same bits if training is killed and resumed", async () => {
    const whole = await trained({ epochs: 2 });
    const checkpoint = path.join(temporaryFolder("rloo"), "checkpoint.safetensors");
    const hooks = { checkpoint, checkpointEvery: 4 };
    await expect(trained({ epochs: 2 }, { ...hooks, ...killedAfter(7) })).rejects.toThrow("killed");
    const resumed = await trained({ epochs: 2 }, hooks);
    expect(resumed.model.weights).toEqual(whole.model.weights);
    expect(resumed.metrics).toEqual(whole.metrics);
  });

  test.each<[Partial<RlooOptions>, string]>([
    [{ completions: 1 }, "completions must be a whole number above 1, but is 1"],
    [{ completions: 2.5 }, "completions must be a whole number above 1, but is 2.5"],
    [{ beta: -1 }, "beta must be 0 or more, but is -1"],
  ])("refuses options out of range: %o", async (wrong, message) => {
    await expect(trained(wrong)).rejects.toThrow(message);
  });

  test("refuses prompts that leave no space for a completion", async () => {
    const tokens = Array<number>(model.config.max_position_embeddings).fill(3);
    const reward: RolloutReward = { rewards: () => tf.zeros([3]), toJSON: () => undefined };
    const refused = trainRloo(task, model, [{ ...data.prompts[0]!, tokens }], reward, options);
    await expect(refused).rejects.toThrow(/Prompt 0 has \d+ tokens, but the model's context/);
  });
});

describe("RLOO with the gold reward of a task of six tokens", () => {
  const [pad, eos, prize] = [0, 1, 3];

  /** The gold reward of a completion is the number of prizes in it. */
  const tiny = (completionLength: number) =>
    ({
      name: "prizes",
      vocabulary: { size: 6, pad, eos },
      completionLength,
      score: (_, completion) => completion.filter((token) => token === prize).length,
    }) satisfies Partial<Task>;

  /** The same on the device: what follows `eos` is padding, which is no prize. */
  const gold: RolloutReward = {
    rewards: ({ targets, mask }) =>
      tf.sum(tf.equal(targets, tf.scalar(prize, "int32")).toFloat().reshape(mask.shape), 1) as tf.Tensor1D,
    toJSON: () => "prizes",
  };
  const start: Model = initialModel(
    { ...model.config, vocab_size: 6, max_position_embeddings: 8 },
    randomStream(5, "weights"),
  );
  const prompts = [4, 5, 2, 3].map((token) => ({ tokens: [token] }));
  const settings: RlooOptions = {
    ...training,
    epochs: 60,
    batchSize: 4,
    learningRate: 1e-2,
    completions: 8,
    beta: 0,
  };

  test("raises the mean reward, as the task itself scores new samples", async () => {
    const environment = tiny(4);
    const { model: policy, metrics } = await trainRloo(environment, start, prompts, gold, settings);
    const meanReward = async (of: Model) => {
      const requests = prompts.map((prompt, index) => ({
        prompt: prompt.tokens,
        stream: randomStream(1, "rloo test", index),
      }));
      const drawn = await sample(of, requests, { completions: 64, temperature: 1, maxTokens: 4, eos, pad });
      const samples = prompts.flatMap((prompt, row) =>
        drawn[row]!.map((completion) => ({ prompt, completion })),
      );
      const rewards = Array.from(goldScorer(environment as unknown as Task)(samples));
      return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
    };
    const [before, after] = [await meanReward(start), await meanReward(policy)];
    expect(before).toBeLessThan(1);
    expect(after).toBeGreaterThan(3.5);
    expect(metrics.at(-1)!["objective/scores"]).toBeGreaterThan(3.5);
    expect(metrics.at(-1)!["objective/entropy"]).toBeLessThan(metrics[0]!["objective/entropy"]!);
  });

  test("reaches the soft-optimal policy, the reference times exp(reward / beta), where it is known", async () => {
    const beta = 0.5;
    const { model: policy } = await trainRloo(tiny(1), start, prompts, gold, {
      ...settings,
      epochs: 400,
      completions: 32,
      beta,
    });
    for (const prompt of prompts) {
      const probabilities = (of: Model) =>
        logDistributions(of, { prompt, completion: [prize] })[0]!.map(Math.exp);
      const tilted = probabilities(start).map((p, token) => p * Math.exp(Number(token === prize) / beta));
      const total = tilted.reduce((sum, p) => sum + p, 0);
      for (const [token, p] of probabilities(policy).entries())
        expect(Math.abs(p - tilted[token]! / total)).toBeLessThan(0.04);
    }
  });
});
