import type { tf } from "../../src/tensors/backend.ts";

/** The first element of a tensor. Throws if it is empty. */
export function firstValue(tensor: tf.Tensor): number {
  const [value] = tensor.dataSync();
  if (value === undefined) throw new Error(`The tensor of shape [${tensor.shape}] is empty.`);
  return value;
}
