import { expect, test } from "vitest";
import { html, markdown, plainText, svg, toBundle } from "../../../kernel/display/bundle.ts";
import { progressBundle } from "../../../kernel/display/progress.ts";
import { visibleText } from "../../../kernel/display/visible.mjs";

const display = Symbol.for("Jupyter.display");

test("a value's display method gives its bundle, directly or as a promise", async () => {
  const bundle = { "application/vnd.vegalite.v5+json": { mark: "bar" }, "image/svg+xml": "<svg/>" };
  expect(toBundle({ [display]: () => bundle })).toBe(bundle);
  expect(await toBundle({ [display]: async () => bundle })).toBe(bundle);
});

test("a display method that returns no bundle is rejected", async () => {
  expect(() => toBundle({ [display]: () => 5 })).toThrow(/Jupyter\.display.*returned 5.*MIME/);
  expect(() => toBundle({ [display]: () => ({ html: "<b>1</b>" }) })).toThrow(/MIME/);
  await expect(toBundle({ [display]: async () => null })).rejects.toThrow(/MIME/);
});

test("strings are shown as they are, other values as by util.inspect", () => {
  expect(toBundle("a 'b'")).toEqual({ "text/plain": "a 'b'" });
  expect(toBundle({ a: [1] })).toEqual({ "text/plain": "{ a: [ 1 ] }" });
  expect(toBundle(undefined)).toEqual({ "text/plain": "undefined" });
});

test("html, markdown and svg have a text alternative", () => {
  expect(toBundle(html("<p>1 &lt; 2</p><style>p {}</style>"))).toEqual({
    "text/html": "<p>1 &lt; 2</p><style>p {}</style>",
    "text/plain": "1 < 2",
  });
  expect(toBundle(markdown("*a*"))).toEqual({ "text/markdown": "*a*", "text/plain": "*a*" });
  expect(toBundle(svg("<svg/>", "a box"))).toEqual({ "image/svg+xml": "<svg/>", "text/plain": "a box" });
});

test("every value is shown with characters that are not seen as escapes", async () => {
  const post = "a\u001b]0;title\u0007 \u009b2J \u202eb\u2066 \u200f";
  const table = { columns: [post], index: [post], values: [[post]] };
  const tensor = { shape: [1], dtype: "string", size: 1, dataSync: () => [post] };
  const chart = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    title: post,
    data: { values: [{ name: post }] },
    mark: "point",
    encoding: { y: { field: "name", type: "nominal" } },
  };
  const view = { toSVG: async () => `<svg>${post}</svg>`, runAsync: async () => {} };
  const values = [post, { post }, [post], table, tensor, chart, view];
  const made = [html(post), markdown(post), svg(`<svg>${post}</svg>`, post)];
  for (const value of [...values, ...made]) {
    const bundle = await toBundle(value, { caption: post });
    for (const [mime, data] of Object.entries(bundle)) {
      if (typeof data !== "string") continue;
      expect(data, mime).toBe(visibleText(data));
      if (mime !== "text/plain" || !("image/svg+xml" in bundle)) expect(data, mime).toContain("\\u202e");
    }
    expect(Object.keys(bundle).length).toBeGreaterThan(0);
  }
  const bar = progressBundle({ title: post, done: 1, total: 2, elapsed: 0, note: post });
  for (const text of Object.values(bar)) expect(text).toBe(visibleText(String(text)));
});

test("outside Jupyter the text of any bundle is shown so that it cannot command a terminal", () => {
  expect(plainText({ "text/plain": "a\u001b[2J\n" })).toBe("a\\x1b[2J\n");
  expect(plainText({ "image/\u001b[2J": "" })).toBe("[image/\\x1b[2J]");
});
