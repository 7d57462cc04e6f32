import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../kernel/setup/paths.mjs";

const isSetUp = existsSync(path.join(paths.root, "src", "dist", "index.cjs")) && existsSync(paths.python);

describe.skipIf(!isSetUp)("npm run site", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "site "));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) => {
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_ENV|ALLROADS_|npm_|TF_|OMP_)/.test(name),
    );
    const env = Object.fromEntries(kept);
    return spawnSync("npm", ["run", ...args], { cwd: paths.root, env, encoding: "utf8" });
  };

  test("says, without reports, what to run first", () => {
    const { status, stderr } = run("site", "--", "--reports", folder, "--out", path.join(folder, "none"));
    expect(status).toBe(1);
    expect(stderr).toContain(`${folder} has no reports: run npm run paper -- --from-ledger first.`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("puts reports from the ledger, notebooks with outputs and the API reference together", () => {
    const reports = path.join(folder, "reports");
    const paper = run("paper", "--", "--from-ledger", "--only", "02", "--out", reports);
    expect(paper.status, paper.stderr).toBe(0);
    const out = path.join(folder, "site");
    const site = run("site", "--", "--reports", reports, "--out", out);
    expect(site.status, site.stderr).toBe(0);
    expect(site.stdout).toContain(`2 pages, 1 notebooks and the API reference are in ${out}.`);
    expect(`${paper.stdout}${paper.stderr}${site.stdout}`).not.toMatch(/absl|oneDNN/);

    expect(readdirSync(folder).sort()).toEqual(["reports", "site"]);
    expect(readdirSync(out).sort()).toEqual(["02-real-tldr.html", "api", "index.html", "notebooks"]);
    const notebook = JSON.parse(readFileSync(path.join(out, "notebooks", "02-real-tldr.ipynb"), "utf8"));
    const outputs = notebook.cells.flatMap((cell: { outputs?: object[] }) => cell.outputs ?? []);
    expect(outputs.length).toBeGreaterThan(0);
    for (const page of ["functions/runPlans.html", "variables/arms.html", "modules/training.html"])
      expect(existsSync(path.join(out, "api", page)), page).toBe(true);
    expect(readFileSync(path.join(out, "index.html"), "utf8")).toContain('href="api/index.html"');
    const page = readFileSync(path.join(out, "api", "functions", "runPlans.html"), "utf8");
    expect(page).toContain("Trains and judges what the run store");
    expect(page.includes('href="../../index.html"') && !page.includes("REPORTS")).toBe(true);
  }, 300_000);
});
