/*
 * The output names of TensorFlow's operations, from its operation registry. Within a function, and only there, nodes
 * refer to an output of another node by name. An output that is a list of tensors, like Split's, has one name.
 */

const ONE_OUTPUT: Readonly<Record<string, string>> = {
  y:
    "Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil ComplexAbs Cos Cosh Erf Exp Expm1 Floor IsFinite IsInf IsNan " +
    "InplaceUpdate Log Log1p LogicalNot Neg OnesLike Reciprocal Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh Transpose ZerosLike",
  z:
    "Add AddV2 Atan2 BitwiseAnd Div DivNoNan Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual LogicalAnd " +
    "LogicalOr Maximum Minimum Mod Mul NotEqual Pow RealDiv SquaredDifference Sub",
  activations: "Elu LeakyRelu Relu Relu6 Selu Softplus",
  backprops: "EluGrad",
  out: "Complex Cumprod Cumsum",
  resized_images: "ResizeBilinear ResizeNearestNeighbor",
  logsoftmax: "LogSoftmax",
  product: "MatMul",
  softmax: "Softmax",
  sum: "AddN",
  dense: "SparseToDense",
  bins: "Bincount",
  crops: "CropAndResize",
  r0: "BroadcastArgs",
  band: "MatrixBandPart",
  in_backprop: "Dilation2DBackpropInput",
  filter_backprop: "Dilation2DBackpropFilter",
};

const SEVERAL_OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  TopKV2: ["values", "indices"],
  FusedBatchNorm: ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"],
  MaxPoolWithArgmax: ["output", "argmax"],
};

const names = new Map(
  Object.entries(ONE_OUTPUT).flatMap(([name, operations]) =>
    operations.split(" ").map((operation) => [operation, name] as const),
  ),
);

/** The reference within a function to output `slot` of the node `name`, which runs `operation`. */
export function outputReference(operation: string, name: string, slot: number): string {
  const several = SEVERAL_OUTPUTS[operation];
  if (several !== undefined) return `${name}:${several[slot]}:0`;
  return `${name}:${names.get(operation) ?? "output"}:${slot}`;
}
