import fc from "fast-check";
import { dataType, type OperationAttribute } from "../../src/tensors/graph-def.ts";
import { nodeBackend } from "../../src/tensors/native-binding.ts";
import { shapeFunctions } from "../../src/tensors/operation-shapes.ts";
import type { ShapeCall, TensorType } from "../../src/tensors/tensor-type.ts";

/* Calls of TensorFlow's operations, and parts of which they are drawn. */

const { binding } = nodeBackend();
const { float32, int32, bool } = dataType;

/** An input; its elements are ones unless given. */
export interface Input extends TensorType {
  readonly elements?: readonly number[];
}

/** A call of an operation. */
export interface Call {
  readonly inputs: readonly Input[];
  readonly attributes?: readonly OperationAttribute[];
  readonly count?: number;
}

/** Attributes. */
export const typed = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
export const flag = (name: string, value: boolean) => ({ name, type: binding.TF_ATTR_BOOL, value });
export const whole = (name: string, value: number | number[]) => ({ name, type: binding.TF_ATTR_INT, value });
export const text = (name: string, value: string) => ({ name, type: binding.TF_ATTR_STRING, value });

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
/** Inputs. */
export const floats = (shape: readonly number[]): Input => ({ dtype: float32, shape });
export const integers = (elements: readonly number[]): Input => ({
  dtype: int32,
  shape: [elements.length],
  elements,
});
export const integer = (element: number): Input => ({ dtype: int32, shape: [], elements: [element] });
export const indices = (shape: readonly number[]): Input => ({
  dtype: int32,
  shape,
  elements: Array(size(shape)).fill(0),
});
/** The attribute T, float32. */
export const T = typed("T", float32);

/** What TensorFlow makes of a call: the types of its outputs, or undefined if it refuses. */
export function executed(
  operation: string,
  { inputs, attributes = [], count = 1 }: Call,
): TensorType[] | undefined {
  const ids = inputs.map((input) => binding.createTensor([...input.shape], input.dtype, data(input)));
  try {
    const results = binding.executeOp(operation, [...attributes], ids, count);
    for (const { id } of results) binding.deleteTensor(id);
    return results.map(({ dtype, shape }) => ({ dtype, shape }));
  } catch {
    return undefined;
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

function data({ dtype, shape, elements = Array(size(shape)).fill(1) }: Input) {
  if (dtype === float32) return Float32Array.from(elements);
  return dtype === bool ? Uint8Array.from(elements) : Int32Array.from(elements);
}

/** What the shape function makes of a call. */
export function inferred(operation: string, { inputs, attributes = [], count = 1 }: Call) {
  const values = (input: number) => Array.from(data(inputs[input]!));
  const call: ShapeCall = { inputs, attributes, count, values };
  return shapeFunctions
    .get(operation)?.(call)
    ?.map(({ dtype, shape }) => ({ dtype, shape }));
}

/** Lengths, shapes of a rank, and shapes some of whose axes may be empty. */
export const length = fc.integer({ min: 1, max: 4 });
export const shapeOf = (minLength: number, maxLength = 4) => fc.array(length, { minLength, maxLength });
export const anyShape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
/** A shape, and an axis of it or up to `beyond` outside. */
export const shapeAndAxis = (minimum = 1, beyond = 0) =>
  shapeOf(minimum).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length - beyond, max: shape.length - 1 + beyond })),
  );
/** Shapes of which most broadcast to each other, and a dtype. */
export const typeAndShapes = (count: number) =>
  fc.record({
    dtype: fc.constantFrom(float32, int32),
    shapes: shapeOf(0).chain((shape) =>
      fc.array(
        fc.oneof(
          fc.constant(shape),
          fc.nat(shape.length).map((from) => shape.slice(from)),
          fc.constant(shape.map((one, axis) => (axis % 2 === 0 ? 1 : one))),
          shapeOf(0),
        ),
        { minLength: count, maxLength: count },
      ),
    ),
  });
