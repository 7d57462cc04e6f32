import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../kernel/setup/paths.mjs";
import { installBuiltKernel, installLibrary } from "./kernel-client.ts";
import {
  cellAt,
  choose,
  eventually,
  idle,
  type Opened,
  openNotebook,
  outputsOf,
  pressTwice,
  promptOf,
  run,
  select,
  shows,
  write,
} from "./lab/notebook-page.ts";
import { countPixels } from "./lab/pixels.mjs";
import { COLOURS, roads } from "./lab/roads.ts";
import { jupyterAt, type Lab, startLab } from "./lab/server.ts";
import { findChromium, NO_CHROMIUM, startChromium } from "./pages/browser-faults.mjs";

const executable = findChromium();

/**
 * The outputs of the cells of a saved notebook, without durations and without the PNG images that JupyterLab adds to
 * charts.
 */
function savedOutputs(file: string): { data?: Record<string, unknown> }[][] {
  const { cells } = JSON.parse(readFileSync(file, "utf8").replaceAll(/in \d+\.\d s/g, "in a while"));
  const outputs = cells.map((cell: { outputs: object[] }) => cell.outputs);
  for (const { data } of outputs.flat()) delete data?.["image/png"];
  return outputs;
}

/** Answers an input request of a cell. */
async function answer(cell: Locator, question: string, text: string): Promise<void> {
  const box = cell.locator(".jp-Stdin").filter({ hasText: question }).locator(".jp-Stdin-input");
  await box.fill(text);
  await box.press("Enter");
}

describe.skipIf(!executable)(executable ? "in JupyterLab" : `in JupyterLab (${NO_CHROMIUM})`, () => {
  let home = "";
  let env: ReturnType<typeof jupyterAt>;
  const folder = () => join(home, "notebooks");
  const file = (name: string) => join(folder(), name);
  let lab: Lab | undefined;
  let browser: Browser | undefined;
  let opened: Opened;
  let page: Page;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "lab-"));
    env = jupyterAt(home, join(home, "share"));
    mkdirSync(folder());
    await installLibrary(folder());
    await installBuiltKernel(join(home, "share"));
    writeFileSync(file("roads.ipynb"), JSON.stringify(roads));
    lab = await startLab(folder(), env);
    browser = await startChromium(executable!);
    opened = await openNotebook(browser, lab, "roads.ipynb");
    page = opened.page;
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.stop();
    rmSync(home, { recursive: true });
  });

  test("all cells run, and progress bars are updated in place", async () => {
    await choose(page, "Run", "Run All Cells");
    const survey = cellAt(page, 3);
    const bar = outputsOf(survey).locator("progress");
    await eventually(async () => (await bar.count()) === 1 && bar.getAttribute("value")).toBe("50");
    expect(await promptOf(survey)).toBe("[*]:");
    writeFileSync(file("surveyed"), "");
    await shows(survey, /^Survey 2 of 2 in .* s · all dry$/);
    await shows(cellAt(page, 0), "planned: 2", "not surveyed", "[ 3, 5 ]");
    await idle(page);
  });

  test("a chart is drawn with tooltips, and a table is accessible", async () => {
    const chart = outputsOf(cellAt(page, 1)).locator(".vega-embed canvas");
    await eventually(() => countPixels(chart, COLOURS)).toEqual(
      COLOURS.map(() => expect.toSatisfy((count) => count > 1000)),
    );
    const { width, height } = (await chart.boundingBox())!;
    await chart.hover({ position: { x: width / 4, y: height / 4 } });
    const tooltip = page.locator("#vg-tooltip-element");
    await eventually(() => tooltip.allInnerTexts()).toEqual([
      expect.stringMatching(/length:\s*5\s*name:\s*new/),
    ]);
    const table = page.getByRole("region", { name: "Roads" }).getByRole("table", { name: "Roads" });
    expect(await table.getByRole("columnheader").allInnerTexts()).toEqual(["km"]);
    expect(await table.getByRole("row", { name: "new" }).getByRole("cell").allInnerTexts()).toEqual(["5"]);
  });

  test("the saved notebook has the same outputs as without a browser", async () => {
    await page.keyboard.press("Control+s");
    await eventually(() => savedOutputs(file("roads.ipynb")).map(({ length }) => length)).toEqual([
      3, 1, 1, 1,
    ]);
    writeFileSync(file("plain.ipynb"), JSON.stringify(roads));
    const execute = ["-c", "from nbclient.cli import main; main()", "--inplace", "plain.ipynb"];
    const { status, stderr } = spawnSync(paths.python, execute, { cwd: folder(), env, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(savedOutputs(file("roads.ipynb"))).toEqual(savedOutputs(file("plain.ipynb")));
  });

  test("Tab completes and shows the kind of each name", async () => {
    const cell = await write(page, "roads[0]!.name.trim");
    await page.keyboard.press("Tab");
    const item = page.locator(".jp-Completer-item").filter({ hasText: "trimEnd" });
    await item.waitFor();
    expect(await item.locator(".jp-Completer-monogram").innerText()).toBe("m");
    expect(await item.locator(".jp-Completer-typeExtended").innerText()).toBe("method");
    await item.click();
    await eventually(() => cell.locator(".cm-line").allInnerTexts()).toEqual(["roads[0]!.name.trimEnd"]);
  });

  test("Shift+Tab shows the type and the doc comment of a name", async () => {
    await write(page, "roads");
    await page.keyboard.press("Shift+Tab");
    await eventually(() => page.locator(".jp-Tooltip-content").allInnerTexts()).toEqual([
      expect.stringMatching(
        /^const roads: \{[\s\S]*\}\[\]\s*The roads, with their lengths in kilometres\.\s*$/,
      ),
    ]);
    await page.keyboard.press("Escape");
    await page.locator(".jp-Tooltip").waitFor({ state: "detached" });
  });

  test("input requests are answered below the cell, and a password is not shown", async () => {
    const cell = await run(
      page,
      'const who = ask("Who?"); const where = prompt("Where?"); who + " in " + where',
    );
    await answer(cell, "Who?", "Ada");
    await answer(cell, "Where?", "London");
    await shows(cell, "Who? Ada\nWhere? London", "Ada in London");
    const secret = await run(page, 'ask("Password?", { password: true }).length');
    await answer(secret, "Password?", "sesame");
    await shows(secret, /^Password\? ·+$/, "6");
  });

  test("an error shows its position in the cell, without the kernel's own stack frames", async () => {
    const lines = ["const close = (road: string) => {", '  throw new RangeError(road + " is busy");', "};"];
    const cell = await run(page, [...lines, 'close("new")'].join("\n"));
    const lineExcerpt = [`1 | ${lines[0]}`, `> 2 | ${lines[1]}`, "    |         ^", `  3 | ${lines[2]}`];
    const stack = ["RangeError: new is busy", "    at close (Cell [7]:2:9)", "    at Cell [7]:4:1"];
    await shows(cell, [...lineExcerpt, "", ...stack].join("\n"));
  });

  test("text escaped for Markdown is shown as it is, also where it could be mathematics", async () => {
    const post = "$x$ and $y$, \\(z\\), $$w$$, \\begin{a}v\\end{a}, *a* [b](c) <b>d</b> https://e.f | `g`";
    const lines = [
      'import { escapeMarkdown, markdown } from "allroads-kernel";',
      `markdown("$u$ " + escapeMarkdown(${JSON.stringify(post)}))`,
    ];
    const output = outputsOf(await run(page, lines.join("\n")));
    await eventually(() => output.locator("mjx-container").count()).toBe(1);
    expect(await output.innerText()).toContain(post);
    expect(await output.locator(":is(a, b, em, code)").count()).toBe(0);
  });

  test("an endless loop is interrupted from the keyboard, and variables are kept", async () => {
    for (const before of ["", "await null; "]) {
      const cell = await run(page, `${before}let turns = 0; console.log("turning"); for (;;) turns += 1;`);
      await shows(cell, "turning");
      await pressTwice(cell, "i");
      await shows(cell, "turning", "Interrupted: The cell was interrupted.");
    }
    await shows(await run(page, "turns > 0 && roads.length"), "2");
  });

  test("a restart from the keyboard clears all variables", async () => {
    await pressTwice(cellAt(page, 0), "0");
    const restarted = page.waitForResponse((response) => response.url().includes("/restart"));
    await page.getByRole("button", { name: "Confirm Kernel Restart" }).click();
    await restarted;
    await idle(page);
    await shows(await run(page, "typeof roads"), /^Cell \[1\]:1:8 - TS2304: Cannot find name 'roads'\./);
  });

  test("the debugger stops at a breakpoint and shows the local variables", async () => {
    const cell = await write(
      page,
      "function far(steps: number) {\n  const metres = steps * 2;\n  return metres + 1;\n}\nfar(20)",
    );
    await page.locator(".jp-DebuggerBugButton").click();
    await cell.locator(".cm-breakpoint-gutter .cm-gutterElement").nth(3).click();
    await cell.locator(".cm-breakpoint-icon:visible").waitFor();
    await select(cell);
    await page.keyboard.press("Control+Enter");
    const variables = page.locator(".jp-DebuggerVariables").getByRole("treeitem");
    await eventually(() => variables.allInnerTexts()).toEqual(["steps\n20", "metres\n40"]);
    await page.keyboard.press("F9");
    await shows(cell, "41");
  });

  test("there were no errors in the browser and no requests to other hosts", () => {
    expect(opened.errors).toEqual([]);
    expect(opened.elsewhere).toEqual([]);
  });
});
