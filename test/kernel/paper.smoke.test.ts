import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notebookNames } from "../../kernel/headless/notebooks.mjs";
import { paths } from "../../kernel/setup/paths.mjs";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "paper smoke "));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The environment of a user: without what vitest tells the processes that it starts. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|ALLROADS_|npm_)/.test(name)),
);

const npm = (args: string[]) =>
  spawnSync("npm", args, { cwd: paths.root, encoding: "utf8", env: environment });

/** What a page would load from elsewhere when it is opened; links that wait for a click do not count. */
function loads(html: string): string[] {
  const elements =
    html.match(/<(?:script|link|img|iframe|source|video|audio|object|embed|image)\b[^>]*>/gi) ?? [];
  const styles = (html.match(/<style\b.*?<\/style>/gis) ?? []).flatMap(
    (style) => style.match(/(?:@import|url\()\s*["']?(?:https?:)?\/\/[^"')\s]*/gi) ?? [],
  );
  return [
    ...elements.filter((tag) => /\b(?:src|href|data)\s*=\s*["']?(?:https?:)?\/\//i.test(tag)),
    ...styles,
  ];
}

describe("npm run paper", () => {
  test("writes a self-contained report of every notebook, and an index of them", () => {
    const out = path.join(folder, "reports");
    const runs = path.join(folder, "runs");
    const run = npm(["run", "paper", "--", "--preset", "smoke", "--out", out, "--param", `RUNS=${runs}`]);
    expect(run.status, `${run.stdout}\n${run.stderr}`).toBe(0);
    const names = notebookNames(paths.notebooks);
    expect(names.length).toBeGreaterThan(0);
    const index = readFileSync(path.join(out, "index.html"), "utf8");
    for (const name of names) {
      expect(run.stdout).toMatch(new RegExp(`^${name}: done after`, "m"));
      expect(index).toContain(`href="${name}.html"`);
      expect(loads(readFileSync(path.join(out, `${name}.html`), "utf8"))).toEqual([]);
      const executed = JSON.parse(readFileSync(path.join(out, `${name}.ipynb`), "utf8"));
      expect(executed.metadata.allroads).toMatchObject({ status: "done", preset: "smoke" });
      for (const cell of executed.cells)
        for (const output of cell.outputs ?? []) expect(output.name, cell.source.join("")).not.toBe("stderr");
    }
    expect(loads(index)).toEqual([]);
    expect(readdirSync(runs).length).toBeGreaterThan(0);
  }, 1_800_000);

  test("refuses what it does not know with exit code 2, and touches nothing", () => {
    const out = path.join(folder, "untouched");
    for (const [args, sentence] of [
      [["--preset", "nosuch"], /no preset "nosuch"/],
      [["--only", "nosuch"], /no notebook "nosuch"/],
      [["--nosuch"], /no option --nosuch/],
    ] as const) {
      const run = npm(["run", "paper", "--", "--out", out, ...args]);
      expect(run.status).toBe(2);
      expect(run.stderr).toMatch(sentence);
    }
    expect(() => readdirSync(out)).toThrow();
  });

  test("the check for what a page loads finds loads, and only those", () => {
    const innocent =
      '<a href="https://a.b">x</a><img src="data:image/png;base64,AA"><svg xmlns="http://w3.org/svg">';
    expect(loads(innocent)).toEqual([]);
    for (const page of [
      '<script src="https://cdn/x.js"></script>',
      '<link rel="stylesheet" href="//cdn/x.css">',
      "<style>@import url(https://fonts/x)</style>",
      '<style>a { background: url("http://x/y.png") }</style>',
    ])
      expect(loads(page)).toHaveLength(1);
  });
});
