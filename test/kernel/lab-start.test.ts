import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../kernel/setup/paths.mjs";
import { eventually } from "./lab/notebook-page.ts";
import { findChromium, NO_CHROMIUM, startChromium } from "./pages/browser-faults.mjs";

const executable = findChromium();

/** Starts `npm run lab` without a browser, for a user without any files of Jupyter's. */
function startCommand(home: string) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(JUPYTER|JPY_|XDG_|VITEST|NODE_ENV|npm_|ALLROADS_)/.test(name),
  );
  const env = { HOME: home, JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces") };
  const args = ["--no-browser", "--allow-root", "--port=0", "--IdentityProvider.token=t"];
  const lab = spawn(process.execPath, ["kernel/lab.mjs", ...args], {
    cwd: paths.root,
    env: { ...Object.fromEntries(kept), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [lab.stdout, lab.stderr])
    stream.on("data", (text) => {
      printed += text;
    });
  const ended = new Promise((done) => lab.once("close", done));
  return {
    printed: () => printed,
    /** The server's address, once it listens. */
    async address(): Promise<string> {
      for (;;) {
        const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (address) return address;
        if (lab.exitCode !== null) throw new Error(`JupyterLab ended before it listened:\n${printed}`);
        await setTimeout(50);
      }
    },
    async stop() {
      lab.kill("SIGTERM");
      await ended;
    },
  };
}

describe.skipIf(!executable)(executable ? "npm run lab" : `npm run lab (${NO_CHROMIUM})`, () => {
  let home = "";
  let lab: ReturnType<typeof startCommand>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "lab-"));
    lab = startCommand(home);
    browser = await startChromium(executable!);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(60_000);
    await page.goto(`${await lab.address()}/?token=t`);
    await page.locator(".jp-MarkdownViewer h1").waitFor();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await lab?.stop();
    rmSync(home, { recursive: true });
  });

  test("opens on the welcome page, with notebooks and sources in sight, and nothing over it", async () => {
    const listed = page.locator(".jp-DirListing-itemText");
    await eventually(() => listed.allInnerTexts()).toEqual(expect.arrayContaining(["notebooks", "src"]));
    expect(await listed.allInnerTexts()).not.toContain("node_modules");
    for (const name of ["notebooks", "src"])
      await listed.filter({ hasText: new RegExp(`^${name}$`) }).waitFor();
    // The question whether to fetch news comes with the first requests of the page.
    await page.waitForLoadState("networkidle");
    expect(await page.locator(".jp-toastContainer, .Toastify__toast, .jp-Dialog").allInnerTexts()).toEqual(
      [],
    );
  });

  test("prints nothing but what set-up and the server log", () => {
    const stray = lab
      .printed()
      .split("\n")
      .filter((line) => !/^(\[I .* (ServerApp|LabApp)\] |Set-up: |Set-up for | {2}\S+: |$)/.test(line));
    expect(stray).toEqual([]);
    expect(lab.printed().length).toBeLessThan(5000);
    expect(lab.printed()).not.toContain("non-installed server");
  });

  test("a link of the page opens a notebook with its kernel, and one to a source its text", async () => {
    const links = page.locator(".jp-MarkdownViewer");
    await links.getByRole("link", { name: "losses" }).click();
    await page.locator(".jp-FileEditor").getByText("preferenceLosses").first().waitFor();
    await page.locator(".lm-TabBar-tab", { hasText: "README.md" }).first().click();
    await links.getByRole("link", { name: "00-theory" }).click();
    await page.locator("#jp-main-statusbar").getByText("TypeScript | Idle", { exact: true }).waitFor();
  });
});
