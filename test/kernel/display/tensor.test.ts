import { expect, test } from "vitest";
import { toBundle } from "../../../kernel/display/bundle.ts";
import { formatValues } from "../../../kernel/display/tensor.ts";

const tensor = (shape: number[], values: unknown[], more: object = {}) => ({
  shape,
  dtype: "float32",
  size: values.length,
  dataSync: () => values,
  ...more,
});

test("a tensor is shown with its dtype, shape and values", () => {
  expect(toBundle(tensor([2, 2], [1, 2.5, 1 / 3, 4]))).toEqual({
    "text/plain": "Tensor float32 [2, 2]\n[[1, 2.5],\n [0.33333, 4]]",
  });
  expect(toBundle(tensor([], [7]))).toEqual({ "text/plain": "Tensor float32 []\n7" });
});

test("every long dimension is shortened", () => {
  const values = Array.from({ length: 64 }, (_, index) => index);
  expect(formatValues(values, [8, 8]).split("\n")).toEqual([
    "[[0, 1, 2, …, 5, 6, 7],",
    " [8, 9, 10, …, 13, 14, 15],",
    " [16, 17, 18, …, 21, 22, 23],",
    " …,",
    " [40, 41, 42, …, 45, 46, 47],",
    " [48, 49, 50, …, 53, 54, 55],",
    " [56, 57, 58, …, 61, 62, 63]]",
  ]);
});

test("a disposed or very large tensor is not read", () => {
  const unread = {
    dataSync: () => {
      throw new Error("was read");
    },
  };
  const text = (more: object) =>
    (toBundle(tensor([3], [1, 2, 3], { ...unread, ...more })) as never)["text/plain"];
  expect(text({ isDisposed: true })).toBe("Tensor float32 [3], disposed");
  expect(text({ size: 5_000_000, shape: [5_000_000] })).toBe("Tensor float32 [5000000], 5000000 values");
});
