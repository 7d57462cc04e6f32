import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml, escapeMarkdown, unescapeHtml } from "../../../kernel/display/escape.ts";

test("unescapeHtml is the inverse of escapeHtml, whose result contains no markup", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(unescapeHtml(escapeHtml(text))).toBe(text);
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
    { examples: [["&lt;"], ['<a href="x">\'&']] },
  );
});

test("escapeHtml shows controls of direction and of terminals", () => {
  expect(escapeHtml("<\u202e\u001b]0;t\u0007>\n")).toBe("&lt;\\u202e\\x1b]0;t\\x07&gt;\n");
});

test("escapeMarkdown escapes markup, links and mathematics, keeps one line, and leaves other text as it is", () => {
  expect(escapeMarkdown("*a* [b](c) <d> `e` f_g | $h$ \\(i\\)")).toBe(
    "\\*a\\* \\[b\\](c) \\<d\\> \\`e\\` f\\_g &#124; <span>&#36;</span>h<span>&#36;</span> " +
      "<span>&#92;</span>(i<span>&#92;</span>)",
  );
  expect(escapeMarkdown("https://a.b www.a.b c@d.e")).toBe("https\\://a.b www\\.a.b c\\@d.e");
  expect(escapeMarkdown(" # a\n- b\r\n\n1. c\u202e")).toBe("\\# a - b 1. c<span>&#92;</span>u202e");
  expect([..."-+:="].map((mark) => escapeMarkdown(`${mark} a`))).toEqual(
    [..."-+:="].map((mark) => `\\${mark} a`),
  );
  expect(escapeMarkdown("10. a")).toBe("10\\. a");
  const plain = "Online DPO (SFT), 2.21.0: +8.1 points, \u2212 5 %";
  expect(escapeMarkdown(plain)).toBe(plain);
});
