/** The part of a tfjs tensor that is read here. */
export interface TensorLike {
  shape: number[];
  dtype: string;
  size: number;
  isDisposed?: boolean;
  dataSync(): ArrayLike<unknown>;
}

/** Tensors with more values than this show their shape only: reading them could take long. */
const readable = 1_000_000;
const edge = 3;

/** Whether a value is a tensor of tfjs, whichever copy of it made it. */
export function isTensor(value: unknown): value is TensorLike {
  const tensor = value as TensorLike | null;
  return (
    tensor !== null &&
    typeof tensor === "object" &&
    Array.isArray(tensor.shape) &&
    typeof tensor.dtype === "string" &&
    typeof tensor.dataSync === "function"
  );
}

function valueText(value: unknown): string {
  if (typeof value !== "number") return typeof value === "string" ? JSON.stringify(value) : String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

/** Values of a shape as nested brackets; of long dimensions the first and last three. */
export function nested(data: ArrayLike<unknown>, shape: readonly number[], start = 0, depth = 0): string {
  const [length, ...rest] = shape;
  if (length === undefined) return valueText(data[start]);
  const stride = rest.reduce((product, size) => product * size, 1);
  const long = length > 2 * edge;
  const kept = Array.from({ length }, (_, index) => index).filter(
    (index) => !long || index < edge || index >= length - edge,
  );
  const parts = kept.map((index) => nested(data, rest, start + index * stride, depth + 1));
  if (long) parts.splice(edge, 0, "…");
  const between = rest.length > 0 ? `,\n${" ".repeat(depth + 1)}` : ", ";
  return `[${parts.join(between)}]`;
}

/** A tensor's type and shape, and a few of its values below. */
export function tensorText(tensor: TensorLike): string {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  if (tensor.size > readable) return `${head}, ${tensor.size} values`;
  return `${head}\n${nested(tensor.dataSync(), tensor.shape)}`;
}
