import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import {
  adamWScales,
  adamWUpdate,
  learningRateFactor,
  type OptimizerState,
  type Schedule,
} from "../../src/training/optimizer.ts";
import { expectClose } from "../parity.ts";

/* AdamW, clipping and schedules against torch and transformers (fixtures/make_adamw.py). */

interface Run {
  readonly schedule: Schedule;
  readonly weightDecay: number;
  readonly learningRates: number[];
  readonly gradNorms: number[];
  readonly weights: number[][];
  readonly expAvg: number[];
  readonly expAvgSq: number[];
}
const record = JSON.parse(readFileSync(path.join(import.meta.dirname, "fixtures", "adamw.json"), "utf8"));
const { learningRate, warmup, maxGradNorm, initial, gradients } = record;

describe.each<Run>(record.runs)("AdamW, $schedule, weight decay $weightDecay", (run) => {
  test("goes through torch's weights for five steps", () => {
    const before = tf.memory().numTensors;
    let state: OptimizerState = {
      weights: tf.tensor1d(initial),
      expAvg: tf.zeros([initial.length]),
      expAvgSq: tf.zeros([initial.length]),
    };
    const options = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: run.weightDecay, maxGradNorm } as const;
    const scales = (step: number, rate: number) => tf.tensor1d(adamWScales(step, rate, options));
    for (const [step, gradient] of (gradients as number[][]).entries()) {
      const rate = learningRate * learningRateFactor(run.schedule, step, gradients.length, warmup);
      expect(rate).toBeCloseTo(run.learningRates[step]!, 12);
      const { gradNorm, ...next } = tf.tidy(
        () =>
          ({
            ...adamWUpdate(state, tf.tensor1d(gradient), scales(step + 1, rate), options),
          }) as tf.NamedTensorMap,
      ) as unknown as ReturnType<typeof adamWUpdate>;
      expectClose(`norm at step ${step}`, gradNorm.dataSync(), [run.gradNorms[step]!], 1e-6);
      expectClose(`weights after step ${step}`, next.weights.dataSync(), run.weights[step]!, 1e-6);
      tf.dispose([gradNorm, ...Object.values(state)]);
      state = next;
    }
    expectClose("exp_avg", state.expAvg.dataSync(), run.expAvg, 1e-6);
    expectClose("exp_avg_sq", state.expAvgSq.dataSync(), run.expAvgSq, 1e-6);
    tf.dispose(Object.values(state));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each<[string, { steps: number; warmup: number; factors: number[] }]>(
  Object.entries(record.longSchedules),
)("the %s schedule", (name, { steps, warmup, factors }) => {
  test("is transformers' from the first step to the last", () => {
    for (const [step, factor] of factors.entries()) {
      expect(learningRateFactor(name as Schedule, step, steps, warmup)).toBeCloseTo(factor, 12);
    }
  });
});
