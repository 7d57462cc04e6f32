import { tf } from "../tensors/backend.ts";
import { deviceVectors, forward, type Network, network, unembed } from "./decoder.ts";
import type { Model } from "./gpt-neox.ts";

/** Runs `use` on a model's network inside `tf.tidy`: only tensors that `use` returns outlive it. */
export function withNetwork<T extends tf.TensorContainer>(model: Model, use: (net: Network) => T): T {
  return tf.tidy(() => use(network(model.config, deviceVectors(model), model.head)));
}

/**
 * Next-token logits at every position, float32 [B, T, vocabulary], of `tokens` int32 [B, T], left-padded
 * where `attention` float32 [B, T] is 0.
 */
export function logits(net: Network, tokens: tf.Tensor2D, attention?: tf.Tensor2D): tf.Tensor3D {
  const [rows, length] = tokens.shape;
  const hidden = forward(net, tokens.reshape([rows, 1, length]), { attention });
  return unembed(net, hidden).reshape([rows, length, net.config.vocab_size]);
}
