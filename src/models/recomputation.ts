import { tf } from "../tensors/backend.ts";
import { recomputed } from "../tensors/recompute.ts";
import type { Batch } from "./batch.ts";
import {
  addResiduals,
  affine,
  attend,
  embed,
  type ForwardContext,
  forwardContext,
  type Network,
  project,
} from "./decoder.ts";
import { normalise } from "./layers.ts";

/**
 * `forwardBatch` whose gradient keeps the input of each layer only: [B·P + B·K·C, hidden] numbers a layer, prompts and
 * completions together.
 */
export function forwardRecomputed(
  net: Network,
  { prompts, attention, inputs }: Pick<Batch, "prompts" | "attention" | "inputs">,
): tf.Tensor2D {
  const { num_hidden_layers: layers, layer_norm_eps: epsilon } = net.config;
  const [rows, , steps] = inputs.shape;
  const length = prompts?.shape[1] ?? 0;
  const prompt = prompts && { layers: [], length, attention };
  const contexts = {
    prompt: prompt && forwardContext(net.config, { shape: [rows, 1, length] }, { attention }),
    completion: forwardContext(net.config, { shape: [rows, inputs.size / rows / steps, steps] }, { prompt }),
  };
  let x = embed(net, prompts ? tf.concat([prompts.flatten(), inputs.flatten()]) : inputs);
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `gpt_neox.layers.${layer}.`;
    const own = Object.entries(net.parameters).filter(([name]) => name.startsWith(prefix));
    const names = own.map(([name]) => name);
    const compute = ([before, ...values]: readonly tf.Tensor[], constants: typeof contexts) => {
      const parameters = Object.fromEntries(values.map((value, index) => [names[index]!, value]));
      const isLast = layer === layers - 1;
      return layerOf({ ...net, parameters }, layer, before as tf.Tensor2D, constants, isLast);
    };
    x = recomputed(compute, [x, ...own.map(([, value]) => value)], contexts);
  }
  return affine(net, "gpt_neox.final_layer_norm", normalise(x, epsilon));
}

/** A layer on the rows of prompts and completions; of the last layer's prompts, only keys and values are computed. */
function layerOf(
  net: Network,
  layer: number,
  x: tf.Tensor2D,
  contexts: { readonly prompt?: ForwardContext; readonly completion: ForwardContext },
  isLast: boolean,
): tf.Tensor2D {
  const { layer_norm_eps: epsilon } = net.config;
  const complete = (rows: tf.Tensor2D, prompt?: ReturnType<typeof project>["own"]) => {
    const normal = normalise(rows, epsilon);
    const { queries, own } = project(net, layer, normal, contexts.completion);
    return addResiduals(net, layer, rows, normal, attend(queries, own, prompt, contexts.completion.mask));
  };
  if (contexts.prompt === undefined) return complete(x);
  const [rows, , length] = contexts.prompt.shape;
  const [before, completions] = tf.split(x, [rows * length, -1]) as [tf.Tensor2D, tf.Tensor2D];
  const normal = normalise(before, epsilon);
  const { queries, own } = project(net, layer, normal, contexts.prompt);
  const completed = complete(completions, own);
  if (isLast) return completed;
  const attended = attend(queries, own, undefined, contexts.prompt.mask);
  return tf.concat([addResiduals(net, layer, before, normal, attended), completed]);
}
