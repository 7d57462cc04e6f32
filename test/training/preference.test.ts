import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { initialModel } from "../../src/models/initialization.ts";
import { policyLogps } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { type PreferenceLoss, preferenceLosses } from "../../src/training/losses.ts";
import { type PreferenceOptions, trainPreference } from "../../src/training/preference.ts";
import { sharpened } from "../by-hand.ts";
import { model, task } from "../laboratory.ts";
import { killedAfter, pairs, preference } from "./examples.ts";

const run = (options: Partial<PreferenceOptions> = {}, examples = pairs) =>
  trainPreference(task, model, examples, { ...preference, ...options });
const meanOf = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("preference training", () => {
  test("starts DPO at ln 2 with all rewards zero", async () => {
    const { metrics } = await run();
    expect(metrics[0]!.loss).toBeCloseTo(Math.LN2, 5);
    expect(metrics[0]!["rewards/margins"]).toBeCloseTo(0, 5);
    expect(metrics[0]!.grad_norm).toBeGreaterThan(0);
  });

  test("divides the policy's and the reference's logits by DPO's temperature alike", async () => {
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

  test("trains local and last-token reward models with the same trainer", async () => {
    const local = await trainPreference(task, model, pairs, { ...preference, reference: "none" });
    const last = await trainPreference(task, model, pairs, {
      ...preference,
      reference: "none",
      credit: "last",
    });
    expect(local.metrics[0]!["logps/chosen"]).toBeLessThan(last.metrics[0]!["logps/chosen"]!);
    expect(local.model.weights).not.toEqual(last.model.weights);
  });

  test("takes a loss by name or as a function, DPO by default", async () => {
    const custom: PreferenceLoss = (rewards, options) => preferenceLosses.ipo(rewards, options);
    const [byDefault, dpo, ipo, own] = [
      await run(),
      await run({ loss: "dpo" }),
      await run({ loss: "ipo" }),
      await run({ loss: custom }),
    ];
    expect(dpo.model.weights).toEqual(byDefault.model.weights);
    expect(own.model.weights).toEqual(ipo.model.weights);
    expect(ipo.model.weights).not.toEqual(dpo.model.weights);
  });

  test("starts each loss at its value for zero rewards", async () => {
    const scored = pairs.map((pair) => ({ ...pair, rewardDifference: 2 }));
    const start = async (options: Partial<PreferenceOptions>) =>
      (await run({ ...options, epochs: 0.2 }, scored)).metrics[0]?.loss;
    expect(await start({ loss: "ipo" })).toBeCloseTo(1, 4);
    expect(await start({ loss: "hinge" })).toBeCloseTo(1, 4);
    expect(await start({ loss: "robust", label_smoothing: 0.2 })).toBeCloseTo(Math.LN2, 4);
    expect(await start({ loss: "rebel" })).toBeCloseTo(4, 4);
  });

  test("fits implicit rewards to reward differences with REBEL", async () => {
    const scored = pairs.map((pair, index) => ({ ...pair, rewardDifference: (index % 5) / 2 }));
    const { metrics } = await run({ loss: "rebel", epochs: 10, learningRate: 3e-3 }, scored);
    expect(metrics.at(-1)?.["rewards/margins"]).toBeCloseTo(1, 0);
    expect(metrics.at(-1)?.loss).toBeLessThan(0.7 * (metrics[0]?.loss ?? 0));
  });

  test("refuses REBEL without a finite reward difference for every pair", async () => {
    const scored = (difference?: number) =>
      pairs.map((pair, index) => ({ ...pair, rewardDifference: index === 2 ? difference : 1 }));
    const message = (example: number) =>
      `Example ${example} has no finite rewardDifference: the loss rebel needs one for every pair.`;
    await expect(run({ loss: "rebel" })).rejects.toThrow(message(0));
    for (const wrong of [undefined, Number.NaN])
      await expect(run({ loss: "rebel" }, scored(wrong))).rejects.toThrow(message(2));
    const dpo = await run({}, scored());
    expect(dpo.model.weights).toEqual((await run()).model.weights);
  });

  test("is held to a fixed reference model", async () => {
    const other = initialModel(model.config, randomStream(3, "reference"));
    const [first] = (await run({ reference: other, epochs: 1, batchSize: pairs.length })).metrics;
    const logps = (of: typeof model, side: "chosen" | "rejected") =>
      meanOf(
        policyLogps(
          task,
          of,
          pairs.map((pair) => ({ prompt: pair.prompt, completion: pair[side] })),
        ),
      );
    for (const side of ["chosen", "rejected"] as const) {
      const expected = preference.beta * (logps(model, side) - logps(other, side));
      expect(first?.[`rewards/${side}`]).toBeCloseTo(expected, 3);
    }
    const same = await run({ reference: { ...model, weights: model.weights.slice() } });
    expect(same.model.weights).toEqual((await run()).model.weights);
  });

  test("takes the reference's log-probabilities from the pairs if all have them", async () => {
    const logps = (side: "chosen" | "rejected") =>
      policyLogps(
        task,
        model,
        pairs.map((pair) => ({ prompt: pair.prompt, completion: pair[side] })),
      );
    const [chosen, rejected] = [logps("chosen"), logps("rejected")];
    const withLogps = (shift: number) =>
      pairs.map((pair, index) => ({
        ...pair,
        ref_chosen_logps: chosen[index]! + shift,
        ref_rejected_logps: rejected[index]!,
      }));
    const first = async (examples: typeof pairs, options?: Partial<PreferenceOptions>) =>
      (await run(options, examples)).metrics[0]!;
    expect((await first(withLogps(0)))["rewards/margins"]).toBeCloseTo(0, 5);
    const moved = (await first(withLogps(-1)))["rewards/margins"];
    expect(moved).toBeCloseTo(preference.beta, 4);
    const partly = [...withLogps(-1).slice(0, -1), ...pairs.slice(-1)];
    expect((await first(partly))["rewards/margins"]).toBeCloseTo(0, 5);
    const local = { reference: "none" } as const;
    expect(await first(withLogps(-1), local)).toEqual(await first(pairs, local));
  });

  test("refuses a reference with another vocabulary or without a language head", async () => {
    const smaller = { ...model.config, vocab_size: model.config.vocab_size - 1 };
    const message = "The reference must be a language model with the policy's vocabulary";
    await expect(run({ reference: initialModel(smaller, randomStream(1)) })).rejects.toThrow(message);
    await expect(run({ reference: { ...model, head: "reward" } })).rejects.toThrow(message);
  });

  test("resumes only with the same loss function and the same reference model", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "allroads preference "));
    try {
      const checkpoint = path.join(folder, "checkpoint.safetensors");
      const reference = initialModel(model.config, randomStream(3, "reference"));
      const options = { ...preference, loss: preferenceLosses.hinge, reference };
      const stopped = { checkpoint, checkpointEvery: 1, ...killedAfter(3) };
      await expect(trainPreference(task, model, pairs, options, stopped)).rejects.toThrow("killed");
      expect(existsSync(checkpoint)).toBe(true);
      for (const change of [{ loss: preferenceLosses.ipo }, { reference: model }]) {
        const other = trainPreference(task, model, pairs, { ...options, ...change }, { checkpoint });
        await expect(other).rejects.toThrow("it is of a run with other settings");
      }
      const resumed = await trainPreference(task, model, pairs, options, { checkpoint });
      expect(resumed.model.weights).toEqual((await run(options)).model.weights);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    [{ temperature: 0 }, /^Training's temperature must be a number above 0, but is 0: change it\.$/],
    [{ label_smoothing: 0.5 }, /^Training's label_smoothing must be at least 0 and below 0\.5, but is 0\.5/],
    [{ beta: Number.NaN }, /^Training's beta must be a number, but is NaN/],
    [
      { loss: "toString" as "dpo" },
      /^Training's loss must be one of dpo, .*, or a function, but is "toString"/,
    ],
  ])("refuses options out of range: %o", async (wrong, message) => {
    await expect(run(wrong)).rejects.toThrow(message);
  });

  test("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await run({ reference: initialModel(model.config, randomStream(3)), loss: "ipo" });
    expect(tf.memory().numTensors).toBe(before);
  });
});
