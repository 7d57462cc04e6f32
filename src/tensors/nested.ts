import { tf } from "./backend.ts";
import { UntraceableError } from "./recorder.ts";

/** The tensors in nested arrays and plain objects, and the same nesting with their places in them. */
export function leaves(container: unknown): { result: unknown; tensors: tf.Tensor[] } {
  const tensors: tf.Tensor[] = [];
  const walk = (value: unknown): unknown => {
    if (value instanceof tf.Tensor) return tensors.push(value) - 1;
    if (value === undefined || value === null) return value;
    if (Array.isArray(value)) return value.map(walk);
    if (Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]));
    }
    const found = value instanceof Promise ? "a promise" : `${typeof value} ${String(value)}`;
    throw new UntraceableError(
      `A compiled function must return tensors, in arrays or objects, but its result holds ${found}: ` +
        "return only tensors, without await, and compute the rest outside.",
    );
  };
  return { result: walk(container), tensors };
}

/** The inverse of `leaves`: puts tensors where `result` has their places. */
export function fill(result: unknown, tensors: readonly tf.Tensor[]): unknown {
  if (typeof result === "number") return tensors[result];
  if (result === undefined || result === null) return result;
  if (Array.isArray(result)) return result.map((part) => fill(part, tensors));
  return Object.fromEntries(Object.entries(result).map(([name, part]) => [name, fill(part, tensors)]));
}
