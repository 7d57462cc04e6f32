import {
  attribute,
  axisIndex,
  byName,
  inputAt,
  output,
  replaceAxis,
  type ShapeCall,
  type ShapeFunction,
} from "./tensor-type.ts";

/* The shapes of parts of tensors, of elements at indices, and of tensors made of such. */

/** Equal parts; input 0 is the axis. */
const split: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 1);
  const axis = axisIndex(call.values(0)[0], shape.length);
  const length = axis === undefined ? NaN : shape[axis]! / call.count;
  if (axis === undefined || !Number.isInteger(length)) return undefined;
  return Array.from({ length: call.count }, () => ({ dtype, shape: replaceAxis(shape, axis, [length]) }));
};

/** Parts of given lengths, one of which may be -1, the rest. */
const splitV: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const lengths = call.values(1);
  const axis = axisIndex(call.values(2)[0], shape.length);
  if (axis === undefined || lengths.filter((length) => length === -1).length > 1) return undefined;
  const rest = shape[axis]! - lengths.reduce((sum, length) => sum + Math.max(0, length), 0);
  if (rest < 0 || (rest > 0 && !lengths.includes(-1))) return undefined;
  return lengths.map((length) => ({
    dtype,
    shape: replaceAxis(shape, axis, [length === -1 ? rest : length]),
  }));
};

const slice: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const [begin, size] = [call.values(1), call.values(2)];
  if (begin.length !== shape.length || size.length !== shape.length) return undefined;
  const result = shape.map((length, axis) => (size[axis] === -1 ? length - begin[axis]! : size[axis]!));
  const fits = result.every(
    (length, axis) => begin[axis]! >= 0 && length >= 0 && begin[axis]! + length <= shape[axis]!,
  );
  return fits ? output(dtype, result) : undefined;
};

/** What a strided slice takes: a number of elements, one element whose axis goes, a new axis, or axes as they are. */
type Index = "shrink" | "new" | "ellipsis" | { begin?: number; end?: number; stride: number };

function stridedIndices(call: ShapeCall): Index[] {
  const [begin, end, strides] = [call.values(1), call.values(2), call.values(3)];
  const isMarked = (mask: string, index: number) => (attribute(call, mask, 0) & (1 << index)) !== 0;
  return strides.map((stride, index) => {
    if (isMarked("ellipsis_mask", index)) return "ellipsis";
    if (isMarked("new_axis_mask", index)) return "new";
    if (isMarked("shrink_axis_mask", index)) return "shrink";
    return {
      stride,
      ...(isMarked("begin_mask", index) ? {} : { begin: begin[index] }),
      ...(isMarked("end_mask", index) ? {} : { end: end[index] }),
    };
  });
}

/** The number of elements that an index takes of an axis of `length`. */
function taken({ begin, end, stride }: Exclude<Index, string>, length: number): number {
  const [low, high] = stride > 0 ? [0, length] : [-1, length - 1];
  const position = (at: number | undefined, otherwise: number) =>
    at === undefined ? otherwise : Math.min(high, Math.max(low, at < 0 ? at + length : at));
  const [from, to] =
    stride > 0 ? [position(begin, low), position(end, high)] : [position(begin, high), position(end, low)];
  return Math.max(0, Math.ceil((to - from) / stride));
}

const stridedSlice: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const indices = stridedIndices(call);
  const own = indices.filter((index) => index !== "new" && index !== "ellipsis").length;
  if (!indices.includes("ellipsis")) indices.push("ellipsis");
  if (own > shape.length || indices.filter((index) => index === "ellipsis").length > 1) return undefined;
  const result: number[] = [];
  let axis = 0;
  for (const index of indices) {
    if (index === "new") result.push(1);
    else if (index === "ellipsis") {
      result.push(...shape.slice(axis, axis + shape.length - own));
      axis += shape.length - own;
    } else {
      if (index !== "shrink") result.push(taken(index, shape[axis]!));
      axis += 1;
    }
  }
  return output(dtype, result);
};

/** Replaces an axis by the shape of the indices; the first `batch_dims` axes belong to both. */
const gather: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const indices = inputAt(call, 1).shape;
  const axis = axisIndex(call.values(2)[0], shape.length);
  const batch = axisIndex(attribute(call, "batch_dims", 0), indices.length + 1);
  if (axis === undefined || batch === undefined || batch > axis) return undefined;
  if (String(shape.slice(0, batch)) !== String(indices.slice(0, batch))) return undefined;
  return output(dtype, replaceAxis(shape, axis, indices.slice(batch)));
};

/** The last axis of the indices addresses the first axes of the tensor. */
const gatherNd: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const indices = inputAt(call, 1).shape;
  const depth = indices.at(-1);
  if (depth === undefined || depth > shape.length) return undefined;
  return output(dtype, [...indices.slice(0, -1), ...shape.slice(depth)]);
};

const scatterNd: ShapeFunction = (call) => output(inputAt(call, 1).dtype, call.values(2));

const segmentSum: ShapeFunction = (call) => {
  const { dtype, shape } = inputAt(call, 0);
  const ids = inputAt(call, 1).shape;
  if (String(shape.slice(0, ids.length)) !== String(ids)) return undefined;
  return output(dtype, [...call.values(2), ...shape.slice(ids.length)]);
};

/** The shape functions of these operations. */
export const sliceShapes: readonly [string, ShapeFunction][] = byName({
  Split: split,
  SplitV: splitV,
  Slice: slice,
  StridedSlice: stridedSlice,
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  UnsortedSegmentSum: segmentSum,
});
