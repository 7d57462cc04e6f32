import { tf } from "./tfjs.ts";

/** A call's tensors to feed, and the keys of the specialisation that serves it. */
export interface CallArguments {
  /** All tensors except variables, in the order of `replaceTensors`. */
  readonly inputs: readonly tf.Tensor[];
  /** Calls with equal keys share a trace. Made of shapes and dtypes of tensors, and of the values of other arguments. */
  readonly key: string;
  /** `key` without the values of numbers. */
  readonly pattern: string;
}

const objectIds = new WeakMap<object, number>();
let objects = 0;

/** Functions and class instances are compared by identity. */
function objectId(object: object): number {
  const known = objectIds.get(object);
  if (known !== undefined) return known;
  objectIds.set(object, objects);
  return objects++;
}

const isPlain = (value: object) => Object.getPrototypeOf(value) === Object.prototype;

/** Describes arguments, including those in nested arrays and plain objects. */
export function describeArguments(args: readonly unknown[]): CallArguments {
  const inputs: tf.Tensor[] = [];
  const walk = (value: unknown, number: (value: number) => string): string => {
    if (value instanceof tf.Variable) return `variable ${value.id}`;
    if (value instanceof tf.Tensor) return `${value.dtype}[${value.shape}]`;
    if (typeof value === "number") return number(value);
    if (Array.isArray(value)) return `[${value.map((part) => walk(part, number)).join()}]`;
    if (typeof value === "function" || (typeof value === "object" && value !== null && !isPlain(value))) {
      return `#${objectId(value)}`;
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

/** A copy of nested arrays and plain objects in which `replace` has been applied to all tensors except variables. */
export function replaceTensors(value: unknown, replace: (tensor: tf.Tensor) => unknown): unknown {
  if (value instanceof tf.Variable) return value;
  if (value instanceof tf.Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((part) => replaceTensors(part, replace));
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, replaceTensors(part, replace)]),
  );
}
