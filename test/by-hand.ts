import type { Model } from "../src/models/gpt-neox.ts";
import { unflatten } from "../src/models/named-weights.ts";
import { logits, withNetwork } from "../src/models/network.ts";
import type { Sample } from "../src/tasks/task.ts";
import { tf } from "../src/tensors/backend.ts";

/* What tests compare the library with: one uncached pass over one sequence, the rest in doubles on the host. */

/** Log-probabilities of every token of the vocabulary at each place of the completion: [place][token]. */
export function logDistributions(model: Model, { prompt, completion }: Sample): number[][] {
  const all = withNetwork(model, (net) => {
    const tokens = [...prompt.tokens, ...completion];
    return logits(net, tf.tensor2d([tokens], undefined, "int32"));
  });
  const [rows] = all.arraySync();
  all.dispose();
  return completion.map((_, place) => {
    const row = rows![prompt.tokens.length - 1 + place]!;
    const total = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    return row.map((logit) => logit - total);
  });
}

/** log π of each completion token. */
export function tokenLogps(model: Model, sample: Sample): number[] {
  return logDistributions(model, sample).map((row, place) => row[sample.completion[place]!]!);
}

/** The same model with its unembedding `factor` times as large: its distributions are sharper. */
export function sharpened(model: Model, factor: number): Model {
  const weights = model.weights.slice();
  const { "embed_out.weight": unembedding } = unflatten(model.config, weights, model.head);
  unembedding!.forEach((weight, index) => {
    unembedding![index] = factor * weight;
  });
  return { ...model, weights };
}

/** The sum of `values`. */
export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
