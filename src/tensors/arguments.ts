import { tf } from "./backend.ts";

/** A call's arguments: the tensors to feed, and what a specialisation is for. */
export interface CallArguments {
  /** Tensors other than variables, in the order in which they are found. */
  readonly inputs: readonly tf.Tensor[];
  /** Equal for calls that one trace serves: shapes and types of tensors, and the values of all else. */
  readonly key: string;
  /** `key` without the values of numbers. */
  readonly pattern: string;
}

const identities = new WeakMap<object, number>();
let objects = 0;

/** Two objects are the same argument where they are the same object. */
function identity(object: object): number {
  const known = identities.get(object);
  if (known !== undefined) return known;
  identities.set(object, objects);
  return objects++;
}

const isPlain = (value: object) => Object.getPrototypeOf(value) === Object.prototype;

/** Walks arguments, in nested arrays and plain objects. */
export function describeArguments(args: readonly unknown[]): CallArguments {
  const inputs: tf.Tensor[] = [];
  const walk = (value: unknown, number: (value: number) => string): string => {
    if (value instanceof tf.Variable) return `variable ${value.id}`;
    if (value instanceof tf.Tensor) return `${value.dtype}[${value.shape}]`;
    if (typeof value === "number") return number(value);
    if (Array.isArray(value)) return `[${value.map((part) => walk(part, number)).join()}]`;
    if (typeof value === "function" || (typeof value === "object" && value !== null && !isPlain(value))) {
      return `#${identity(value)}`;
    }
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? typeof value;
    const parts = Object.entries(value).map(
      ([name, part]) => `${JSON.stringify(name)}:${walk(part, number)}`,
    );
    return `{${parts.join()}}`;
  };
  replaceTensors(args, (tensor) => inputs.push(tensor));
  return {
    inputs,
    key: walk(args, (value) => (Object.is(value, -0) ? "-0" : String(value))),
    pattern: walk(args, () => "number"),
  };
}

/** `value` with `replace` applied to its tensors other than variables, in the order of `describeArguments`. */
export function replaceTensors(value: unknown, replace: (tensor: tf.Tensor) => unknown): unknown {
  if (value instanceof tf.Variable) return value;
  if (value instanceof tf.Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((part) => replaceTensors(part, replace));
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, replaceTensors(part, replace)]),
  );
}
