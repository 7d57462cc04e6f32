import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml, unescapeHtml } from "../../../kernel/display/escape.ts";

test("unescapeHtml is the inverse of escapeHtml, whose result contains no markup", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(unescapeHtml(escapeHtml(text))).toBe(text);
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
    { examples: [["&lt;"], ['<a href="x">\'&']] },
  );
});
