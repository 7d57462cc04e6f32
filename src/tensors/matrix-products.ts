import { tf } from "./backend.ts";
import { dataType } from "./graph-def.ts";
import { nodeBackend, type TensorInfo, tensorId } from "./native-binding.ts";

/**
 * How the factors of a network's matrix products are rounded, best first. Weights, gradients, optimiser and all other
 * operations are float32. TF32 keeps 11 significant bits, bfloat16 8, of the product too.
 */
export const precisions = ["float32", "tf32", "bfloat16"] as const;

/** One of `precisions`. */
export type Precision = (typeof precisions)[number];

/** What ALLROADS_MATRIX_PRODUCTS asks for, default "float32". Throws if that is not one of `precisions`. */
export function matrixProductPrecision(): Precision {
  const requested = process.env.ALLROADS_MATRIX_PRODUCTS ?? "float32";
  const found = precisions.find((one) => one === requested);
  if (found !== undefined) return found;
  throw new Error(`ALLROADS_MATRIX_PRODUCTS is "${requested}": set it to one of ${precisions.join(", ")}.`);
}

/**
 * `tf.matMul` of float32 matrices, or of equally many on each side, whose factors, also those of its gradient, have the
 * precision that ALLROADS_MATRIX_PRODUCTS asks for.
 */
export function matMul<T extends tf.Tensor>(
  left: T,
  right: T,
  transposeLeft = false,
  transposeRight = false,
): T {
  const precision = matrixProductPrecision();
  if (precision === "float32") return tf.matMul(left, right, transposeLeft, transposeRight);
  const multiply = precision === "bfloat16" ? bfloat16Product : tf32Product;
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const [a, b] = args as [tf.Tensor, tf.Tensor];
    save([a, b]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, y] = saved as [tf.Tensor, tf.Tensor];
      return [
        transposeLeft ? multiply(y, dy, transposeRight, true) : multiply(dy, y, false, !transposeRight),
        transposeRight ? multiply(dy, x, true, transposeLeft) : multiply(x, dy, !transposeLeft, false),
      ];
    };
    return { value: multiply(a, b, transposeLeft, transposeRight), gradFunc };
  });
  return op(left, right) as T;
}

/** A product of factors that are rounded to bfloat16, itself rounded to bfloat16. tfjs has no tensors of that dtype. */
function bfloat16Product(
  left: tf.Tensor,
  right: tf.Tensor,
  transposeLeft: boolean,
  transposeRight: boolean,
): tf.Tensor {
  const backend = nodeBackend();
  const { binding } = backend;
  const run = (
    operation: string,
    types: Record<string, number>,
    flags: Record<string, boolean>,
    ids: number[],
  ) => {
    const attributes = [
      ...Object.entries(types).map(([name, value]) => ({ name, type: binding.TF_ATTR_TYPE, value })),
      ...Object.entries(flags).map(([name, value]) => ({ name, type: binding.TF_ATTR_BOOL, value })),
    ];
    return binding.executeOp(operation, attributes, ids, 1)[0]!;
  };
  const cast = (id: number, SrcT: number, DstT: number): TensorInfo =>
    run("Cast", { SrcT, DstT }, { Truncate: false }, [id]);
  const { float32, bfloat16 } = dataType;
  const factors = [left, right].map((factor) => cast(tensorId(factor), float32, bfloat16));
  const ids = factors.map(({ id }) => id);
  const flags = { adj_x: transposeLeft, adj_y: transposeRight };
  const product = run("BatchMatMulV2", { T: bfloat16 }, flags, ids);
  const result = cast(product.id, bfloat16, float32);
  // Abstract tensors, whose ids are negative, exist until the trace ends.
  for (const { id } of [...factors, product]) if (id >= 0) binding.deleteTensor(id);
  return backend.createOutputTensor(result);
}

/** A product of factors rounded to TF32. A card rounds them itself; elsewhere they are rounded before, which takes time. */
function tf32Product(
  left: tf.Tensor,
  right: tf.Tensor,
  transposeLeft: boolean,
  transposeRight: boolean,
): tf.Tensor {
  const factor = nodeBackend().isUsingGpuDevice ? (tensor: tf.Tensor) => tensor : roundedToTf32;
  return tf.matMul(factor(left), factor(right), transposeLeft, transposeRight);
}

/** Rounds to 11 significant bits by Veltkamp's splitting (Dekker, Numerische Mathematik 18, 1971). */
function roundedToTf32(x: tf.Tensor): tf.Tensor {
  const scaled = tf.mul(x, 2 ** 13 + 1);
  return tf.sub(scaled, tf.sub(scaled, x));
}
