import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeIndex } from "../../../kernel/headless/index-page.mjs";
import { browserFaults, whenDrawn } from "./browser-faults.mjs";
import { parseElements } from "./html-elements.mjs";
import { inChromium } from "./in-chromium.ts";
import { writeNotebooks } from "./notebooks.ts";
import { staticFaults } from "./static-faults.mjs";

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "reports "));
  folders.push(folder);
  return folder;
}

let reports = "";
beforeAll(async () => {
  reports = newFolder();
  await writeNotebooks(reports);
  writeIndex(reports, { heading: "Heading", abstract: "An abstract." }, { reports: true });
}, 120_000);
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder of correct pages with the given bodies. */
function folderWith(bodies: Record<string, string>): string {
  const folder = newFolder();
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data: file:";
  const page = (body: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>T</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}"><link rel="icon" href="data:,"></head>
<body><main><h1>Heading</h1>${body}</main></body></html>`;
  for (const [name, body] of Object.entries(bodies))
    writeFileSync(path.join(folder, `${name}.html`), page(body));
  return folder;
}

describe("static checks", () => {
  test("reports and index page have no faults", () => {
    expect(staticFaults(reports)).toEqual([]);
  });

  test.each([
    ["no fault", '<p id="a">A <a href="#a">link</a>, <a href="https://example.org/">one more</a>.</p>', []],
    ["a broken link", '<a href="other.html">x</a>', ["links to other.html, which does not exist"]],
    ["a missing anchor", '<a href="page.html#b">x</a>', ["links to page.html#b, which does not exist"]],
    ["a link out of the folder", '<a href="/etc">x</a>', ["links to /etc, which is outside the folder"]],
    [
      "an image of another host",
      '<img alt="x" src="https://e.org/x.png">',
      ["loads https://e.org/x.png, which is outside the folder"],
    ],
    [
      "a style of another host",
      "<style>@import url(//e.org/x)</style>",
      ["loads //e.org/x, which is outside the folder"],
    ],
    ["a missing script", '<script src="x.js"></script>', ["loads x.js, which does not exist"]],
    ["a missing gradient", '<svg><path fill="url(#g)"/></svg>', ["loads #g, which does not exist"]],
    ["a duplicate id", '<p id="a"></p><p id="a"></p>', ['has the id "a" more than once']],
    ["a missing label", '<p aria-labelledby="b"></p>', ['has aria-labelledby="b", which does not exist']],
    [
      "a chart without a name",
      '<figure role="img"></figure>',
      ['has a <figure> without an accessible name: {"role":"img"}'],
    ],
    [
      "a thumbnail without a name",
      '<a href="#"><img alt=""></a>',
      [
        'has a <a> without an accessible name: {"href":"#"}',
        'has a <img> without an accessible name: {"alt":""}',
      ],
    ],
    [
      "inline scripts",
      '<script>1</script><p onclick="1"></p>',
      ["has a script inside the page that its policy does not name", "has a script in onclick of <p>"],
    ],
    ["a second heading", "<h1>x</h1>", ["has 2 headings of level 1"]],
  ])("finds %s", (_what, body, faults) => {
    expect(staticFaults(folderWith({ page: body }))).toEqual(faults.map((fault) => `page.html ${fault}`));
  });

  test("code is folded, and its label is its first comment", () => {
    const elements = parseElements(readFileSync(path.join(reports, "01-first.html"), "utf8"));
    const folded = elements.filter(({ name }) => name === "details");
    expect(folded.every(({ attributes }) => !("open" in attributes))).toBe(true);
    const labels = folded.map(({ inside }) => inside.find(({ name }) => name === "summary")?.text.trim());
    expect(labels).toEqual(["Code Draw the bars", "Code", "Code Verdicts"]);
    expect(folded[0]?.text).toContain("const a = 1;");
  });
});

inChromium((browser, executable) => {
  /** Opens a report and returns the result of `look`. */
  async function opened<T>(
    options: object,
    look: (page: Page) => Promise<T>,
    name = "01-first.html",
  ): Promise<T> {
    const context = await browser().newContext({ viewport: { width: 1280, height: 900 }, ...options });
    try {
      const page = await context.newPage();
      await page.goto(pathToFileURL(path.join(reports, name)).href);
      return await look(page);
    } finally {
      await context.close();
    }
  }
  const box = (page: Page) => page.locator("#figure-1").boundingBox();

  test("reports and index page have no faults", async () => {
    expect(await browserFaults(reports, executable)).toEqual([]);
  });

  test("finds faults that need a browser", async () => {
    const dark = "<style>@media (prefers-color-scheme: dark) {p {color: #444; background: #111}}</style>";
    const folder = folderWith({
      asks: '<img alt="x" src="http://localhost:1/x.png">',
      dim: `${dark}<p>Some words.</p>`,
      empty: '<figure id="f"><svg width="9" height="9"><rect width="9" height="9"/></svg></figure>',
      prints: '<script src="broken.js"></script>',
      wide: '<div class="w" style="width:500px">x</div>',
    });
    const found = await browserFaults(folder, executable);
    const of = (page: string) => found.filter((fault) => fault.startsWith(page)).join("\n");
    expect(of("asks")).toMatch(/^asks\.html, on a desk: prints error: .*localhost:1/m);
    expect(of("dim")).toMatch(/^dim\.html, on a phone in the dark: .*\(color-contrast, 1\.\d+\): <p>/);
    expect(of("empty")).toMatch(/: has a chart in which nothing is drawn: f$/m);
    expect(of("prints")).toMatch(/: prints error: .*broken\.js/);
    expect(of("wide")).toMatch(
      /^wide\.html, on a phone in the dark: is 5\d\d px wide on a screen of 390 px: <div class="w">/,
    );
    expect(of("wide")).not.toContain("on a desk");
  });

  test("an interactive chart has the same position as the static one", async () => {
    const still = await opened({ javaScriptEnabled: false }, box);
    const live = await opened({}, async (page) => {
      expect(await whenDrawn(page)).toEqual([]);
      return box(page);
    });
    expect(live).toEqual(still);
    expect(still?.width).toBeGreaterThan(300);
  });

  test("an interactive chart shows rounded values in tooltips; print has the static chart", async () => {
    await opened({}, async (page) => {
      expect(await whenDrawn(page)).toEqual([]);
      await page.locator("#figure-1 .live .mark-rect path").first().hover();
      const tooltip = page.locator("#chart-tooltip");
      await expect.poll(() => tooltip.isVisible()).toBe(true);
      expect(await tooltip.innerText()).toContain("3.457");
      const shown = () =>
        Promise.all([">svg", ">.live"].map((part) => page.locator(`#figure-1${part}`).isVisible()));
      expect(await shown()).toEqual([false, true]);
      await page.emulateMedia({ media: "print" });
      expect(await shown()).toEqual([true, false]);
    });
  });

  test("served by a host, pages load nothing, and their charts become interactive", async () => {
    const context = await browser().newContext();
    const asked: string[] = [];
    await context.route("**/*", (route) => {
      const { host, pathname } = new URL(route.request().url());
      asked.push(`${host}${pathname}`);
      return route.fulfill({ path: path.join(reports, decodeURIComponent(pathname)) });
    });
    const page = await context.newPage();
    await page.goto("http://reports.test/01-first.html");
    expect(await whenDrawn(page)).toEqual([]);
    expect(asked).toEqual(["reports.test/01-first.html"]);
    await context.close();
  });
});
