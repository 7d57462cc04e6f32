import { describe, expect, test } from "vitest";
import { toBundle } from "../../kernel/display/bundle.ts";
import { nested } from "../../kernel/display/tensor.ts";
import { cut } from "../../kernel/display/text.ts";

const tensor = (shape: number[], values: unknown[], more: object = {}) => ({
  shape,
  dtype: "float32",
  size: values.length,
  dataSync: () => values,
  ...more,
});

describe("tensors", () => {
  test("show type, shape and values", () => {
    expect(toBundle(tensor([2, 2], [1, 2.5, 1 / 3, 4]))).toEqual({
      "text/plain": "Tensor float32 [2, 2]\n[[1, 2.5],\n [0.33333, 4]]",
    });
    expect(toBundle(tensor([], [7]))).toEqual({ "text/plain": "Tensor float32 []\n7" });
  });

  test("long dimensions are shortened, each", () => {
    const values = Array.from({ length: 64 }, (_, index) => index);
    expect(nested(values, [8, 8]).split("\n")).toEqual([
      "[[0, 1, 2, …, 5, 6, 7],",
      " [8, 9, 10, …, 13, 14, 15],",
      " [16, 17, 18, …, 21, 22, 23],",
      " …,",
      " [40, 41, 42, …, 45, 46, 47],",
      " [48, 49, 50, …, 53, 54, 55],",
      " [56, 57, 58, …, 61, 62, 63]]",
    ]);
  });

  test("neither a disposed nor a huge one is read", () => {
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
});

describe("charts", () => {
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    title: "Points",
    data: { values: [{ x: 1 }] },
    mark: "point",
    encoding: { x: { field: "x", type: "quantitative" } },
  };

  test("a specification is interactive, drawn, and described", async () => {
    const bundle = await toBundle(spec);
    expect(Object.keys(bundle)).toEqual(["application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"]);
    expect(bundle["application/vnd.vegalite.v5+json"]).toBe(spec);
    expect(bundle["image/svg+xml"]).toMatch(/^<svg/);
    expect(bundle["text/plain"]).toBe("Points");
  });

  test("one that cannot be drawn is still interactive", async () => {
    expect(Object.keys(await toBundle({ ...spec, mark: "nonsense" }))).toEqual([
      "application/vnd.vegalite.v5+json",
      "text/plain",
    ]);
  });

  test("a view of Vega is drawn as it is", async () => {
    const view = { toSVG: async () => "<svg/>", runAsync: async () => {} };
    expect(await toBundle(view)).toEqual({ "image/svg+xml": "<svg/>", "text/plain": "Chart" });
  });
});

test("what is too long is cut, and says so", () => {
  expect(cut("abcdef", 6)).toBe("abcdef");
  expect(cut("abcdefg", 6)).toBe("abcdef\n… 1 more characters are not shown.");
  const text = (toBundle("x".repeat(60_000)) as never)["text/plain"] as string;
  expect(text.length).toBeLessThan(51_000);
});
