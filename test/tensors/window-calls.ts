import fc from "fast-check";
import { type Call, executed, floats, integers, length, T, text, whole } from "./operation-call.ts";

const image = fc.record({
  shape: fc.tuple(length, fc.integer({ min: 4, max: 7 }), fc.integer({ min: 4, max: 7 }), length),
  window: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.integer({ min: 1, max: 2 }),
  channels: length,
  padding: fc.constantFrom("SAME", "VALID"),
});
type Image = typeof image extends fc.Arbitrary<infer V> ? V : never;
const onImage = ({ stride, padding }: Image) => [
  T,
  whole("strides", [1, stride, stride, 1]),
  text("padding", padding),
  text("data_format", "NHWC"),
];
const pooling = (one: Image) => [...onImage(one), whole("ksize", [1, ...one.window, 1])];
const filter = ({ window, shape, channels }: Image) => [...window, shape[3], channels];
/** The type of an operation's result on an image and a filter. */
const resultShape = (operation: string, call: Call) => executed(operation, call)![0]!.shape;
const convolution = (one: Image): Call => ({
  inputs: [floats(one.shape), floats(filter(one))],
  attributes: onImage(one),
});
const pooled = (one: Image): Call => ({ inputs: [floats(one.shape)], attributes: pooling(one) });
const resized = fc.tuple(image, length, length).map(
  ([{ shape }, height, width]): Call => ({
    inputs: [floats(shape), integers([height, width])],
    attributes: [T],
  }),
);

/** Calls of operations on images. */
export const windowCalls: Record<string, fc.Arbitrary<Call>> = {
  LRN: image.map(({ shape }) => ({ inputs: [floats(shape)], attributes: [T] })),
  "Conv2D DepthwiseConv2dNative": image.map(convolution),
  "AvgPool MaxPool": image.map(pooled),
  MaxPoolGrad: image.map((one) => {
    const shape = resultShape("MaxPool", pooled(one));
    return { inputs: [floats(one.shape), floats(shape), floats(shape)], attributes: pooling(one) };
  }),
  AvgPoolGrad: image.map((one) => ({
    inputs: [integers(one.shape), floats(resultShape("AvgPool", pooled(one)))],
    attributes: pooling(one),
  })),
  ...Object.fromEntries(
    [
      ["Conv2D", "Conv2DBackprop"],
      ["DepthwiseConv2dNative", "DepthwiseConv2dNativeBackprop"],
    ].flatMap(([forward, backward]) => {
      const gradient = (one: Image) => floats(resultShape(forward!, convolution(one)));
      return [
        [
          `${backward}Input`,
          image.map((one) => ({
            inputs: [integers(one.shape), floats(filter(one)), gradient(one)],
            attributes: onImage(one),
          })),
        ],
        [
          `${backward}Filter`,
          image.map((one) => ({
            inputs: [floats(one.shape), integers(filter(one)), gradient(one)],
            attributes: onImage(one),
          })),
        ],
      ];
    }),
  ),
  "ResizeBilinear ResizeNearestNeighbor": resized,
};
