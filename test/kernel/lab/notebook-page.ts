import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Lab } from "./server.ts";

/** The timeout for every expected change of the page, in milliseconds. */
const WAIT = 60_000;

/** Calls `look` again and again until the following matcher accepts its result. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: WAIT, interval: 100 });

/** A notebook opened in JupyterLab. */
export interface Opened {
  page: Page;
  /** Errors in the browser's console and uncaught errors of scripts. */
  errors: string[];
  /** Requests to other hosts, which are blocked. */
  elsewhere: string[];
}

/** Opens a notebook in a new page and waits until its kernel is idle. */
export async function openNotebook(browser: Browser, lab: Lab, name: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  const errors: string[] = [];
  const elsewhere: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  await context.route(
    (url) => !url.href.startsWith(lab.address) && /^https?:/.test(url.protocol),
    (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    },
  );
  await page.goto(`${lab.address}lab/tree/${name}?token=${lab.token}`);
  await page.locator(".jp-NotebookPanel-notebook").waitFor();
  await idle(page);
  return { page, errors, elsewhere };
}

/** Waits until the notebook's kernel is idle. */
export const idle = (page: Page) =>
  page.locator("#jp-main-statusbar").getByText("TypeScript | Idle", { exact: true }).waitFor();

const cells = (page: Page) => page.locator(".jp-Notebook .jp-CodeCell");

/** A code cell by its index. */
export const cellAt = (page: Page, index: number) => cells(page).nth(index);

/** The prompt of a cell: its execution count in brackets, or `[*]:` while it runs. */
export const promptOf = (cell: Locator) => cell.locator(".jp-InputPrompt").first().innerText();

/** The outputs of a cell. */
export const outputsOf = (cell: Locator) => cell.locator(".jp-OutputArea-output");

/** Waits until the outputs of a cell have these texts or match these patterns. */
export const shows = (cell: Locator, ...texts: (string | RegExp)[]) =>
  eventually(async () => (await outputsOf(cell).allInnerTexts()).map((text) => text.trim())).toEqual(
    texts.map((text) => (typeof text === "string" ? text : expect.stringMatching(text))),
  );

/** Chooses an item of a menu. */
export async function choose(page: Page, menu: string, item: string): Promise<void> {
  await page.locator(".lm-MenuBar").getByText(menu, { exact: true }).click();
  await page.locator(".lm-Menu-item").getByText(item, { exact: true }).click();
}

/** Selects a cell in command mode. */
export const select = (cell: Locator) => cell.locator(".jp-InputPrompt").first().click();

/** Adds a cell with a text after the last one. The cursor is at the end of the text. */
export async function write(page: Page, text: string): Promise<Locator> {
  const count = await cells(page).count();
  await select(cellAt(page, count - 1));
  await page.locator("[data-jp-item-name='insert']").getByRole("button").click();
  const cell = cellAt(page, count);
  await cell.locator(".cm-content").click();
  await page.keyboard.insertText(text);
  return cell;
}

/** Adds a cell and starts it, without waiting for its end. */
export async function run(page: Page, text: string): Promise<Locator> {
  const cell = await write(page, text);
  await page.keyboard.press("Control+Enter");
  return cell;
}

/** Selects a cell and presses a key twice in command mode. */
export async function pressTwice(cell: Locator, key: string): Promise<void> {
  await select(cell);
  for (const press of [key, key]) await cell.page().keyboard.press(press);
}
