import { expect, test } from "vitest";
import { escapeHtml as ofKernel } from "../../kernel/display/escape.ts";
import { display } from "../../src/report/display.ts";
import { escapeHtml, html } from "../../src/report/html.ts";

test("text is escaped as the kernel escapes it, also within an attribute", () => {
  for (const text of ['<b title="a&b">\'', "‮hidden", "plain"]) {
    expect(escapeHtml(text)).not.toMatch(/[<>"]/);
    const decoded = (escaped: string) => escaped.replaceAll("&#39;", "'").replaceAll("&#x27;", "'");
    expect(decoded(escapeHtml(text))).toBe(decoded(ofKernel(text)));
  }
});

test("HTML is shown with a text for viewers that have none", () => {
  expect(html("<p>a</p>", "a")[display]()).toEqual({ "text/html": "<p>a</p>", "text/plain": "a" });
});
