import { dataType } from "./graph-def.ts";
import { sliceShapes } from "./slice-shapes.ts";
import {
  attribute,
  axisIndex,
  broadcast,
  byName,
  inputAt,
  output,
  replaceAxis,
  type ShapeCall,
  type ShapeFunction,
  sameTypes,
  sizeOfShape,
} from "./tensor-type.ts";
import { windowShapes } from "./window-shapes.ts";

/*
 * The dtypes and shapes of the results of TensorFlow's operations, so that a trace need not run them. Operations that
 * are not listed run once during the trace.
 */

/** One output like the first input. */
const likeFirst: ShapeFunction = (call) => [inputAt(call, 0)];

const predicate: ShapeFunction = (call) => output(dataType.bool, inputAt(call, 0).shape);

const arithmetic: ShapeFunction = (call) =>
  sameTypes(call)
    ? output(inputAt(call, 0).dtype, broadcast(...call.inputs.map(({ shape }) => shape)))
    : undefined;

const comparison: ShapeFunction = (call) =>
  sameTypes(call) ? output(dataType.bool, broadcast(...call.inputs.map(({ shape }) => shape))) : undefined;

const cast: ShapeFunction = (call) => {
  const type = attribute(call, "DstT", 0);
  return type === 0 ? undefined : output(type, inputAt(call, 0).shape);
};

/** Sums tensors of one shape. */
const addN: ShapeFunction = (call) => {
  const first = inputAt(call, 0);
  const isAlike = call.inputs.every(({ shape }) => String(shape) === String(first.shape));
  return isAlike && sameTypes(call) ? [first] : undefined;
};

/** The condition has the operands' shape, or is a scalar or a vector of their first dimension. */
const select: ShapeFunction = (call) => {
  const [condition, chosen, other] = [inputAt(call, 0), inputAt(call, 1), inputAt(call, 2)];
  const fits = [chosen.shape, [], chosen.shape.slice(0, 1)].some(
    (one) => String(one) === String(condition.shape),
  );
  if (!fits || String(chosen.shape) !== String(other.shape) || !sameTypes(call, 1)) return undefined;
  return [chosen];
};

const selectV2: ShapeFunction = (call) =>
  sameTypes(call, 1)
    ? output(inputAt(call, 1).dtype, broadcast(...call.inputs.map(({ shape }) => shape)))
    : undefined;

/** The axes in input 1 as indices from 0, or undefined if one of them does not exist. */
function axes(call: ShapeCall, rank: number): Set<number> | undefined {
  const found = call.values(1).map((axis) => axisIndex(axis, rank));
  return found.includes(undefined) ? undefined : new Set(found as number[]);
}

function reducedShape(call: ShapeCall, keep: boolean): number[] | undefined {
  const { shape } = inputAt(call, 0);
  const reduced = axes(call, shape.length);
  return reduced && shape.flatMap((length, axis) => (!reduced.has(axis) ? [length] : keep ? [1] : []));
}

const reduction: ShapeFunction = (call) =>
  output(inputAt(call, 0).dtype, reducedShape(call, attribute(call, "keep_dims", false)));

const argument: ShapeFunction = (call) =>
  output(attribute<number>(call, "output_type", dataType.int64), reducedShape(call, false));

/** Products of matrices, for each element of the leading dimensions. */
function product(call: ShapeCall, transposeLeft: boolean, transposeRight: boolean) {
  const [left, right] = [inputAt(call, 0), inputAt(call, 1)];
  const [leftBatch, rightBatch] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
  const [rows, inner] = transposeLeft ? left.shape.slice(-2).reverse() : left.shape.slice(-2);
  const [other, columns] = transposeRight ? right.shape.slice(-2).reverse() : right.shape.slice(-2);
  const batch = broadcast(leftBatch, rightBatch);
  if (rows === undefined || columns === undefined || inner !== other || !batch || !sameTypes(call))
    return undefined;
  return output(left.dtype, [...batch, rows, columns]);
}

const matMul: ShapeFunction = (call) =>
  product(call, attribute(call, "transpose_a", false), attribute(call, "transpose_b", false));

const batchMatMul: ShapeFunction = (call) =>
  product(call, attribute(call, "adj_x", false), attribute(call, "adj_y", false));

const reshape: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const wanted = call.values(1);
  const known = sizeOfShape(wanted.filter((length) => length !== -1));
  const size = sizeOfShape(shape);
  const missing = known === 0 ? 0 : size / known;
  const result = wanted.map((length) => (length === -1 ? missing : length));
  const isValid = wanted.filter((length) => length === -1).length <= 1 && sizeOfShape(result) === size;
  return isValid && Number.isInteger(missing) ? output(dtype, result) : undefined;
};

const transpose: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const order = call.values(1);
  if ([...order].sort((a, b) => a - b).join() !== [...shape.keys()].join()) return undefined;
  return output(
    dtype,
    order.map((axis) => shape[axis]!),
  );
};

const expandDims: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const axis = axisIndex(call.values(1)[0], shape.length + 1);
  return axis === undefined ? undefined : output(dtype, [...shape.slice(0, axis), 1, ...shape.slice(axis)]);
};

const squeeze: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const listed = attribute<number[]>(call, "squeeze_dims", attribute<number[]>(call, "axis", []));
  const removed = new Set(listed.map((axis) => axisIndex(axis, shape.length)));
  if ([...removed].some((axis) => axis === undefined || shape[axis] !== 1)) return undefined;
  return output(
    dtype,
    shape.filter((length, axis) => (removed.size === 0 ? length !== 1 : !removed.has(axis))),
  );
};

/** Joins all inputs but the last, which is the axis. */
const concat: ShapeFunction = (call) => {
  const parts = call.inputs.slice(0, -1);
  const { dtype, shape } = inputAt(call, 0);
  const axis = axisIndex(call.values(call.inputs.length - 1)[0], shape.length);
  if (axis === undefined || !sameTypes(call, 0, parts.length)) return undefined;
  const rest = (of: readonly number[]) => String(replaceAxis(of, axis, [0]));
  if (parts.some((part) => part.shape.length !== shape.length || rest(part.shape) !== rest(shape)))
    return undefined;
  const length = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return output(dtype, replaceAxis(shape, axis, [length]));
};

const pack: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const axis = axisIndex(attribute(call, "axis", 0), shape.length + 1);
  const isAlike = call.inputs.every((one) => String(one.shape) === String(shape)) && sameTypes(call);
  if (axis === undefined || !isAlike) return undefined;
  return output(dtype, [...shape.slice(0, axis), call.inputs.length, ...shape.slice(axis)]);
};

const unpack: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const axis = axisIndex(attribute(call, "axis", 0), shape.length);
  if (axis === undefined || shape[axis] !== call.count) return undefined;
  return Array.from({ length: call.count }, () => ({ dtype, shape: replaceAxis(shape, axis, []) }));
};

const tile: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const multiples = call.values(1);
  if (multiples.length !== shape.length) return undefined;
  return output(
    dtype,
    shape.map((length, axis) => length * multiples[axis]!),
  );
};

const pad: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const widths = call.values(1);
  if (widths.length !== 2 * shape.length || widths.some((width) => width < 0)) return undefined;
  return output(
    dtype,
    shape.map((length, axis) => widths[2 * axis]! + length + widths[2 * axis + 1]!),
  );
};

const fill: ShapeFunction = (call) => output(inputAt(call, 1).dtype, call.values(0));

const empty: ShapeFunction = (call) =>
  output(attribute<number>(call, "dtype", dataType.float32), call.values(0));

const broadcastTo: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const wanted = call.values(1);
  return String(broadcast(shape, wanted)) === String(wanted) ? output(dtype, wanted) : undefined;
};

/** The number of steps of `step` from `start` to before `stop`; TensorFlow computes with the inputs' precision. */
const range: ShapeFunction = (call) => {
  const { dtype } = inputAt(call, 0);
  const [start = 0, stop = 0, step = 0] = [0, 1, 2].flatMap((input) => call.values(input));
  if (step === 0 || (stop - start) / step < 0 || !sameTypes(call)) return undefined;
  const steps =
    dtype === dataType.float32 ? Math.fround(Math.fround(stop - start) / step) : (stop - start) / step;
  return output(dtype, [Math.ceil(Math.abs(steps))]);
};

const linSpace: ShapeFunction = (call) => output(inputAt(call, 0).dtype, call.values(2));

const oneHot: ShapeFunction = (call) => {
  const { shape } = inputAt(call, 0);
  const axis = axisIndex(attribute(call, "axis", -1), shape.length + 1);
  if (axis === undefined) return undefined;
  return output(inputAt(call, 2).dtype, [...shape.slice(0, axis), ...call.values(1), ...shape.slice(axis)]);
};

const diagonal: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  return output(dtype, [...shape, ...shape]);
};

/** The k largest elements of the last axis, and their indices. */
const topK: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const length = shape.at(-1);
  const [count] = call.values(1);
  if (length === undefined || count === undefined || count > length) return undefined;
  const found = replaceAxis(shape, shape.length - 1, [count]);
  return [
    { dtype, shape: found },
    { dtype: dataType.int32, shape: found },
  ];
};

/** The shape function of each operation that has one. */
export const shapeFunctions: ReadonlyMap<string, ShapeFunction> = new Map([
  ...byName({
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Expm1 Floor Identity Log Log1p LogicalNot Neg":
      likeFirst,
    "OnesLike Reciprocal Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh ZerosLike": likeFirst,
    "Elu LeakyRelu Relu Relu6 Selu Softplus EluGrad Softmax LogSoftmax Cumprod Cumsum ReverseV2 LRN":
      likeFirst,
    "InplaceUpdate TensorScatterUpdate": likeFirst,
    "IsFinite IsInf IsNan": predicate,
    "Add AddV2 Atan2 Div DivNoNan FloorDiv FloorMod Maximum Minimum Mod Mul Pow RealDiv SquaredDifference Sub":
      arithmetic,
    "Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr NotEqual": comparison,
    Cast: cast,
    AddN: addN,
    Select: select,
    SelectV2: selectV2,
    "All Any Max Mean Min Prod Sum": reduction,
    "ArgMax ArgMin": argument,
    MatMul: matMul,
    BatchMatMulV2: batchMatMul,
    Reshape: reshape,
    Transpose: transpose,
    ExpandDims: expandDims,
    Squeeze: squeeze,
    ConcatV2: concat,
    Pack: pack,
    Unpack: unpack,
    Tile: tile,
    "Pad PadV2": pad,
    Fill: fill,
    Empty: empty,
    BroadcastTo: broadcastTo,
    Range: range,
    LinSpace: linSpace,
    OneHot: oneHot,
    Diag: diagonal,
    TopKV2: topK,
  }),
  ...sliceShapes,
  ...windowShapes,
]);
