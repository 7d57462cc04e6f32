import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { policyLogps } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { trainPreference } from "../../src/training/preference.ts";
import { trainRewardModel } from "../../src/training/reward-model.ts";
import { trainSft } from "../../src/training/sft.ts";
import type { TrainingHooks } from "../../src/training/train.ts";
import { data, model, task, training } from "../laboratory.ts";
import { expectClose } from "../parity.ts";
import { expectSameWeights, killedAfter, pairs, preference, trainWithKl } from "./examples.ts";

const folder = mkdtempSync(path.join(tmpdir(), "allroads train "));
afterAll(() => rmSync(folder, { recursive: true }));

const stages = {
  sft: (hooks: TrainingHooks) =>
    trainSft(task, model, data.demonstrations, { ...training, lossOn: "all" }, hooks),
  reward: (hooks: TrainingHooks) => trainRewardModel(task, model, pairs, training, hooks),
  preference: (hooks: TrainingHooks) => trainPreference(task, model, pairs, preference, hooks),
  "preference and KL": (hooks: TrainingHooks) => trainWithKl({ weight: 0.1, completions: 2 }, {}, hooks),
};

describe.each(Object.entries(stages))("%s training", (name, run) => {
  test("ends with the same bits when it is killed at any step and run again", async () => {
    const whole = await run({});
    for (const step of [1, 3, 5]) {
      const checkpoint = path.join(folder, `${name}-${step}.safetensors`);
      await expect(run({ checkpoint, checkpointEvery: 2, ...killedAfter(step) })).rejects.toThrow("killed");
      const resumed = await run({ checkpoint, checkpointEvery: 2 });
      expect(resumed.model.weights).toEqual(whole.model.weights);
      expect(resumed.metrics).toEqual(whole.metrics);
    }
  });

  test("saves the step after which a minute is over, and goes on from it to the same bits", async () => {
    const checkpoint = path.join(folder, `${name}-minute.safetensors`);
    const hooks = { checkpoint, checkpointEvery: 1000 };
    const clock = vi.spyOn(performance, "now").mockReturnValue(0);
    const onStep = ({ step }: { step: number }) => {
      clock.mockReturnValue(step < 3 ? 59_000 : 60_000);
      if (step === 5) throw new Error("killed");
    };
    await expect(run({ ...hooks, onStep })).rejects.toThrow("killed");
    clock.mockRestore();
    const steps: number[] = [];
    const resumed = await run({ ...hooks, onStep: (row) => steps.push(row.step) });
    expect(steps[0]).toBe(4);
    expect(resumed.model.weights).toEqual((await run({})).model.weights);
  });

  test("saves the step in progress when it is asked to stop", async () => {
    const checkpoint = path.join(folder, `${name}-stopped.safetensors`);
    const stop = new AbortController();
    const hooks = { checkpoint, checkpointEvery: 1000 };
    const stopped = run({ ...hooks, signal: stop.signal, onStep: (row) => row.step === 2 && stop.abort() });
    await expect(stopped).rejects.toThrow(/stopped after step 2 of \d+: run it again/);
    expect(existsSync(checkpoint)).toBe(true);
    const steps: number[] = [];
    await run({ ...hooks, onStep: (row) => steps.push(row.step) });
    expect(steps[0]).toBe(3);
  });

  test("leaves no tensor behind, killed or not", async () => {
    const before = tf.memory().numTensors;
    await run({});
    await expect(run(killedAfter(2))).rejects.toThrow("killed");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("lowers its loss", async () => {
    const { metrics } = await run({});
    const mean = (rows: typeof metrics) => rows.reduce((sum, row) => sum + row.loss!, 0) / rows.length;
    expect(mean(metrics.slice(-2))).toBeLessThan(mean(metrics.slice(0, 2)));
  });
});

describe.each(Object.entries(stages))("compiled %s training", (_, run) => {
  test("goes through the eager losses and weights", async () => {
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
  test("is the same compiled and eager over 50 steps of DPO", async () => {
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

  test("does not grow in memory over a thousand steps", async () => {
    const counts = new Set<number>();
    const options = { ...preference, epochs: 1000, batchSize: pairs.length };
    await trainPreference(
      task,
      model,
      pairs.slice(0, 2),
      { ...options, batchSize: 2 },
      {
        onStep: (row) => row.step > 1 && counts.add(tf.memory().numTensors),
      },
    );
    expect([...counts]).toHaveLength(1);
  });

  test("refuses a checkpoint of another run, another model or a truncated file", async () => {
    const checkpoint = path.join(folder, "other.safetensors");
    await expect(stages.sft({ checkpoint, checkpointEvery: 1, ...killedAfter(3) })).rejects.toThrow("killed");
    const bytes = readFileSync(checkpoint);
    await expect(stages.reward({ checkpoint })).rejects.toThrow(
      /other\.safetensors cannot be used \(it is of a run with other settings\): remove it or choose another/,
    );
    const wider = { ...model, config: { ...model.config, intermediate_size: 16 } };
    const again = trainSft(task, wider, data.demonstrations, { ...training, lossOn: "all" }, { checkpoint });
    await expect(again).rejects.toThrow(/dense_h_to_4h.weight has shape \[32,16\] instead of \[16,16\]/);
    writeFileSync(checkpoint, bytes.subarray(0, bytes.length - 8));
    await expect(stages.sft({ checkpoint })).rejects.toThrow(/other\.safetensors/);
  });

  test.each([
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

  test("refuses examples that the model cannot read, by their number", async () => {
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

  test("stops with an error if the loss is not finite", async () => {
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
