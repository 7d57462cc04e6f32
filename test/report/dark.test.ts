import * as vega from "vega";
import * as vegaLite from "vega-lite";
import { expect, test } from "vitest";
import { chart } from "../../src/report/chart.ts";
import { trendChart } from "../../src/report/charts.ts";
import { inkOnDark, onDark } from "../../src/report/dark.ts";
import { display } from "../../src/report/display.ts";
import { arms } from "../../src/results/labels.ts";

/** The SVG that a viewer draws of a chart's Vega-Lite on its own background. */
async function drawnOn(background: string | undefined): Promise<string> {
  const points = [1, 2].map((x) => ({ series: arms.dpo, x, seed: 1, value: x }));
  const options = { title: "T", x: { title: "x", scale: "linear" }, y: { title: "y" } } as const;
  const bundle = await chart(trendChart(points, options))[display]();
  const spec = bundle["application/vnd.vegalite.v5+json"] as vegaLite.TopLevelSpec;
  const config = background === undefined ? {} : { background };
  return new vega.View(vega.parse(vegaLite.compile(spec, { config }).spec), { renderer: "none" }).toSVG();
}

test("a chart has dark colours on a dark background, and only there", async () => {
  for (const background of ["white", undefined, "#f5f5f5"]) {
    const svg = await drawnOn(background);
    expect(svg).toContain(`stroke="${arms.dpo.colour}"`);
    expect(svg).toContain(`fill="${arms.dpo.ink}"`);
    expect(svg).not.toContain(onDark(arms.dpo.colour));
  }
  const svg = await drawnOn("#333");
  expect(svg).toContain(`stroke="${onDark(arms.dpo.colour)}"`);
  expect(svg).toContain(`fill="${inkOnDark(arms.dpo.ink)}"`);
  expect(svg).not.toMatch(/#1c1c1c|#5a5a5a|#ffffff|#3a9bdc/);
});

test("black and white change places, and hues stay", () => {
  expect(onDark("#ffffff")).toBe("#171717");
  expect(onDark("#000000")).toBe("#e8e8e8");
  // Chromium 150 shows this for #b03a00 under invert(0.91) hue-rotate(180deg).
  expect(onDark("#b03a00")).toBe("#f79667");
});
