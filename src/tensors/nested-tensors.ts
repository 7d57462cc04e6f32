import { tf } from "./tfjs.ts";
import { UntraceableError } from "./untraceable-error.ts";

/**
 * Separates the tensors in nested arrays and plain objects from their structure, in which each tensor is replaced by its
 * index in `tensors`. Throws an `UntraceableError` if there is anything but tensors, null and undefined.
 */
export function flatten(nested: unknown): { structure: unknown; tensors: tf.Tensor[] } {
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
  return { structure: walk(nested), tensors };
}

/** The inverse of `flatten`. */
export function unflatten(structure: unknown, tensors: readonly tf.Tensor[]): unknown {
  if (typeof structure === "number") return tensors[structure];
  if (structure === undefined || structure === null) return structure;
  if (Array.isArray(structure)) return structure.map((part) => unflatten(part, tensors));
  return Object.fromEntries(
    Object.entries(structure).map(([name, part]) => [name, unflatten(part, tensors)]),
  );
}
