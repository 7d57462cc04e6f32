import type { OperationAttribute } from "./graph-def.ts";

/** The dtype and the shape of a tensor. */
export interface TensorType {
  readonly dtype: number;
  readonly shape: readonly number[];
}

/** A call of a TensorFlow operation, as a shape function sees it. */
export interface ShapeCall {
  readonly attributes: readonly OperationAttribute[];
  readonly inputs: readonly TensorType[];
  /** The number of outputs. */
  readonly count: number;
  /** The elements of an input that determines shapes. */
  values(input: number): number[];
}

/**
 * The types of an operation's outputs; undefined if the call is invalid or of a kind that the function does not cover.
 * TensorFlow itself then says what they are or what is wrong.
 */
export type ShapeFunction = (call: ShapeCall) => readonly TensorType[] | undefined;

/** The value of an attribute, or `otherwise` if it is absent. */
export function attribute<T>({ attributes }: ShapeCall, name: string, otherwise: T): T {
  const found = attributes.find((one) => one.name === name);
  return found === undefined ? otherwise : (found.value as T);
}

/** Input `index`. Throws if the call has fewer. */
export function inputAt({ inputs }: ShapeCall, index: number): TensorType {
  const found = inputs[index];
  if (found === undefined)
    throw new Error(`The operation has no input ${index}, but ${inputs.length} inputs.`);
  return found;
}

/** One output, or none if its shape could not be computed. */
export const output = (dtype: number, shape: readonly number[] | undefined): TensorType[] | undefined =>
  shape && [{ dtype, shape }];

/** The number of elements of a shape. */
export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((size, one) => size * one, 1);

/** The shape to which all `shapes` broadcast, or undefined if there is none. */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const result: number[] = [];
  for (let fromEnd = rank; fromEnd >= 1; fromEnd--) {
    const lengths = new Set(shapes.map((shape) => shape.at(-fromEnd) ?? 1));
    lengths.delete(1);
    if (lengths.size > 1) return undefined;
    result.push([...lengths][0] ?? 1);
  }
  return result;
}

/** An axis as an index from 0, or undefined if there is no such axis. */
export function axisIndex(axis: number | undefined, rank: number): number | undefined {
  if (axis === undefined || !Number.isInteger(axis) || axis < -rank || axis >= rank) return undefined;
  return axis < 0 ? axis + rank : axis;
}

/** `shape` with the element at `axis` replaced by `lengths`. */
export const replaceAxis = (shape: readonly number[], axis: number, lengths: readonly number[]): number[] => [
  ...shape.slice(0, axis),
  ...lengths,
  ...shape.slice(axis + 1),
];

/** Whether all inputs from `first` to before `end` have one dtype. */
export const sameTypes = ({ inputs }: ShapeCall, first = 0, end = inputs.length): boolean =>
  new Set(inputs.slice(first, end).map(({ dtype }) => dtype)).size <= 1;

/** Functions under names, given as `{ "Name Name …": function }`. */
export function byName(groups: Readonly<Record<string, ShapeFunction>>): [string, ShapeFunction][] {
  return Object.entries(groups).flatMap(([names, shape]) =>
    names.split(" ").map((name): [string, ShapeFunction] => [name, shape]),
  );
}
