import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { decisions } from "../../src/models/batch.ts";
import { policyLogps } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { annotatedPairs } from "../../src/training/pairs.ts";
import { type PreferenceOptions, trainPreference } from "../../src/training/preference.ts";
import { trainRewardModel } from "../../src/training/reward-model.ts";
import { trainSft } from "../../src/training/sft.ts";
import type { TrainingHooks } from "../../src/training/train.ts";
import { sharpened } from "../by-hand.ts";
import { data, model, task, training } from "../laboratory.ts";
import { expectClose, norm } from "../parity.ts";

const folder = mkdtempSync(path.join(tmpdir(), "allroads train "));
/** Summaries of other posts with this post's values copied in, against no summary at all. */
const samples = data.prompts.map((prompt, index) => {
  const { completion } = data.demonstrations[index]!;
  const forcedNext = task.forcedNext!(prompt);
  const decided = decisions(completion, forcedNext);
  return [
    completion.map((token, place) => (decided[place] ? token : forcedNext[completion[place - 1]!]!)),
    [task.vocabulary.eos],
  ];
});
const pairs = annotatedPairs(task, data.prompts, samples, 7);
const preference: PreferenceOptions = { ...training, beta: 0.5, reference: "start" };

const stages = {
  sft: (hooks: TrainingHooks) =>
    trainSft(task, model, data.demonstrations, { ...training, lossOn: "all" }, hooks),
  reward: (hooks: TrainingHooks) => trainRewardModel(task, model, pairs, training, hooks),
  preference: (hooks: TrainingHooks) => trainPreference(task, model, pairs, preference, hooks),
  "preference and KL": (hooks: TrainingHooks) =>
    trainPreference(task, model, pairs, { ...preference, kl: { weight: 0.1, completions: 2 } }, hooks),
};

/** Stops training as a killed process would: with an error from the outside, after the given step. */
function killedAfter(step: number): Pick<TrainingHooks, "onStep"> {
  return {
    onStep: (row) => {
      if (row.step === step) throw new Error("killed");
    },
  };
}

describe.each(Object.entries(stages))("%s training", (name, run) => {
  it("ends with the same bits when it is killed at any step and run again", async () => {
    const whole = await run({});
    for (const step of [1, 3, 5]) {
      const checkpoint = path.join(folder, `${name}-${step}.safetensors`);
      await expect(run({ checkpoint, checkpointEvery: 2, ...killedAfter(step) })).rejects.toThrow("killed");
      const resumed = await run({ checkpoint, checkpointEvery: 2 });
      expect(resumed.model.weights).toEqual(whole.model.weights);
      expect(resumed.metrics).toEqual(whole.metrics);
    }
  });

  it("saves the step in progress when it is asked to stop", async () => {
    const checkpoint = path.join(folder, `${name}-stopped.safetensors`);
    const stop = new AbortController();
    const hooks = { checkpoint, checkpointEvery: 1000 };
    const stopped = run({ ...hooks, signal: stop.signal, onStep: (row) => row.step === 2 && stop.abort() });
    await expect(stopped).rejects.toThrow(/stopped after step 2 of \d+: run it again/);
    expect(existsSync(checkpoint)).toBe(true);
    const steps: number[] = [];
    await run({ ...hooks, onStep: (row) => steps.push(row.step!) });
    expect(steps[0]).toBe(3);
  });

  it("leaves no tensor behind, killed or not", async () => {
    const before = tf.memory().numTensors;
    await run({});
    await expect(run(killedAfter(2))).rejects.toThrow("killed");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("lowers its loss", async () => {
    const { metrics } = await run({});
    const mean = (rows: typeof metrics) => rows.reduce((sum, row) => sum + row.loss!, 0) / rows.length;
    expect(mean(metrics.slice(-2))).toBeLessThan(mean(metrics.slice(0, 2)));
  });
});

/** In norm: AdamW gives full steps also to parameters whose gradient is nothing but rounding. */
function expectSameWeights(actual: Float32Array, expected: Float32Array) {
  const errors = expected.map((weight, index) => weight - actual[index]!);
  expect(norm(errors) / norm(expected)).toBeLessThan(1e-4);
}

describe.each(Object.entries(stages))("compiled %s training", (_, run) => {
  it("goes through the eager losses and weights", async () => {
    const [compiled, eager] = [await run({}), await run({ compiled: false })];
    for (const [index, row] of eager.metrics.entries()) {
      const found = compiled.metrics[index]!;
      expect(Object.keys(found)).toEqual(Object.keys(row));
      expectClose(`loss at step ${row.step}`, [found.loss!], [row.loss!], 1e-4);
      expectClose(`gradient at step ${row.step}`, [found.grad_norm!], [row.grad_norm!], 1e-4);
    }
    expectSameWeights(compiled.model.weights, eager.model.weights);
  });
});

describe("training", () => {
  it("is the same compiled and eager over 50 steps of DPO", async () => {
    const options = { ...preference, epochs: (50 * training.batchSize) / pairs.length, weightDecay: 0.1 };
    const compiled = await trainPreference(task, model, pairs, options, { compiled: true });
    const eager = await trainPreference(task, model, pairs, options, { compiled: false });
    expect(eager.metrics).toHaveLength(50);
    const column = (rows: typeof eager.metrics, name: string) => rows.map((row) => row[name]!);
    for (const name of ["loss", "grad_norm", "rewards/margins", "logps/chosen"]) {
      expectClose(name, column(compiled.metrics, name), column(eager.metrics, name), 1e-4);
    }
    expectSameWeights(compiled.model.weights, eager.model.weights);
    expect(eager.metrics.at(-1)!.loss).toBeLessThan(eager.metrics[0]!.loss! - 0.05);
  });

  it("does not grow in memory over a thousand steps", async () => {
    const counts = new Set<number>();
    const options = { ...preference, epochs: 1000, batchSize: pairs.length };
    await trainPreference(
      task,
      model,
      pairs.slice(0, 2),
      { ...options, batchSize: 2 },
      {
        onStep: (row) => row.step! > 1 && counts.add(tf.memory().numTensors),
      },
    );
    expect([...counts]).toHaveLength(1);
  });

  it("starts DPO at ln 2 with all rewards zero", async () => {
    const { metrics } = await stages.preference({});
    expect(metrics[0]!.loss).toBeCloseTo(Math.LN2, 5);
    expect(metrics[0]!["rewards/margins"]).toBeCloseTo(0, 5);
    expect(metrics[0]!.grad_norm).toBeGreaterThan(0);
  });

  it("divides the policy's and the reference's logits by DPO's temperature alike", async () => {
    const twice = sharpened(model, 2);
    const [tempered, sharper] = await Promise.all([
      trainPreference(task, model, pairs, { ...preference, temperature: 0.5 }),
      trainPreference(task, twice, pairs, preference),
    ]);
    for (const name of ["loss", "rewards/margins", "logps/chosen", "logps/rejected"]) {
      expect(tempered.metrics[0]![name]).toBeCloseTo(sharper.metrics[0]![name]!, 4);
    }
    expect(tempered.metrics[0]!["rewards/chosen"]).toBeCloseTo(0, 5);
    expect(tempered.metrics[0]!.grad_norm).not.toBeCloseTo(sharper.metrics[0]!.grad_norm!, 3);
  });

  it("holds DPO to its start by an on-policy KL, which it logs", async () => {
    const held = (weight: number) =>
      trainPreference(task, model, pairs, {
        ...preference,
        epochs: 4,
        learningRate: 3e-3,
        kl: { weight, completions: 4 },
      });
    const [free, tight] = [await held(0), await held(10)];
    expect(free.metrics[0]!.kl).toBeCloseTo(0, 5);
    const last = ({ metrics }: typeof free) => metrics.at(-1)!.kl!;
    expect(last(free)).toBeGreaterThan(0.02);
    expect(last(tight)).toBeLessThan(last(free) / 4);
    const plain = await trainPreference(task, model, pairs, { ...preference, epochs: 4, learningRate: 3e-3 });
    expectSameWeights(free.model.weights, plain.model.weights);
  });

  it("trains local and last-token reward models with the same trainer", async () => {
    const local = await trainPreference(task, model, pairs, { ...preference, reference: "none" });
    const last = await trainPreference(task, model, pairs, {
      ...preference,
      reference: "none",
      credit: "last",
    });
    expect(local.metrics[0]!["logps/chosen"]).toBeLessThan(last.metrics[0]!["logps/chosen"]!);
    expect(local.model.weights).not.toEqual(last.model.weights);
  });

  it("refuses a checkpoint of another run, another model or a truncated file", async () => {
    const checkpoint = path.join(folder, "other.safetensors");
    await expect(stages.sft({ checkpoint, checkpointEvery: 1, ...killedAfter(3) })).rejects.toThrow("killed");
    const bytes = readFileSync(checkpoint);
    await expect(stages.reward({ checkpoint })).rejects.toThrow(
      /other\.safetensors is the checkpoint of a run with/,
    );
    const wider = { ...model, config: { ...model.config, intermediate_size: 16 } };
    const again = trainSft(task, wider, data.demonstrations, { ...training, lossOn: "all" }, { checkpoint });
    await expect(again).rejects.toThrow(
      /dense_h_to_4h.weight of shape \[16,16\], but it has shape \[32,16\]/,
    );
    writeFileSync(checkpoint, bytes.subarray(0, bytes.length - 8));
    await expect(stages.sft({ checkpoint })).rejects.toThrow(/other\.safetensors/);
  });

  it.each([
    [{ epochs: Number.NaN }, /^Training's epochs must be a number above 0, but is NaN: change it\.$/],
    [{ batchSize: 0 }, /^Training's batchSize must be a whole number above 0, but is 0/],
    [{ learningRate: -1 }, /^Training's learningRate must be a number above 0, but is -1/],
    [
      { schedule: "cosin" as "cosine" },
      /^Training's schedule must be one of constant, linear, cosine, but is "cosin"/,
    ],
  ])("refuses options out of their range: %o", async (wrong, message) => {
    const refused = trainSft(task, model, data.demonstrations, { ...training, lossOn: "all", ...wrong });
    await expect(refused).rejects.toThrow(message);
  });

  it.each([
    [{ temperature: 0 }, /^Training's temperature must be a number above 0, but is 0: change it\.$/],
    [{ kl: { weight: -1, completions: 1 } }, /^Training's kl\.weight must be 0 or more, but is -1/],
    [{ kl: { weight: 1, completions: 0.5 } }, /^Training's kl\.completions must be a whole number above 0/],
  ])("refuses DPO's options out of their range: %o", async (wrong, message) => {
    const refused = trainPreference(task, model, pairs, { ...preference, ...wrong });
    await expect(refused).rejects.toThrow(message);
  });

  it("refuses examples that the model cannot read, by their number", async () => {
    const [first, second] = pairs;
    const none = [
      () => trainPreference(task, model, [], preference),
      () => trainRewardModel(task, model, [], training),
    ];
    for (const refused of none) await expect(refused()).rejects.toThrow("There are no examples to train on");
    const empty = trainPreference(task, model, [first!, { ...second!, rejected: [] }], preference);
    await expect(empty).rejects.toThrow("Example 1 has an empty completion");
    const long = { prompt: { ...first!.prompt, tokens: Array(40).fill(3) }, completion: [4] };
    const tooLong = trainSft(task, model, [long], { ...training, lossOn: "completion" });
    await expect(tooLong).rejects.toThrow(
      "Example 0 has 40 prompt and 1 completion tokens, but the model's context holds 32: shorten it.",
    );
    expect(() => policyLogps(task, model, [long])).toThrow("Example 0 has 40 prompt");
  });

  it("stops with one sentence when the loss is no longer a number", async () => {
    const wild = trainSft(task, model, data.demonstrations, {
      ...training,
      lossOn: "all",
      learningRate: 1e30,
    });
    await expect(wild).rejects.toThrow(
      /The loss at step \d+ of 8 is NaN: lower the learning rate \(1e\+30\)/,
    );
  });
});
