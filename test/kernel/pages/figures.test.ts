import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeIndex } from "../../../kernel/headless/index-page.mjs";
import { chart } from "../../../src/report/chart.ts";
import { pairSliderChart, type TrendPoint, winRateChart } from "../../../src/report/charts.ts";
import { arms } from "../../../src/results/labels.ts";
import { browserFaults, whenDrawn } from "./browser-faults.mjs";
import { parseElements } from "./html-elements.mjs";
import { inChromium } from "./in-chromium.ts";
import { pageWidth, styleOf, textSizes } from "./measures.mjs";
import { barChart, code, text, writeNotebook } from "./notebooks.ts";
import { staticFaults } from "./static-faults.mjs";

/* Reports with charts in two layouts, sliders, captions, references to figures, and formulas. */

const folder = mkdtempSync(path.join(os.tmpdir(), "figures "));
afterAll(() => rmSync(folder, { recursive: true }));

const points: TrendPoint[] = [11, 12, 13].flatMap((seed) =>
  [1, 2, 5].flatMap((x) => [
    { series: arms.dpo, x, seed, value: 0.4 + x / 50 + seed / 200 },
    { series: arms.onlineSft, x, seed, value: 0.5 + x / 40 + (seed % 2) / 50 },
  ]),
);
const gap = pairSliderChart(points, {
  title: "The gap",
  subtitle: "Between <two> arms.",
  x: { title: "Epochs", scale: "log" },
  y: { title: "Win rate", percent: true },
  pair: { treatment: arms.onlineSft, control: arms.dpo },
  sliders: { treatment: { label: "Online epochs" }, control: { label: "Offline epochs" } },
});
const rates = winRateChart(
  [],
  [arms.dpo, arms.onlineSft].map((arm, at) => ({ arm, mean: 0.5 + at / 10, low: 0.4, high: 0.7 })),
  { title: "Which arm wins?" },
);
const rows = (count: number) =>
  `| n | square |\n| --- | --- |\n${Array.from({ length: count }, (_, n) => `| ${n} | ${n * n} |`).join("\n")}`;

const FORMULAS = String.raw`A policy $\pi_{\mathrm{ref}}(\xi_1) < \sigma(r)$ maximises

$$\mathbb{E}_{\pi}[r] - \beta\, \mathrm{KL}(\pi \,\|\, \pi_{\mathrm{ref}}).$$

\begin{align}a &= b\end{align}

Not LaTeX: $\frac$. Code: \`$x$\`. Hostile: $\href{javascript:window.hit=1}{x}$ $\text{<script>window.hit=1</script>}$ $\style{color:red}{y}$.`.replaceAll(
  "\\`",
  "`",
);

beforeAll(async () => {
  const filler = text(Array.from({ length: 60 }, (_, at) => `Paragraph ${at}.`).join("\n\n"));
  writeNotebook(folder, "01-figures", [
    text("# Figures\n\nAn opening, see [Figure](#figure-gap) and [the arms](#figure-rates)."),
    await code("// Arms", [chart(rates)], ["figure-rates"]),
    await code("// The gap", [chart(gap)], ["figure-gap"]),
    await code("// Bars", [barChart("Bars")]),
    text(`${FORMULAS}\n\nAlso [figure](#figure-rates), [Figure](#figure-3) and \`[Figure](#figure-gap)\`.`),
    filler,
    text(rows(40)),
    filler,
    text(rows(40)),
  ]);
  expect(writeIndex(folder, { heading: "H", abstract: "" }, { reports: true }).problems).toEqual([]);
}, 120_000);

const elements = () => parseElements(readFileSync(path.join(folder, "01-figures.html"), "utf8"));
const named = (name: string) => elements().filter((element) => element.name === name);

test("the pages have no faults", () => {
  expect(staticFaults(folder)).toEqual([]);
});

test("figures have numbered captions with their headings, which are not repeated in the figure", () => {
  expect(named("figcaption").map(({ text }) => text)).toEqual([
    "Figure 1. Which arm wins? Dot and bar: mean and 95% interval. Rings: single seeds.",
    "Figure 2. The gap. Between <two> arms.",
    "Figure 3.",
  ]);
  const [rated, moved, bars] = named("figure");
  const texts = (figure = rated) =>
    figure?.inside.filter(({ name }) => name === "text").map(({ text }) => text) ?? [];
  expect(texts(rated)).not.toContain("Which arm wins?");
  expect(texts(moved)).not.toContain("The gap");
  expect(texts(bars)).toContain("Bars");
});

test("a link to a figure by its name has the figure's number", () => {
  const links = named("a").filter(({ attributes }) => attributes.href?.startsWith("#figure"));
  expect(links.map(({ attributes, text }) => [attributes.href, text])).toEqual([
    ["#figure-gap", "Figure 2"],
    ["#figure-rates", "the arms"],
    ["#figure-rates", "figure 1"],
    ["#figure-3", "Figure 3"],
  ]);
  expect(named("code").map(({ text }) => text)).toContain("[Figure](#figure-gap)");
});

test("formulas are MathML without anything that acts", () => {
  const formulas = named("math");
  expect(formulas.map(({ attributes }) => attributes.display)).toEqual([
    "inline",
    "block",
    "block",
    "inline",
    "inline",
    "inline",
  ]);
  expect(formulas[0]?.text).toBe("πref(ξ1)<σ(r)");
  expect(formulas[1]?.attributes.alttext).toContain(String.raw`\mathrm{KL}`);
  expect(named("code").map(({ text }) => text)).toEqual(expect.arrayContaining(["\\frac", "$x$"]));
  const inside = formulas.flatMap((formula) => formula.inside);
  expect(inside.map(({ name }) => name)).not.toContain("script");
  expect(formulas[4]?.text).toContain("<script>");
  const attributes = new Set(inside.flatMap((element) => Object.keys(element.attributes)));
  for (const name of ["href", "style", "class", "id"]) expect(attributes).not.toContain(name);
});

test("the page is small", () => {
  expect(readFileSync(path.join(folder, "01-figures.html")).length).toBeLessThan(600_000);
});

inChromium((browser, executable) => {
  async function opened<T>(options: object, look: (page: Page) => Promise<T>): Promise<T> {
    const context = await browser().newContext({ viewport: { width: 1440, height: 900 }, ...options });
    try {
      const page = await context.newPage();
      await page.goto(pathToFileURL(path.join(folder, "01-figures.html")).href);
      return await look(page);
    } finally {
      await context.close();
    }
  }
  const drawing = (page: Page, number: number) =>
    page.locator(`#figure-${number} svg`).filter({ visible: true });
  test("there are no faults on a desk and on a phone in the dark", async () => {
    expect(await browserFaults(folder, executable)).toEqual([]);
  });

  test.each([
    ["with scripts", true],
    ["without scripts", false],
  ])("charts fill the column and are legible on a phone, %s", async (_, javaScriptEnabled) => {
    const drawn = (page: Page) => (javaScriptEnabled ? whenDrawn(page) : Promise.resolve([]));
    await opened({ javaScriptEnabled }, async (page) => {
      expect(await drawn(page)).toEqual([]);
      const column = await page.locator("main .prose").first().boundingBox();
      for (const number of [1, 2]) {
        const box = await drawing(page, number).boundingBox();
        expect(box?.width).toBeCloseTo(column?.width ?? 0, -1);
        expect(box?.x).toBeCloseTo(column?.x ?? 0, -1);
      }
      for (const size of await textSizes(page)) expect(size).toBeGreaterThanOrEqual(11);
    });
    await opened({ javaScriptEnabled, viewport: { width: 390, height: 844 } }, async (page) => {
      expect(await drawn(page)).toEqual([]);
      for (const number of [1, 2])
        expect((await drawing(page, number).boundingBox())?.width).toBeLessThanOrEqual(390);
      expect(await pageWidth(page)).toBe(390);
      const bars = await textSizes(page);
      expect(bars.length).toBeGreaterThan(20);
      for (const size of bars) expect(size).toBeGreaterThanOrEqual(11);
    });
  });

  const shownTexts = (page: Page) => drawing(page, 2).locator("text").allTextContents();

  test("sliders have labels and move by the keyboard, at both widths", async () => {
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ])
      await opened({ viewport }, async (page) => {
        expect(await whenDrawn(page)).toEqual([]);
        const [online, offline] = ["Online epochs", "Offline epochs"].map((label) =>
          page.getByRole("slider", { name: label }),
        );
        expect(await shownTexts(page)).toContain("Online DPO (SFT) at 1 − DPO at 1");
        await online!.focus();
        for (let press = 0; press < 4; press++) await page.keyboard.press("ArrowRight");
        await offline!.focus();
        await page.keyboard.press("ArrowRight");
        await expect.poll(() => shownTexts(page)).toContain("Online DPO (SFT) at 5 − DPO at 2");
      });
  });

  test("a chart keeps its sliders' places when the screen becomes narrow", async () => {
    await opened({}, async (page) => {
      expect(await whenDrawn(page)).toEqual([]);
      await page.getByRole("slider", { name: "Online epochs" }).fill("5");
      await page.setViewportSize({ width: 390, height: 844 });
      await expect.poll(async () => (await drawing(page, 2).boundingBox())?.width).toBeLessThan(391);
      await expect.poll(() => shownTexts(page)).toContain("Online DPO (SFT) at 5 − DPO at 1");
      expect(await page.getByRole("slider", { name: "Online epochs" }).inputValue()).toBe("5");
    });
  });

  test("without scripts a chart with sliders is a picture of where they start", async () => {
    await opened({ javaScriptEnabled: false }, async (page) => {
      expect(await shownTexts(page)).toContain("Online DPO (SFT) at 1 − DPO at 1");
      expect(await page.getByRole("slider").count()).toBe(0);
      expect(await page.getByRole("img", { name: /^The gap\. Win rate, % by Epochs/ }).count()).toBe(1);
    });
  });

  test("print has the wide pictures in black on white, without sliders", async () => {
    await opened({ colorScheme: "dark" }, async (page) => {
      expect(await whenDrawn(page)).toEqual([]);
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      await page.setViewportSize({ width: 658, height: 900 });
      const visible = await page.locator("figure svg").filter({ visible: true }).count();
      expect(visible).toBe(3);
      expect(await page.locator("figure > svg.wide").filter({ visible: true }).count()).toBe(2);
      expect(await page.getByRole("slider").filter({ visible: true }).count()).toBe(0);
      const ink = await styleOf(page, "body", "color");
      const filter = await styleOf(page, "figure > svg.wide", "filter");
      expect([ink, filter]).toEqual(["rgb(0, 0, 0)", "none"]);
    });
  });

  test("in the dark, charts have the filter and no card", async () => {
    await opened({ colorScheme: "dark" }, async (page) => {
      expect(await whenDrawn(page)).toEqual([]);
      const style = [
        await styleOf(page, "#figure-1 .live svg", "filter"),
        await styleOf(page, "#figure-1 > .wide > rect", "fill"),
      ];
      expect(style).toEqual(["invert(0.91) hue-rotate(180deg)", "none"]);
    });
  });
});
