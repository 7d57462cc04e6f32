import { paddedShape } from "../../../src/models/batch.ts";
import { tf } from "../../../src/tensors/backend.ts";
import { adamWScales } from "../../../src/training/optimizer.ts";
import { preferenceObjective } from "../../../src/training/preference.ts";
import { sftObjective } from "../../../src/training/sft.ts";
import { type Objective, openTrainer } from "../../../src/training/trainer.ts";
import type { Workload } from "./data.ts";
import { BATCHES, OPTIMIZER, type Size } from "./sizes.ts";

/** Work that can be repeated. */
export interface Runner {
  /** Does `steps` steps. Returns the values that the runners must agree on: losses or tokens. */
  run(steps: number): number[] | Promise<number[]>;
  dispose(): void;
}

/** Trains on the batches of a workload in turn. The batches are prepared in advance; every step reads its loss. */
export function trainingRunner(work: "sft" | "dpo", load: Workload, compiled: boolean): Runner {
  const { sft, dpo, pad, reference, size } = load;
  if (work === "sft") return stepRunner(sftObjective(pad, paddedShape(sft)), sft, size.sft, load, compiled);
  const examples = dpo.map((group, index) => ({
    group,
    referenceChosen: reference[2 * index],
    referenceRejected: reference[2 * index + 1],
  }));
  const objective = preferenceObjective(pad, paddedShape(dpo), size.dpo);
  return stepRunner(objective, examples, size.dpo, load, compiled);
}

function stepRunner<E, B extends object>(
  objective: Objective<E, B>,
  examples: readonly E[],
  { batchSize }: Size["sft"],
  { model }: Workload,
  compiled: boolean,
): Runner {
  const batches = Array.from({ length: BATCHES }, (_, batch) =>
    objective.batch(examples.slice(batch * batchSize, (batch + 1) * batchSize), batch),
  );
  const nextBatch = cycle(batches);
  const training = openTrainer(model, objective, OPTIMIZER, compiled);
  let done = 0;
  return {
    run: (steps) =>
      Array.from({ length: steps }, () => {
        const batch = nextBatch.next().value;
        done += 1;
        const scales = tf.tensor1d(adamWScales(done, OPTIMIZER.learningRate, OPTIMIZER));
        const { loss } = training.step({ batch, scales });
        scales.dispose();
        return loss;
      }),
    dispose: () => {
      training.dispose();
      tf.dispose(batches as tf.TensorContainer);
    },
  };
}

/** Yields the items of a list again and again. */
function* cycle<T>(items: readonly T[]): Generator<T, never> {
  for (;;) yield* items;
}
