import { tf } from "../tensors/backend.ts";
import type { Batch } from "./batch.ts";
import { embed, type Network, read, readPrompts, unembed } from "./decoder.ts";
import { targetLogps } from "./layers.ts";

/** Final hidden states [B·K·C, hidden] at the positions that predict each completion token of `batch`. */
export function readBatch(
  net: Network,
  { prompts, attention, inputs }: Pick<Batch, "prompts" | "attention" | "inputs">,
): tf.Tensor2D {
  if (prompts === undefined) return read(net, inputs).hidden;
  const [before, embedded] = embed(net, prompts, inputs);
  const prompt = readPrompts(net, prompts, { attention, embedded: before });
  return read(net, inputs, { prompt, embedded }).hidden;
}

/** log π(token | prompt, tokens before it) of every completion token, float32 [B·K, C]. */
export function completionLogps(net: Network, batch: Batch): tf.Tensor2D {
  const [rows, completions, length] = batch.targets.shape;
  const logits = unembed(net, readBatch(net, batch));
  return targetLogps(logits, batch.targets.flatten()).reshape([rows * completions, length]);
}

/** The policy's entropy, in nats, at every completion position: float32 [B·K, C]. */
export function completionEntropy(net: Network, batch: Batch): tf.Tensor2D {
  const [rows, completions, length] = batch.targets.shape;
  const logps = tf.logSoftmax(unembed(net, readBatch(net, batch)));
  return tf.neg(tf.sum(tf.mul(tf.exp(logps), logps), 1)).reshape([rows * completions, length]);
}
