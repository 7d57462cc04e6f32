import fc from "fast-check";
import { expect, test } from "vitest";
import { visibleLine, visibleText } from "../../src/files/visible-text.ts";

test("commands to a terminal and controls of direction are shown", () => {
  expect(visibleText("\u001b]0;title\u0007 \u009b2J \u202eexe.gnp\u2066")).toBe(
    "\\x1b]0;title\\x07 \\x9b2J \\u202eexe.gnp\\u2066",
  );
  expect(visibleText("tag \u{e0041}, half \ud800, mark \ufeff")).toBe(
    "tag \\u{e0041}, half \\ud800, mark \\ufeff",
  );
});

test("newlines and tabs stay, unless the text must stay on one line", () => {
  expect(visibleText("a\tb\nc\r\nd\re")).toBe("a\tb\nc\r\nd\\re");
  expect(visibleLine("a\tb\nc\r\nd\re")).toBe("a\\tb\\nc\\r\\nd\\re");
});

test("joiners stay in emoji and in scripts that are spelled with them, and are shown between Latin letters", () => {
  const spelled =
    "\u{1f469}\u200d\u{1f680} \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u0915\u094d\u200d\u0937";
  expect(visibleText(spelled)).toBe(spelled);
  expect(visibleText("tra\u200din\u200c \u200d")).toBe("tra\\u200din\\u200c \\u200d");
});

test("what is shown is all seen, and seen text stays as it is", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(..."\0\n\r\t\u001b\u009b\u200d\u200e\u202e"),
      fc.string({ unit: "binary" }),
    ),
  });
  fc.assert(
    fc.property(text, (given) => {
      const shown = visibleText(given);
      expect(visibleText(shown)).toBe(shown);
      expect(visibleLine(given)).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
  const seen =
    "Online DPO (SFT) \u2212 DPO: +8.1 [+5.6, +10.6], \u03c0 \u2264 1, \u2714 \u26a0\ufe0f \u05e9\u05dc\u05d5\u05dd \\ \\x1b";
  expect(visibleText(seen)).toBe(seen);
});
