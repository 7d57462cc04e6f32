import fc from "fast-check";
import { expect, test } from "vitest";
import * as kernel from "../../kernel/display/escape.ts";
import { display } from "../../src/report/display.ts";
import { escapeMarkdown, markdown, markdownTable } from "../../src/report/markdown.ts";

test("markdown is shown as formatted text, with the source as plain text", () => {
  expect(markdown("**a**")[display]()).toEqual({ "text/markdown": "**a**", "text/plain": "**a**" });
});

test("a table aligns its columns and escapes bars", () => {
  expect(markdownTable(["a", "b"], [["x|y", "1"]], "right")).toBe("| a | b |\n| --- | ---: |\n| x\\|y | 1 |");
  expect(markdownTable(["a", "b"], [])).toBe("| a | b |\n| --- | --- |");
});

test("text from data is shown as it is: no markup, links or mathematics, on one line", () => {
  expect(escapeMarkdown("*a* [b](c) <d> `e` | $f$ \\(g\\)\n# h \u202e")).toBe(
    "\\*a\\* \\[b\\](c) \\<d\\> \\`e\\` &#124; <span>&#36;</span>f<span>&#36;</span> " +
      "<span>&#92;</span>(g<span>&#92;</span>) \\# h <span>&#92;</span>u202e",
  );
  const plain = "Online DPO (SFT), 2.21.0: +8.1 points";
  expect(escapeMarkdown(plain)).toBe(plain);
});

test("escapes as the kernel does", () => {
  const character = fc.constantFrom(..."\\`*_{}[]<>&~#@|$:/.-+= \n1aw", "\u202e");
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      expect(escapeMarkdown(text)).toBe(kernel.escapeMarkdown(text));
    }),
  );
});

test("an escaped cell keeps its place in a table", () => {
  expect(markdownTable(["a"], [[escapeMarkdown("x|y")], ["two\nlines"]])).toBe(
    "| a |\n| --- |\n| x&#124;y |\n| two lines |",
  );
});

test("characters that are not seen are shown", () => {
  expect(markdown("a\u202e\n")[display]()).toEqual({
    "text/markdown": "a\\u202e\n",
    "text/plain": "a\\u202e\n",
  });
});
