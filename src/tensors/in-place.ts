import { dataType } from "./graph-def.ts";
import { nodeBackend, tensorType } from "./native-binding.ts";
import { tf } from "./tfjs.ts";
import { isTracing, isXlaCluster } from "./tracer.ts";

/** A float32 tensor of zeros in a buffer of its own, for `writeRows`. */
export function room(shape: readonly number[]): tf.Tensor {
  const backend = nodeBackend();
  const attributes = [
    { name: "dtype", type: backend.binding.TF_ATTR_TYPE, value: dataType.float32 },
    { name: "init", type: backend.binding.TF_ATTR_BOOL, value: true },
  ];
  return tf.tidy(() => backend.executeSingleOutput("Empty", attributes, [tf.tensor1d([...shape], "int32")]));
}

/**
 * Writes `values` into the given rows of `into` in place and returns the result; `into` must not be read afterwards.
 * Meant for a cache in a loop, where copying the whole cache at each step would be slow. `into` must come from `room` or
 * depend on the function's inputs, because TensorFlow may compute equal constants once and share them. `into` and
 * `values` are float32 or int32 [rows, …], `rows` is int32 [rows of `values`], each row once. Has no gradient.
 */
export function writeRows<T extends tf.Tensor>(into: T, rows: tf.Tensor, values: tf.Tensor): T {
  // XLA has no kernel for InplaceUpdate, and updates in place by itself.
  if (isTracing() && isXlaCluster()) return tf.tensorScatterUpdate(into, rows.expandDims(1), values) as T;
  const backend = nodeBackend();
  const type = { name: "T", type: backend.binding.TF_ATTR_TYPE, value: tensorType(into) };
  return backend.executeSingleOutput("InplaceUpdate", [type], [into, rows, values]) as T;
}
