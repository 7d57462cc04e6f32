import * as vegaLite from "vega-lite";
import { expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { display } from "../../../src/report/display.ts";
import { cardWidth, NARROW, narrowLayoutOf, WIDE } from "../../../src/report/layout.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";
import type { Label } from "../../../src/results/labels.ts";

/* What the tests of all charts share. */

export const seeds = [21, 22, 23, 24, 25];

/** A value from 0 to 1 for the arm with index `a` on the seed with index `s`. */
export const valueAt = (a: number, s: number) => 0.3 + 0.03 * a + 0.02 * ((a * 7 + s * 3) % 5);

/** One row per arm and seed. */
export function rowsOf<R>(arms: readonly Label[], row: (arm: Label, seed: number, value: number) => R): R[] {
  return arms.flatMap((arm, a) => seeds.map((seed, s) => row(arm, seed, valueAt(a, s))));
}

export interface Layer {
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  readonly mark: { readonly type: string; readonly filled?: boolean };
}

/** The rows of the first layer that `is` accepts. Throws if there is none. */
export function valuesOf({ layer }: VegaLiteSpec, is: (layer: Layer) => boolean): Layer["data"]["values"] {
  const found = (layer as readonly Layer[]).find(is);
  if (found === undefined) throw new Error("The chart has no such layer.");
  return found.data.values;
}

export const isRing = ({ mark }: Layer) => mark.type === "point" && mark.filled === false;
export const isDot = ({ mark }: Layer) => mark.type === "point" && mark.filled === true;

/** Tests that `spec` is plain JSON that Vega-Lite compiles without warnings, and that the figure fits a column and a phone. */
export function testFigure(name: string, spec: VegaLiteSpec): void {
  test(`${name} is plain JSON that Vega-Lite compiles without warnings`, () => {
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    const warnings: string[] = [];
    const note = (...args: unknown[]) => {
      warnings.push(args.join(" "));
      return logger;
    };
    const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger };
    const narrow = narrowLayoutOf(spec);
    for (const one of [chart(spec).spec, ...(narrow ? [chart(narrow).spec] : [])]) {
      const compiled = vegaLite.compile(one as never, { logger: logger as never });
      expect(compiled.spec.marks?.length).toBeGreaterThan(0);
    }
    expect(warnings).toEqual([]);
  });

  test.each([
    ["wide", WIDE],
    ["narrow", NARROW],
  ])(`${name} fits the %s layout, in text that can be read`, async (kind, layout) => {
    const bundle = await chart(spec)[display]();
    const svg = String(bundle[`image/svg+xml;layout=${kind}`]);
    const [, width] = /viewBox="0 0 ([\d.]+)/.exec(svg) ?? [];
    expect(Number(width)).toBeLessThanOrEqual(cardWidth(layout) + 4);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(svg).toMatch(/<desc[^>]*>.{80,}<\/desc>/);
    for (const [, size] of svg.matchAll(/font-size="([\d.]+)px"/g))
      expect(Number(size)).toBeGreaterThanOrEqual(13);
  });
}
