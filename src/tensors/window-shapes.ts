import { dataType } from "./graph-def.ts";
import { attribute, byName, inputAt, output, type ShapeCall, type ShapeFunction } from "./tensor-type.ts";

/* The shapes of convolutions, pools and other operations on images [batch, height, width, channels]. */

/** The height and width that windows of `sizes` take, or undefined for other layouts and paddings. */
function windows(call: ShapeCall, sizes: readonly (number | undefined)[]): number[] | undefined {
  const { shape } = inputAt(call, 0);
  const padding = attribute<string>(call, "padding", "");
  const isCovered = shape.length === 4 && ["SAME", "VALID"].includes(padding);
  if (!isCovered || attribute(call, "data_format", "NHWC") !== "NHWC") return undefined;
  const strides = attribute(call, "strides", [1, 1, 1, 1]);
  const dilations = attribute(call, "dilations", [1, 1, 1, 1]);
  const result = [1, 2].map((axis) => {
    const span = padding === "SAME" ? 1 : ((sizes[axis - 1] ?? NaN) - 1) * (dilations[axis] ?? 1) + 1;
    return Math.ceil((shape[axis]! - span + 1) / (strides[axis] ?? 1));
  });
  return result.every((length) => length > 0) ? result : undefined;
}

const convolution: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const [height, width, depth, channels] = inputAt(call, 1).shape;
  const size = windows(call, [height, width]);
  if (size === undefined || channels === undefined || depth !== shape[3]) return undefined;
  return output(dtype, [shape[0]!, ...size, channels]);
};

/** One filter bank for each channel. */
const depthwise: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const [height, width, depth, multiplier] = inputAt(call, 1).shape;
  const size = windows(call, [height, width]);
  if (size === undefined || multiplier === undefined || depth !== shape[3]) return undefined;
  return output(dtype, [shape[0]!, ...size, depth! * multiplier]);
};

const pool: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const [, height, width] = attribute<number[]>(call, "ksize", []);
  const size = windows(call, [height, width]);
  return size && output(dtype, [shape[0]!, ...size, shape[3]!]);
};

/** A gradient whose shape is in input 0, in input 1, or is that of input 0. */
const shapeInFirst: ShapeFunction = (call) => output(inputAt(call, 1).dtype, call.values(0));
const shapeInSecond: ShapeFunction = (call) => output(inputAt(call, 0).dtype, call.values(1));
const likeFirst: ShapeFunction = (call) => [inputAt(call, 0)];

/** Images of another size, as float32 or of the same dtype. */
function resized(call: ShapeCall, dtype: number) {
  const { shape } = inputAt(call, 0);
  return shape.length === 4 ? output(dtype, [shape[0]!, ...call.values(1), shape[3]!]) : undefined;
}

/** The shape functions of these operations. */
export const windowShapes: readonly [string, ShapeFunction][] = byName({
  Conv2D: convolution,
  DepthwiseConv2dNative: depthwise,
  "AvgPool MaxPool": pool,
  "AvgPoolGrad Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput": shapeInFirst,
  "Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter": shapeInSecond,
  MaxPoolGrad: likeFirst,
  ResizeBilinear: (call) => resized(call, dataType.float32),
  ResizeNearestNeighbor: (call) => resized(call, inputAt(call, 0).dtype),
});
