import { expect, test } from "vitest";
import type { display } from "../../src/report/display.ts";
import { markdown, markdownTable } from "../../src/report/markdown.ts";

test("markdown is shown as formatted text, with the source as plain text", () => {
  const shown = markdown("**a**")[Symbol.for("Jupyter.display") as typeof display]();
  expect(shown).toEqual({ "text/markdown": "**a**", "text/plain": "**a**" });
});

test("a table aligns its columns and escapes bars", () => {
  expect(markdownTable(["a", "b"], [["x|y", "1"]], "right")).toBe("| a | b |\n| --- | ---: |\n| x\\|y | 1 |");
  expect(markdownTable(["a", "b"], [])).toBe("| a | b |\n| --- | --- |");
});
