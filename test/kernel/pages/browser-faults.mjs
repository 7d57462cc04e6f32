import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { pagesIn } from "./static-faults.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Printed if the checks in a browser are not possible. */
export const NO_CHROMIUM =
  "There is no Chromium, so the pages were not opened: install Debian's package chromium, or set CHROMIUM to the path of one.";

/** The path of Chromium, or null. */
export function findChromium(env = process.env) {
  const candidates = env.CHROMIUM
    ? [env.CHROMIUM]
    : ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`);
  const isExecutable = (file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return candidates.find(isExecutable) ?? null;
}

/** Starts Chromium without its background network traffic, and without its sandbox, which does not work as root. */
export function startChromium(executablePath) {
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  const still = ["--disable-component-update", "--disable-sync", "--disable-domain-reliability"];
  return chromium.launch({ executablePath, args: ["--no-sandbox", ...quiet, ...still] });
}

/** Waits until every chart with a specification is interactive. Returns the faults: a message after thirty seconds. */
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
      () => ["has charts that do not become interactive"],
    );

/** Runs in the page: finds figures in which nothing is visible. */
function emptyFigures() {
  const isVisible = (element) => {
    const { width, height } = element.getBoundingClientRect();
    return element.checkVisibility() && width + height > 0;
  };
  const hasPixels = (canvas) =>
    canvas
      .getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height)
      .data.some((byte) => byte > 0);
  const hasMarks = (svg) => {
    const whole = svg.getBoundingClientRect();
    const marks = [
      ...svg.querySelectorAll("path, line, polyline, polygon, circle, ellipse, rect, text, image"),
    ];
    const background = (mark) => mark.getBoundingClientRect().width >= whole.width - 1;
    return marks.some((mark) => isVisible(mark) && (mark.localName !== "rect" || !background(mark)));
  };
  const isDrawn = (figure) =>
    [...figure.querySelectorAll("img")].some((image) => isVisible(image) && image.naturalWidth > 0) ||
    [...figure.querySelectorAll("canvas")].some((canvas) => isVisible(canvas) && hasPixels(canvas)) ||
    [...figure.querySelectorAll("svg")].some((svg) => isVisible(svg) && hasMarks(svg));
  return [...document.querySelectorAll("figure, .gallery a")]
    .filter((figure) => !isDrawn(figure))
    .map((figure) => `has a chart in which nothing is drawn: ${figure.id || figure.textContent.trim()}`);
}

/** Runs in the page: if the page is wider than the screen, names the first elements that are. */
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

/** The violations of WCAG 2.1 AA that axe finds: contrast of text, names, languages, roles. */
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

/** Opens a page. Collects console messages, failed requests, and requests to anything outside its folder. */
async function open(page, address, base) {
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      faults.push(`prints ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`throws ${error.message}`));
  page.on("requestfailed", (request) => faults.push(`fails to load ${request.url().slice(0, 120)}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) faults.push(`requests ${url.slice(0, 120)}`);
  });
  await page.goto(address, { waitUntil: "load" });
  return faults;
}

/** No style depends on both width and colour scheme, so two screens cover all styles. */
const SCREENS = [
  { name: "on a desk", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  { name: "on a phone in the dark", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
];

/** The faults of one page on all screens. */
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
 * Opens the HTML pages of a folder in Chromium and returns their faults: console messages, requests that fail or leave
 * the folder, empty charts, pages wider than the screen, and violations of WCAG 2.1 AA. Each page is opened from its
 * file on a wide, light screen and on a dark one of 390 pixels.
 *
 * @param {string} folder
 * @param {string} executablePath the path of Chromium
 * @returns {Promise<string[]>} one line per fault, starting with the page
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
