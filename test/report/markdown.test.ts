import { expect, test } from "vitest";
import { display } from "../../src/report/display.ts";
import { markdown, markdownTable } from "../../src/report/markdown.ts";

test("markdown is shown as formatted text, with the source as plain text", () => {
  expect(markdown("**a**")[display]()).toEqual({ "text/markdown": "**a**", "text/plain": "**a**" });
});

test("a table aligns its columns and escapes bars", () => {
  expect(markdownTable(["a", "b"], [["x|y", "1"]], "right")).toBe("| a | b |\n| --- | ---: |\n| x\\|y | 1 |");
  expect(markdownTable(["a", "b"], [])).toBe("| a | b |\n| --- | --- |");
});
