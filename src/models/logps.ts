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

/** The logits that predict each completion token, divided by `temperature`: float32 [B·K·C, vocabulary]. */
export function completionLogits(
  net: Network,
  batch: Batch,
  temperature: number | tf.Scalar = 1,
): tf.Tensor2D {
  const logits = unembed(net, readBatch(net, batch));
  return temperature === 1 ? logits : tf.div(logits, temperature);
}

/**
 * log π(token | prompt, tokens before it) of every completion token, float32 [B·K, C]; π's logits are divided by
 * `temperature`.
 */
export function completionLogps(
  net: Network,
  batch: Batch,
  temperature: number | tf.Scalar = 1,
): tf.Tensor2D {
  const logits = completionLogits(net, batch, temperature);
  return targetLogps(logits, batch.targets.flatten()).reshape(batch.mask.shape);
}

/** The entropy, in nats, at every completion position, of the policy with its logits divided by `temperature`: float32 [B·K, C]. */
export function completionEntropy(net: Network, batch: Batch, temperature = 1): tf.Tensor2D {
  const logps = tf.logSoftmax(completionLogits(net, batch, temperature));
  return tf.neg(tf.sum(tf.mul(tf.exp(logps), logps), 1)).reshape(batch.mask.shape);
}
