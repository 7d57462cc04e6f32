import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import { toBundle } from "../../../kernel/display/bundle.ts";
import { html, latex, markdown, svg } from "../../../kernel/display/helpers.ts";

test("values in templates are escaped, except those that a template has made", () => {
  const rows = ["<1>", "2"].map((text) => html`<li>${text}</li>`);
  expect(toBundle(html`<ul title="${'"'}">${rows}</ul>`)).toMatchObject({
    "text/html": '<ul title="&quot;"><li>&lt;1&gt;</li><li>2</li></ul>',
  });
  expect(toBundle(html`${svg("<svg></svg>")}`)).toMatchObject({ "text/html": "<svg></svg>" });
  expect(toBundle(svg`<svg>${"<g>"}</svg>`)).toEqual({
    "image/svg+xml": "<svg>&lt;g&gt;</svg>",
    "text/plain": "Figure",
  });
  expect(toBundle(markdown`**${"*a*"}** ${html`<b>`}`)).toMatchObject({
    "text/markdown": expect.stringMatching(/^\*\*\\\*a\\\*\*\* \\\[object/),
  });
});

test("a formula is LaTeX with delimiters", () => {
  expect(toBundle(latex`\frac{1}{${2}}`)).toEqual({
    "text/latex": "$$\\frac{1}{2}$$",
    "text/plain": "\\frac{1}{2}",
  });
  expect(toBundle(latex("so $x$"))).toEqual({ "text/latex": "so $x$", "text/plain": "so $x$" });
  expect(toBundle({ toLatex: () => "x^2" })).toMatchObject({ "text/latex": "$$x^2$$" });
  expect(toBundle({ _repr_latex_: () => "$x$" })).toMatchObject({ "text/latex": "$x$" });
});

test("a fulfilled promise is shown by its value, another by its state", async () => {
  expect(await toBundle(Promise.resolve(html("<b>1</b>")))).toMatchObject({ "text/html": "<b>1</b>" });
  expect(toBundle(new Promise(() => {}))).toEqual({ "text/plain": "Promise { <pending> }" });
  const rejected = Promise.reject(new Error("no"));
  rejected.catch(() => {});
  expect(toBundle(rejected)).toMatchObject({ "text/plain": expect.stringMatching(/<rejected> Error: no/) });
});

test("the ids that async hooks give to promises are not shown", () => {
  new AsyncLocalStorage<number>().run(7, () => {
    expect(toBundle(new Promise(() => {}))).toEqual({ "text/plain": "Promise { <pending> }" });
    const nested = { one: Promise.resolve({ a: 1 }), other: [Promise.resolve("x")] };
    const { "text/plain": text } = toBundle(nested) as Record<string, string>;
    expect(text).not.toContain("Symbol(");
    expect(text).toContain("Promise { { a: 1 } }");
  });
});
