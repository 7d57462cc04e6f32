import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { html, markdown, svg, toBundle } from "../../../kernel/display/bundle.ts";
import { visibleText } from "../../../kernel/display/visible.mjs";
import { writeIndex } from "../../../kernel/headless/index-page.mjs";
import { whenDrawn } from "./browser-faults.mjs";
import { parseElements } from "./html-elements.mjs";
import { inChromium } from "./in-chromium.ts";
import { barChart, code, text, writeNotebook } from "./notebooks.ts";

/* Reports of a notebook whose outputs try to run scripts, to load or send something, and to leave the page. */

const folder = mkdtempSync(path.join(os.tmpdir(), "hostile "));
afterAll(() => rmSync(folder, { recursive: true }));

/** Another host. It counts who connects to it. */
const outside: { server: Server; connections: number } = { server: createServer(), connections: 0 };
await new Promise<void>((resolve) => outside.server.listen(0, "127.0.0.1", resolve));
outside.server.on("connection", (socket) => {
  outside.connections += 1;
  socket.destroy();
});
afterAll(() => outside.server.close());
const OUTSIDE = `http://127.0.0.1:${(outside.server.address() as AddressInfo).port}`;

const BESIDE = pathToFileURL(path.join(folder, "beside.js")).href;
const RUN = "window.hit = true; document.title = 'hit'";

/** Raw HTML by what it tries. */
const ATTACKS: Readonly<Record<string, string>> = {
  "a script of a file": `<script src="${BESIDE}"></script>`,
  "a script beside the report": '<script src="beside.js"></script><SCRIPT SRC=./beside.js></SCRIPT>',
  "a script of another host": `<script src="${OUTSIDE}/x.js"></script>`,
  "a script in data": '<script src="data:text/javascript,window.hit=true"></script>',
  "a module": `<script type="module">${RUN}</script>`,
  "an inline script": `<script>${RUN}</script>`,
  "event handlers": `<img alt="" src="nothing.png" onerror="${RUN}"><details open ontoggle="${RUN}"><summary>s</summary></details><input autofocus onfocus="${RUN}">`,
  "a handler of the page": `<body onload="${RUN}">`,
  "a script in SVG": `<svg onload="${RUN}"><script>${RUN}</script><animate onbegin="${RUN}" attributeName="x" dur="1s"/></svg>`,
  "a link to a script": `<a id="script-link" href="javascript:${RUN}">link</a><svg><a href="javascript:${RUN}"><text>t</text></a></svg>`,
  "a frame with a page in an attribute": `<iframe srcdoc="<script>parent.${RUN}</script>&lt;meta http-equiv=refresh content='0;url=${OUTSIDE}/'>"></iframe>`,
  "frames and objects": `<iframe src="beside.html"></iframe><object data="beside.html"></object><embed src="beside.html"><frameset><frame src="beside.html"></frameset><portal src="beside.html"></portal>`,
  "a refresh":
    '<meta http-equiv="refresh" content="0;url=beside.html"><META HTTP-EQUIV=refresh CONTENT="0;url=beside.html">',
  "a refresh within SVG and attributes":
    '<svg><meta http-equiv="refresh" content="0;url=beside.html"></svg><p title="<meta http-equiv=refresh content=0;url=beside.html>">x</p><noscript><meta/http-equiv="refresh"/content="0;url=beside.html"></noscript>',
  "another base": `<base href="${OUTSIDE}/" target="_top">`,
  "styles of another host": `<style>@import "${OUTSIDE}/a.css"; @font-face { font-family: f; src: url(${OUTSIDE}/f.woff) } p { font-family: f; background: url(${OUTSIDE}/b.png) }</style>`,
  "a style sheet beside the report":
    '<link rel="stylesheet" href="beside.css"><style>@import "beside.css";</style>',
  prefetching: ["prefetch", "preload", "dns-prefetch", "preconnect", "modulepreload", "prerender", "icon"]
    .map((rel) => `<link rel="${rel}" as="script" href="${OUTSIDE}/${rel}">`)
    .join(""),
  speculation: `<script type="speculationrules">{"prefetch":[{"urls":["${OUTSIDE}/s"]}]}</script>`,
  media: `<video src="${OUTSIDE}/v" autoplay></video><audio src="beside.mp3" autoplay></audio><img alt="" srcset="${OUTSIDE}/i.png 1x" src="beside.png"><picture><source srcset="${OUTSIDE}/p.png"><img alt=""></picture>`,
  "a form": `<form action="${OUTSIDE}/" method="post"><button id="send" formaction="${OUTSIDE}/b">Send</button></form>`,
};

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${RUN}"><script>${RUN}</script><image href="${OUTSIDE}/i.png" width="9" height="9"/><foreignObject><meta http-equiv="refresh" content="0;url=beside.html"></foreignObject><rect width="5" height="5"/></svg>`;

/** A stranger's text: a terminal's title and clipboard, direction of writing, markup, mathematics. */
const POST =
  "\u001b]0;title\u0007\u001b]52;c;aGk=\u0007\u009b2J \u202egnp.exe\u202c \u2066x <b>bold</b> [link](https://example.org) $x$ | `c`";

async function writeHostile(name: string): Promise<void> {
  const attacks = Object.entries(ATTACKS).map(([what, markup]) => code(`// ${what}`, [html(markup)]));
  const shown = toBundle({ columns: [POST], index: [POST], values: [[POST]] }, { caption: POST });
  const failed = await code("throw new Error(post);", [`${POST}\n`]);
  (failed.outputs as object[]).push(
    { output_type: "error", ename: POST, evalue: POST, traceback: [`\u001b[31mError\u001b[39m: ${POST}`] },
    { output_type: "display_data", metadata: {}, data: { "text/plain": POST } },
    { output_type: "display_data", metadata: {}, data: { "text/html": `<p>${POST}</p>` } },
    { output_type: "display_data", metadata: {}, data: { "text/latex": POST } },
  );
  const cells = [
    text(`# A ${POST}\n\nAn opening with ${ATTACKS["a refresh"]}.\n\n## ${POST}`),
    ...(await Promise.all(attacks)),
    await code("", [markdown(Object.values(ATTACKS).join("\n\n")), svg(SVG, POST)]),
    await code(`const post = "${POST}";`, [{ [Symbol.for("Jupyter.display")]: () => shown }], ["index"]),
    failed,
    text(Object.values(ATTACKS).join("\n\n"), ["index"]),
    await code("", [barChart("Bars"), { ...barChart("More"), title: POST }]),
  ];
  writeNotebook(folder, name, cells, { title: POST, abstract: POST, preset: POST, status: POST });
}

beforeAll(async () => {
  writeFileSync(path.join(folder, "beside.js"), RUN);
  writeFileSync(path.join(folder, "beside.html"), `<title>left</title><script>${RUN}</script>`);
  writeFileSync(path.join(folder, "beside.css"), "h1 { display: none }");
  await writeHostile("01-hostile");
  const { problems } = writeIndex(folder, { heading: POST, abstract: "An abstract." }, { reports: true });
  expect(problems).toEqual([]);
}, 120_000);

const PAGES = ["01-hostile.html", "index.html"];

describe.each(PAGES)("%s", (page) => {
  const source = () => readFileSync(path.join(folder, page), "utf8");

  test("has no character that is not seen", () => {
    const body = source().replace(/<script>[\s\S]*?<\/script>\s*<\/body>/, "");
    expect(visibleText(body)).toBe(body);
    expect(body).toContain("\\x1b]0;title\\x07");
    expect(body).toContain("\\u202egnp.exe\\u202c");
  });

  test("has no element that acts without scripts but those of its head", () => {
    const [, body = ""] = source().split("</head>");
    const names = new Set(parseElements(body).map(({ name }) => name));
    for (const name of ["meta", "link", "base", "form", "iframe", "frame", "object", "embed", "portal"])
      expect(names, name).not.toContain(name);
  });

  test("has only plain links", () => {
    const links = parseElements(source()).filter(
      ({ name, attributes }) => name === "a" && "href" in attributes,
    );
    expect(links.length).toBeGreaterThan(2);
    for (const { attributes } of links) expect(attributes.rel).toBe("noopener noreferrer");
  });
});

inChromium((browser) => {
  /** Opens an address and waits a while. Returns the page, and what the page's policy did not keep from loading. */
  async function visit(address: string): Promise<{ page: Page; loaded: string[] }> {
    const context = await browser().newContext();
    const page = await context.newPage();
    const loaded: string[] = [];
    context.on("requestfinished", (request) => loaded.push(request.url()));
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText;
      if (reason !== "csp") loaded.push(`${request.url()} ${reason}`);
    });
    outside.connections = 0;
    await page.goto(address);
    await page.waitForTimeout(1500);
    return { page, loaded: loaded.filter((url) => !url.startsWith("data:")) };
  }
  const hit = (page: Page) => page.evaluate(() => (globalThis as { hit?: boolean }).hit);

  test.each(PAGES)("%s runs nothing of a notebook, loads nothing and stays where it is", async (name) => {
    const address = pathToFileURL(path.join(folder, name)).href;
    const { page, loaded } = await visit(address);
    expect(await hit(page)).toBe(undefined);
    expect(page.url()).toBe(address);
    expect(loaded).toEqual([address]);
    expect(outside.connections).toBe(0);
    expect(page.frames()).toHaveLength(1);
    expect(await page.locator("h1").first().isVisible()).toBe(true);
    await page.context().close();
  });

  test("a link to a script and a button to send do nothing", async () => {
    const address = pathToFileURL(path.join(folder, "01-hostile.html")).href;
    const { page } = await visit(address);
    for (const id of ["script-link", "send"]) {
      await page.locator(`#${id}`).first().dispatchEvent("click");
      await page.waitForTimeout(300);
    }
    expect(await hit(page)).toBe(undefined);
    expect(page.url()).toBe(address);
    expect(outside.connections).toBe(0);
    await page.context().close();
  });

  test("charts are interactive beside all that", async () => {
    const { page } = await visit(pathToFileURL(path.join(folder, "01-hostile.html")).href);
    expect(await whenDrawn(page)).toEqual([]);
    expect(await page.locator(".live svg").count()).toBe(2);
    await page.context().close();
  });

  test("a stranger's text in a table is shown as it is written", async () => {
    const { page } = await visit(pathToFileURL(path.join(folder, "01-hostile.html")).href);
    const cell = page.locator("tbody td").first();
    expect(await cell.innerText()).toContain("\\u202egnp.exe\\u202c");
    expect(await page.locator("table :is(b, a)").count()).toBe(0);
    await page.context().close();
  });
});
