import fc from "fast-check";
import { dataType } from "../../src/tensors/graph-def.ts";
import {
  type Call,
  floats,
  indices,
  integer,
  integers,
  length,
  shapeAndAxis,
  shapeOf,
  T,
  typed,
  whole,
} from "./operation-call.ts";

const { float32, int32 } = dataType;

/** Calls of operations on parts of tensors, some of which TensorFlow refuses. */
export const sliceCalls: Record<string, fc.Arbitrary<Call>> = {
  Split: fc.tuple(shapeAndAxis(), length).map(([[shape, axis], count]) => ({
    inputs: [integer(axis), floats(shape)],
    attributes: [T, whole("num_split", count)],
    count,
  })),
  SplitV: fc
    .tuple(shapeAndAxis(), fc.nat(4), fc.integer({ min: 0, max: 2 }))
    .map(([[shape, axis], first, kind]) => {
      const rest = shape.at(axis)! - first;
      const lengths = [first, [rest, -1, 1][kind]!];
      return {
        inputs: [floats(shape), integers(lengths), integer(axis)],
        attributes: [T, whole("num_split", 2), typed("Tlen", int32)],
        count: 2,
      };
    }),
  Slice: shapeOf(1).chain((shape) =>
    fc
      .tuple(...shape.map((one) => fc.tuple(fc.nat(one), fc.integer({ min: -1, max: one }))))
      .map((spans) => ({
        inputs: [
          floats(shape),
          integers(spans.map(([from]) => from)),
          integers(spans.map(([, span]) => span)),
        ],
        attributes: [T, typed("Index", int32)],
      })),
  ),
  StridedSlice: fc
    .record({
      shape: shapeOf(2),
      spans: fc.array(
        fc.tuple(
          fc.integer({ min: -5, max: 5 }),
          fc.integer({ min: -5, max: 5 }),
          fc.constantFrom(1, 2, -1, -2),
        ),
        { minLength: 1, maxLength: 3 },
      ),
      masks: fc.tuple(
        fc.nat(7),
        fc.nat(7),
        fc.constantFrom(0, 1, 2),
        fc.constantFrom(0, 1, 4),
        fc.constantFrom(0, 2, 3),
      ),
    })
    .map(({ shape, spans, masks: [begin, end, ellipsis, added, shrink] }) => ({
      // An element that is taken alone must exist.
      inputs: [
        floats(shape),
        integers(spans.map(([from], index) => (shrink & (1 << index) ? 0 : from))),
        integers(spans.map(([, to], index) => (shrink & (1 << index) ? 1 : to))),
        integers(spans.map(([, , stride], index) => (shrink & (1 << index) ? 1 : stride))),
      ],
      attributes: [
        T,
        typed("Index", int32),
        whole("begin_mask", begin),
        whole("end_mask", end),
        whole("ellipsis_mask", ellipsis),
        whole("new_axis_mask", added),
        whole("shrink_axis_mask", shrink),
      ],
    })),
  GatherV2: fc
    .tuple(shapeAndAxis(), shapeOf(0, 2), fc.integer({ min: 0, max: 2 }))
    .map(([[shape, axis], own, batch]) => ({
      inputs: [floats(shape), indices([...shape.slice(0, batch), ...own]), integer(axis)],
      attributes: [
        typed("Tparams", float32),
        typed("Tindices", int32),
        typed("Taxis", int32),
        whole("batch_dims", batch),
      ],
    })),
  GatherNd: fc.tuple(shapeOf(1), shapeOf(1, 3)).map(([shape, of]) => ({
    inputs: [floats(shape), indices(of)],
    attributes: [typed("Tparams", float32), typed("Tindices", int32)],
  })),
  ScatterNd: fc.tuple(shapeOf(1), length).map(([shape, rows]) => ({
    inputs: [indices([rows, 1]), floats([rows, ...shape.slice(1)]), integers(shape)],
    attributes: [T, typed("Tindices", int32)],
  })),
  UnsortedSegmentSum: fc
    .tuple(shapeOf(1), fc.integer({ min: 1, max: 3 }), length)
    .map(([shape, rank, segments]) => ({
      inputs: [floats(shape), indices(shape.slice(0, rank)), integer(segments)],
      attributes: [T, typed("Tindices", int32), typed("Tnumsegments", int32)],
    })),
};
