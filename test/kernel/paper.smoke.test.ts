import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notebookNames } from "../../kernel/headless/notebooks.mjs";
import { paths } from "../../kernel/setup/paths.mjs";
import { writeRows } from "../tldr-rows.ts";
import { checkReports } from "./pages/check-reports.mjs";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "paper smoke "));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The environment of a user, without the variables of vitest and npm. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|ALLROADS_|npm_)/.test(name)),
);

const npm = (args: string[]) =>
  spawnSync("npm", args, { cwd: paths.root, encoding: "utf8", env: environment });

describe("npm run paper", () => {
  const out = (kernel: string) => path.join(folder, `reports on ${kernel}`);
  const runs = () => path.join(folder, "runs");
  const paper = (kernel: string, more: string[]) => {
    const rows = path.join(folder, "rows");
    mkdirSync(rows, { recursive: true });
    writeRows(rows, 60);
    const parameters = ["--param", `RUNS=${runs()}`, "--param", `TLDR=${rows}`];
    return npm(["run", "paper", "--", "--preset", "smoke", "--out", out(kernel), ...parameters, ...more]);
  };
  const finished = () =>
    readdirSync(runs()).map((stage) => [stage, statSync(path.join(runs(), stage)).mtimeMs] as const);

  test.each([
    ["allroads", []],
    ["tslab", ["--kernel", "tslab"]],
  ])(
    "writes a self-contained report of every notebook and an index page, on %s",
    async (kernel, more) => {
      const run = paper(kernel, more);
      expect(run.status, `${run.stdout}\n${run.stderr}`).toBe(0);
      const names = notebookNames(paths.notebooks);
      expect(names.length).toBeGreaterThan(0);
      const index = readFileSync(path.join(out(kernel), "index.html"), "utf8");
      expect(index).toMatch(/class="banner" role="note">[^<]*numbers mean nothing/);
      for (const name of names) {
        expect(run.stdout).toMatch(new RegExp(`^${name}: done after`, "m"));
        expect(index).toContain(`href="${name}.html"`);
        const executed = JSON.parse(readFileSync(path.join(out(kernel), `${name}.ipynb`), "utf8"));
        expect(executed.metadata.allroads).toMatchObject({ status: "done", preset: "smoke", kernel });
        const outputs = executed.cells.flatMap((cell: { outputs?: object[] }) => cell.outputs ?? []);
        for (const output of outputs) expect(output).not.toMatchObject({ name: "stderr" });
        const drawn = outputs.filter(({ data = {} }: { data?: object }) => "image/svg+xml" in data);
        expect(drawn.length, `charts of ${name}`).toBeGreaterThan(0);
      }
      const { pages, faults } = await checkReports(out(kernel));
      expect(pages).toEqual([...names, "index"].map((name) => `${name}.html`));
      expect(faults).toEqual([]);
    },
    1_800_000,
  );

  test("a second run reuses the finished stages", () => {
    const before = finished();
    expect(before.length).toBeGreaterThan(0);
    expect(paper("allroads", ["--only", "01"]).status).toBe(0);
    expect(finished()).toEqual(before);
  }, 600_000);

  test("a bad row is reported by its number, and the notebook is saved so far", () => {
    const bad = path.join(folder, "bad reports");
    const row = path.join(folder, "bad rows.jsonl");
    writeFileSync(row, '{"prompt": "POST: a\\n\\nTL;DR:", "rejected": " b"}\n');
    const args = ["--preset", "smoke", "--only", "02", "--out", bad, "--param", `TLDR=${row}`];
    const run = npm(["run", "paper", "--", ...args]);
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/bad rows\.jsonl, row 1: .*chosen/);
    expect(readdirSync(bad)).toContain("02-real-tldr.ipynb");
  }, 600_000);

  test("rejects unknown names and options with exit code 2, and writes nothing", () => {
    const untouched = path.join(folder, "untouched");
    for (const [args, sentence] of [
      [["--preset", "nosuch"], /no preset "nosuch"/],
      [["--only", "nosuch"], /no notebook "nosuch"/],
      [["--nosuch"], /Unknown option --nosuch/],
    ] as const) {
      const run = npm(["run", "paper", "--", "--out", untouched, ...args]);
      expect(run.status).toBe(2);
      expect(run.stderr).toMatch(sentence);
    }
    expect(() => readdirSync(untouched)).toThrow();
  });
});
