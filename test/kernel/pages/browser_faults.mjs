import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { pagesIn } from "./static_faults.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is printed where the browser's checks cannot be made. */
export const NO_CHROMIUM =
  "No Chromium on this machine, so no page was opened: install Debian's package chromium, or name one in CHROMIUM.";

/** The path of this machine's Chromium, or null. */
export function findChromium(env = process.env) {
  const places = env.CHROMIUM
    ? [env.CHROMIUM]
    : ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`);
  const there = (place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return places.find(there) ?? null;
}

/** Starts Chromium without its own traffic; as root it has no sandbox. */
export function startChromium(executablePath) {
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  const still = ["--disable-component-update", "--disable-sync", "--disable-domain-reliability"];
  return chromium.launch({ executablePath, args: ["--no-sandbox", ...quiet, ...still] });
}

/** Waits, in the page, until every chart that has a specification is live, at most thirty seconds. */
export const whenDrawn = (page) =>
  page
    .waitForFunction(
      () =>
        [...document.querySelectorAll("figure:has(> script[type$='+json'])")].every((figure) =>
          figure.classList.contains("enlivened"),
        ),
      undefined,
      { timeout: 30_000 },
    )
    .then(
      () => [],
      () => ["has charts that do not come alive"],
    );

/** In the page: figures in which nothing can be seen. */
function emptyFigures() {
  const seen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return element.checkVisibility() && width + height > 0;
  };
  const painted = (canvas) =>
    canvas
      .getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height)
      .data.some((byte) => byte > 0);
  const marked = (svg) => {
    const whole = svg.getBoundingClientRect();
    const marks = [
      ...svg.querySelectorAll("path, line, polyline, polygon, circle, ellipse, rect, text, image"),
    ];
    const background = (mark) => mark.getBoundingClientRect().width >= whole.width - 1;
    return marks.some((mark) => seen(mark) && (mark.localName !== "rect" || !background(mark)));
  };
  const drawn = (figure) =>
    [...figure.querySelectorAll("img")].some((image) => seen(image) && image.naturalWidth > 0) ||
    [...figure.querySelectorAll("canvas")].some((canvas) => seen(canvas) && painted(canvas)) ||
    [...figure.querySelectorAll("svg")].some((svg) => seen(svg) && marked(svg));
  return [...document.querySelectorAll("figure, .gallery a")]
    .filter((figure) => !drawn(figure))
    .map((figure) => `has a chart in which nothing is drawn: ${figure.id || figure.textContent.trim()}`);
}

/** In the page: what reaches beyond its right edge, where the page as a whole does. */
function overflow() {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > clientWidth + 1,
  );
  const named = wide
    .slice(0, 3)
    .map((each) => `<${each.localName} class="${each.getAttribute("class") ?? ""}">`);
  return [`is ${scrollWidth} px wide on a screen of ${clientWidth} px: ${named.join(", ")}`];
}

/** Where axe finds the page short of WCAG 2.1 AA: contrast of text, names, languages, roles. */
async function accessibilityFaults(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }),
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map((node) => {
      const ratio = node.any.find((each) => each.data?.contrastRatio)?.data.contrastRatio;
      return `${help} (${id}${ratio ? `, ${ratio}` : ""}): ${node.html.slice(0, 120)}`;
    }),
  );
}

/** Opens a page and tells what it printed, asked for in vain, or asked of anything but its folder. */
async function open(page, address, base) {
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      faults.push(`prints ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`throws ${error.message}`));
  page.on("requestfailed", (request) => faults.push(`asks in vain for ${request.url().slice(0, 120)}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) faults.push(`asks for ${url.slice(0, 120)}`);
  });
  await page.goto(address, { waitUntil: "load" });
  return faults;
}

/** Nothing in a page's style depends on width and colours together, so two screens show all. */
const SCREENS = [
  { name: "on a desk", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  { name: "on a phone in the dark", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
];

/** What is wrong with one page on every screen. */
async function pageFaults(browser, folder, name) {
  const base = `${pathToFileURL(path.resolve(folder)).href}/`;
  const found = [];
  for (const { name: screen, ...options } of SCREENS) {
    const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
    const page = await context.newPage();
    const faults = await open(page, new URL(encodeURIComponent(name), base).href, base);
    faults.push(...(await whenDrawn(page)));
    faults.push(...(await page.evaluate(emptyFigures)), ...(await page.evaluate(overflow)));
    faults.push(...(await accessibilityFaults(page)));
    await context.close();
    found.push(...[...new Set(faults)].map((fault) => `${name}, ${screen}: ${fault}`));
  }
  return found;
}

/**
 * What Chromium finds wrong in the HTML pages of a folder: messages on the console, requests that fail or go
 * elsewhere, charts in which nothing is drawn, pages wider than the screen, text of too little contrast and what
 * else keeps somebody from reading. Each page is opened from its file, wide and light, 390 pixels wide and dark.
 *
 * @param {string} folder
 * @param {string} executablePath Chromium's
 * @returns {Promise<string[]>} sentences that begin with the page
 */
export async function browserFaults(folder, executablePath) {
  const browser = await startChromium(executablePath);
  try {
    const faults = [];
    for (const name of pagesIn(folder)) faults.push(...(await pageFaults(browser, folder, name)));
    return faults;
  } finally {
    await browser.close();
  }
}
