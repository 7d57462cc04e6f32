import { tf } from "./backend.ts";
import { dataType } from "./graph-def.ts";
import { nodeBackend } from "./native.ts";

/** Zeros of this shape, float32, for `writeRows`: a buffer that nothing else shares. */
export function room(shape: readonly number[]): tf.Tensor {
  const backend = nodeBackend();
  const attributes = [
    { name: "dtype", type: backend.binding.TF_ATTR_TYPE, value: dataType.float32 },
    { name: "init", type: backend.binding.TF_ATTR_BOOL, value: true },
  ];
  return tf.tidy(() => backend.executeSingleOutput("Empty", attributes, [tf.tensor1d([...shape], "int32")]));
}

/**
 * `into` with `values` in these of its rows, written where `into` is, which must not be read any more: for a cache
 * in a loop, where a copy would cost as much as the cache is long. `into` must come from `room`, or be computed from
 * what a call is given: TensorFlow may compute equal constants once and keep them. `into` and `values` float32 or
 * int32 [rows, …], `rows` int32 [values' rows]. Has no gradient.
 */
export function writeRows<T extends tf.Tensor>(into: T, rows: tf.Tensor, values: tf.Tensor): T {
  const backend = nodeBackend();
  const type = { name: "T", type: backend.binding.TF_ATTR_TYPE, value: dataType[into.dtype as "float32"] };
  return backend.executeSingleOutput("InplaceUpdate", [type], [into, rows, values]) as T;
}
