import { expect, test } from "vitest";
import { textWidth, themed, wrap } from "../../src/report/theme.ts";

test("a specification's own configuration takes precedence over the theme", () => {
  const { config } = themed({ config: { axis: { grid: true }, background: "#eee" } }) as {
    config: { background: string; axis: Record<string, unknown> };
  };
  expect(config.background).toBe("#eee");
  expect(config.axis).toMatchObject({ grid: true, domain: false });
});

test("text is broken at spaces into lines that fit, without losing words", () => {
  const text = "Dot and bar: mean and 95% interval. Rings: single seeds.";
  const lines = wrap(text, 150, 13);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join(" ")).toBe(text);
  for (const line of lines) expect(textWidth(line, 13)).toBeLessThanOrEqual(150);
  expect(textWidth("WWWW", 10)).toBeGreaterThan(textWidth("iiii", 10));
});
