import { expect, test } from "vitest";
import { toBundle } from "../../../kernel/display/bundle.ts";

const spec = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  title: "Points",
  data: { values: [{ x: 1 }] },
  mark: "point",
  encoding: { x: { field: "x", type: "quantitative" } },
};

test("a specification gives an interactive chart, an image and a text", async () => {
  const bundle = await toBundle(spec);
  expect(Object.keys(bundle)).toEqual(["application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"]);
  expect(bundle["application/vnd.vegalite.v5+json"]).toBe(spec);
  expect(bundle["image/svg+xml"]).toMatch(/^<svg/);
  expect(bundle["text/plain"]).toBe("Points");
});

test("an invalid specification has no image", async () => {
  expect(Object.keys(await toBundle({ ...spec, mark: "nonsense" }))).toEqual([
    "application/vnd.vegalite.v5+json",
    "text/plain",
  ]);
});

test("a Vega view gives an image", async () => {
  const view = { toSVG: async () => "<svg/>", runAsync: async () => {} };
  expect(await toBundle(view)).toEqual({ "image/svg+xml": "<svg/>", "text/plain": "Chart" });
});
