import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Lab } from "./server.ts";

/** How long something may take in milliseconds before it counts as not happening: much longer than it does. */
const WAIT = 60_000;

/** Waits until `look` gives what the matcher that follows asks for, also where the machine is slow. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: WAIT, interval: 100 });

/** A notebook that is open in JupyterLab. */
export interface Opened {
  page: Page;
  /** Errors on the browser's console and of its scripts. */
  errors: string[];
  /** Requests to anything but the server: they are refused. */
  elsewhere: string[];
}

/** Opens a notebook of the server's folder in a page of its own, and waits for its kernel. */
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

/** Waits until the notebook has its kernel, and that has nothing to do. */
export const idle = (page: Page) =>
  page.locator("#jp-main-statusbar").getByText("TypeScript | Idle", { exact: true }).waitFor();

const cells = (page: Page) => page.locator(".jp-Notebook .jp-CodeCell");

/** A cell by its place, from 0. */
export const cellAt = (page: Page, place: number) => cells(page).nth(place);

/** What stands in brackets before a cell: its number once it ran, `*` while it runs. */
export const promptOf = (cell: Locator) => cell.locator(".jp-InputPrompt").first().innerText();

/** The outputs of a cell. */
export const outputsOf = (cell: Locator) => cell.locator(".jp-OutputArea-output");

/** Waits until the texts of a cell's outputs are those, each as it is or as a pattern. */
export const shows = (cell: Locator, ...texts: (string | RegExp)[]) =>
  eventually(async () => (await outputsOf(cell).allInnerTexts()).map((text) => text.trim())).toEqual(
    texts.map((text) => (typeof text === "string" ? text : expect.stringMatching(text))),
  );

/** Chooses from a menu. */
export async function choose(page: Page, menu: string, item: string): Promise<void> {
  await page.locator(".lm-MenuBar").getByText(menu, { exact: true }).click();
  await page.locator(".lm-Menu-item").getByText(item, { exact: true }).click();
}

/** Makes a cell the one that keys are for, as commands. */
export const select = (cell: Locator) => cell.locator(".jp-InputPrompt").first().click();

/** Puts a new cell with a text below the last one; the cursor is then at its end. */
export async function write(page: Page, text: string): Promise<Locator> {
  const count = await cells(page).count();
  await select(cellAt(page, count - 1));
  await page.locator("[data-jp-item-name='insert']").getByRole("button").click();
  const cell = cellAt(page, count);
  await cell.locator(".cm-content").click();
  await page.keyboard.insertText(text);
  return cell;
}

/** Writes a new cell and runs it; does not wait for its end. */
export async function run(page: Page, text: string): Promise<Locator> {
  const cell = await write(page, text);
  await page.keyboard.press("Control+Enter");
  return cell;
}

/** Presses a key twice where keys are commands, on a cell. */
export async function twice(cell: Locator, key: string): Promise<void> {
  await select(cell);
  for (const press of [key, key]) await cell.page().keyboard.press(press);
}
