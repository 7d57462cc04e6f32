import { expect, test } from "vitest";
import { html, markdown, svg, toBundle } from "../../../kernel/display/bundle.ts";

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
