import fc from "fast-check";
import { dataType, type OperationAttribute } from "../../src/tensors/graph-def.ts";
import {
  anyShape,
  type Call,
  flag,
  floats,
  type Input,
  indices,
  integer,
  integers,
  length,
  shapeAndAxis,
  shapeOf,
  T,
  typeAndShapes,
  typed,
  whole,
} from "./operation-call.ts";

const { float32, int32, bool } = dataType;

const unary = anyShape.map((shape): Call => ({ inputs: [floats(shape)], attributes: [T] }));
const untyped = anyShape.map((shape): Call => ({ inputs: [floats(shape)] }));
const booleans = anyShape.map((shape): Call => ({ inputs: [{ dtype: bool, shape }] }));
const binary = typeAndShapes(2).map(
  ({ dtype, shapes }): Call => ({
    inputs: shapes.map((shape) => ({ dtype, shape })),
    attributes: [typed("T", dtype)],
  }),
);
const floatBinary = typeAndShapes(2).map(
  ({ shapes }): Call => ({ inputs: shapes.map(floats), attributes: [T] }),
);
const logical = typeAndShapes(2).map(
  ({ shapes }): Call => ({ inputs: shapes.map((shape) => ({ dtype: bool, shape })) }),
);
const alongAxis = shapeAndAxis().map(
  ([shape, axis]): Call => ({
    inputs: [floats(shape), integer(axis)],
    attributes: [T, typed("Tidx", int32)],
  }),
);
const reduced = (dtype: number, attributes: OperationAttribute[]) =>
  fc
    .record({ shape: shapeOf(0), axes: fc.uniqueArray(fc.integer({ min: 0, max: 3 })), keep: fc.boolean() })
    .map(
      ({ shape, axes, keep }): Call => ({
        inputs: [
          { dtype, shape },
          integers(
            axes.filter((axis) => axis < shape.length).map((axis) => (keep ? axis : axis - shape.length)),
          ),
        ],
        attributes: [...attributes, typed("Tidx", int32), flag("keep_dims", keep)],
      }),
    );
const product = (left: string, right: string) =>
  fc
    .record({
      batch: left === "adj_x" ? typeAndShapes(2) : fc.constant({ shapes: [[], []] }),
      sides: fc.tuple(length, length, length, length),
      flips: fc.tuple(fc.boolean(), fc.boolean()),
      fits: fc.boolean(),
    })
    .map(({ batch, sides: [rows, inner, columns, other], flips, fits }): Call => {
      const sides = [
        [rows, inner],
        [fits ? inner : other, columns],
      ];
      return {
        inputs: sides.map((side, index) =>
          floats([...batch.shapes[index]!, ...(flips[index] ? side.reverse() : side)]),
        ),
        attributes: [T, flag(left, flips[0]), flag(right, flips[1])],
      };
    });
const paddings = shapeOf(1).chain((shape) =>
  fc
    .array(fc.nat(3), { minLength: 2 * shape.length, maxLength: 2 * shape.length })
    .map((widths): Input[] => [floats(shape), { dtype: int32, shape: [shape.length, 2], elements: widths }]),
);
const shapeAttributes = [T, typed("Tshape", int32)];

/** Calls of element-wise operations, reductions, products and changes of shape, some of which TensorFlow refuses. */
export const elementCalls: Record<string, fc.Arbitrary<Call>> = {
  "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Expm1 Floor Identity Log Log1p Neg": unary,
  "OnesLike Reciprocal Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh ZerosLike": unary,
  "Elu Relu Relu6 Selu Softplus IsFinite IsInf IsNan": unary,
  LeakyRelu: untyped,
  LogicalNot: booleans,
  "Softmax LogSoftmax": shapeOf(1).map((shape) => ({ inputs: [floats(shape)], attributes: [T] })),
  EluGrad: shapeOf(0).map((shape) => ({ inputs: [floats(shape), floats(shape)], attributes: [T] })),
  "Cumprod Cumsum": alongAxis,
  ReverseV2: shapeAndAxis().map(([shape, axis]) => ({
    inputs: [floats(shape), integers([axis])],
    attributes: [T, typed("Tidx", int32)],
  })),
  "Add AddV2 FloorDiv FloorMod Maximum Minimum Mul Pow SquaredDifference Sub": binary,
  "Div Greater GreaterEqual Less LessEqual": binary,
  "Atan2 DivNoNan Mod RealDiv": floatBinary,
  "Equal NotEqual": binary,
  "LogicalAnd LogicalOr": logical,
  Cast: fc.tuple(anyShape, fc.constantFrom(float32, int32, bool)).map(([shape, to]) => ({
    inputs: [floats(shape)],
    attributes: [typed("SrcT", float32), typed("DstT", to), flag("Truncate", false)],
  })),
  AddN: fc.tuple(shapeOf(0), shapeOf(0), length).map(([shape, other, count]) => ({
    inputs: [...Array.from({ length: count }, () => floats(shape)), ...(count === 4 ? [floats(other)] : [])],
    attributes: [T, whole("N", count === 4 ? 5 : count)],
  })),
  Select: fc.tuple(shapeOf(0), shapeOf(0), fc.integer({ min: 0, max: 3 })).map(([shape, other, kind]) => ({
    inputs: [
      { dtype: bool, shape: [shape, [], shape.slice(0, 1), other][kind]! },
      floats(shape),
      floats(kind === 3 ? other : shape),
    ],
    attributes: [T],
  })),
  SelectV2: typeAndShapes(3).map(({ shapes: [condition = [], one = [], other = []] }) => ({
    inputs: [{ dtype: bool, shape: condition }, floats(one), floats(other)],
    attributes: [T],
  })),
  "All Any": reduced(bool, []),
  "Max Mean Min Prod Sum": reduced(float32, [T]),
  "ArgMax ArgMin": fc.tuple(shapeAndAxis(), fc.boolean()).map(([[shape, axis], isTyped]) => ({
    inputs: [floats(shape), integer(axis)],
    attributes: [T, typed("Tidx", int32), ...(isTyped ? [typed("output_type", int32)] : [])],
  })),
  MatMul: product("transpose_a", "transpose_b"),
  BatchMatMulV2: product("adj_x", "adj_y"),
  Reshape: fc
    .tuple(shapeOf(0), fc.boolean(), fc.integer({ min: -1, max: 3 }), shapeOf(0))
    .map(([shape, isJoined, open, other]) => ({
      inputs: [
        floats(shape),
        integers(
          [...shape]
            .reverse()
            .map((one, index) => (index === open ? -1 : one))
            .concat(isJoined ? 1 : other),
        ),
      ],
      attributes: shapeAttributes,
    })),
  Transpose: shapeOf(0).chain((shape) =>
    fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }).map((order) => ({
      inputs: [floats(shape), integers(order)],
      attributes: [T, typed("Tperm", int32)],
    })),
  ),
  ExpandDims: shapeAndAxis(1, 2).map(([shape, axis]) => ({ inputs: [floats(shape), integer(axis)] })),
  Squeeze: shapeAndAxis().map(([shape, axis]) => ({
    inputs: [floats(shape)],
    attributes: [T, whole("squeeze_dims", shape.at(axis) === 2 ? [] : [axis])],
  })),
  ConcatV2: fc.tuple(shapeAndAxis(), length, fc.boolean()).map(([[shape, axis], other, fits]) => ({
    inputs: [
      floats(shape),
      floats(
        shape.map((one, index) => (index === (axis + shape.length) % shape.length ? other : fits ? one : 1)),
      ),
      integer(axis),
    ],
    attributes: [T, whole("N", 2), typed("Tidx", int32)],
  })),
  Pack: fc.tuple(shapeAndAxis(0, 1), length).map(([[shape, axis], count]) => ({
    inputs: Array.from({ length: count }, () => floats(shape)),
    attributes: [T, whole("N", count), whole("axis", axis)],
  })),
  Unpack: shapeAndAxis().map(([shape, axis]) => ({
    inputs: [floats(shape)],
    attributes: [T, whole("num", shape.at(axis)!), whole("axis", axis)],
    count: shape.at(axis)!,
  })),
  Tile: fc
    .tuple(shapeOf(1), fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }))
    .map(([shape, multiples]) => ({
      inputs: [floats(shape), integers(multiples.slice(0, shape.length))],
      attributes: [T, typed("Tmultiples", int32)],
    })),
  Pad: paddings.map((inputs) => ({ inputs, attributes: [T, typed("Tpaddings", int32)] })),
  PadV2: paddings.map((inputs) => ({
    inputs: [...inputs, floats([])],
    attributes: [T, typed("Tpaddings", int32)],
  })),
  Fill: anyShape.map((shape) => ({
    inputs: [integers(shape), floats([])],
    attributes: [T, typed("index_type", int32)],
  })),
  Empty: anyShape.map((shape) => ({
    inputs: [integers(shape)],
    attributes: [typed("dtype", float32), flag("init", true)],
  })),
  BroadcastTo: typeAndShapes(2).map(({ shapes: [from = [], to = []] }) => ({
    inputs: [floats(from), integers(to)],
    attributes: [T, typed("Tidx", int32)],
  })),
  Range: fc
    .record({
      start: fc.integer({ min: -9, max: 9 }),
      steps: fc.nat(40),
      step: fc.constantFrom(-3, -1, 1, 2, 7),
      scale: fc.constantFrom(1, 0.1, 0.3),
    })
    .map(({ start, steps, step, scale }) => {
      const dtype = scale === 1 ? int32 : float32;
      const scalar = (value: number): Input => ({ dtype, shape: [], elements: [value * scale] });
      return {
        inputs: [start, start + Math.sign(step) * steps, step].map(scalar),
        attributes: [typed("Tidx", dtype)],
      };
    }),
  LinSpace: length.map((count) => ({
    inputs: [floats([]), floats([]), integer(count)],
    attributes: [T, typed("Tidx", int32)],
  })),
  OneHot: fc.tuple(shapeAndAxis(0, 1), length).map(([[shape, axis], depth]) => ({
    inputs: [indices(shape), integer(depth), floats([]), floats([])],
    attributes: [T, typed("TI", int32), whole("axis", Math.max(axis, -1))],
  })),
  Diag: shapeOf(1, 2).map((shape) => ({ inputs: [floats(shape)], attributes: [T] })),
  TopKV2: fc.tuple(shapeOf(1), length).map(([shape, count]) => ({
    inputs: [floats(shape), integer(count)],
    attributes: [T, flag("sorted", true)],
    count: 2,
  })),
  InplaceUpdate: fc.tuple(shapeOf(1), length).map(([shape, rows]) => ({
    inputs: [floats(shape), indices([rows]), floats([rows, ...shape.slice(1)])],
    attributes: [T],
  })),
  TensorScatterUpdate: fc.tuple(shapeOf(1), length).map(([shape, rows]) => ({
    inputs: [floats(shape), indices([rows, 1]), floats([rows, ...shape.slice(1)])],
    attributes: [T, typed("Tindices", int32)],
  })),
};
