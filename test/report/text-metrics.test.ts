import * as vega from "vega";
import { afterEach, expect, test, vi } from "vitest";
import { chart } from "../../src/report/chart.ts";
import { withTextMetrics } from "../../src/report/text-metrics.ts";
import { textWidth } from "../../src/report/theme.ts";

const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: object, text: string) => number };
};
const vegaWidth = textMetrics.width;
afterEach(() => expect(textMetrics.width).toBe(vegaWidth));

const item = { fontSize: 13 };
const estimate = textWidth("WWWW", 13);

test("importing the report does not change Vega's text metrics", async () => {
  vi.resetModules();
  await import("../../src/report/chart.ts");
  expect(textMetrics.width).toBe(vegaWidth);
  expect(textMetrics.width(item, "WWWW")).not.toBe(estimate);
});

test("text widths are the theme's while a figure is rendered", async () => {
  expect(await withTextMetrics(async () => textMetrics.width(item, "WWWW"))).toBe(estimate);
});

test("Vega's text metrics are restored after a rendering fails", async () => {
  await expect(chart({ nonsense: true }).svg()).rejects.toThrow();
  expect(textMetrics.width).toBe(vegaWidth);
});

test("overlapping renderings keep the theme's widths until the last one ends", async () => {
  const ends: (() => void)[] = [];
  const rendering = () => withTextMetrics(() => new Promise<void>((resolve) => ends.push(resolve)));
  const running = [rendering(), rendering()];
  for (const [index, end] of ends.entries()) {
    expect(textMetrics.width(item, "WWWW")).toBe(estimate);
    end();
    await running[index];
  }
  expect(ends).toHaveLength(2);
  expect(textMetrics.width).toBe(vegaWidth);
});
