import { isObject, method, property } from "./probe.ts";
import { visibleText } from "./visible.mjs";

/** The used properties of a tfjs tensor. */
export interface TensorLike {
  shape: number[];
  dtype: string;
  size: number;
  isDisposed?: boolean;
  dataSync(): ArrayLike<unknown>;
}

/** Of tensors with more values only the shape is shown, since reading them can take long. */
const MOST_VALUES = 1_000_000;
/** The number of values shown at either end of a long dimension. */
const EDGE = 3;

/** Whether a value is a tfjs tensor, of any copy of tfjs. */
export const isTensor = (value: unknown): value is TensorLike =>
  isObject(value) &&
  Array.isArray(property(value, "shape")) &&
  typeof property(value, "dtype") === "string" &&
  method(value, "dataSync") !== undefined;

function valueText(value: unknown): string {
  if (typeof value !== "number")
    return typeof value === "string" ? visibleText(JSON.stringify(value)) : String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

/** The values of a tensor as nested lists, with only the first and last three of long dimensions. */
export function formatValues(
  data: ArrayLike<unknown>,
  shape: readonly number[],
  start = 0,
  depth = 0,
): string {
  const [length, ...rest] = shape;
  if (length === undefined) return valueText(data[start]);
  const stride = rest.reduce((product, size) => product * size, 1);
  const long = length > 2 * EDGE;
  const kept = Array.from({ length }, (_, index) => index).filter(
    (index) => !long || index < EDGE || index >= length - EDGE,
  );
  const parts = kept.map((index) => formatValues(data, rest, start + index * stride, depth + 1));
  if (long) parts.splice(EDGE, 0, "…");
  const between = rest.length > 0 ? `,\n${" ".repeat(depth + 1)}` : ", ";
  return `[${parts.join(between)}]`;
}

/** A tensor's dtype and shape, and its values on the lines below. */
export function tensorText(tensor: TensorLike): string {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  if (tensor.size > MOST_VALUES) return `${head}, ${tensor.size} values`;
  return `${head}\n${formatValues(tensor.dataSync(), tensor.shape)}`;
}
