import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jupyterEnvironment } from "../../kernel/setup/jupyter_environment.mjs";
import { paths } from "../../kernel/setup/paths.mjs";

const code = (source: string) => ({
  cell_type: "code",
  source,
  metadata: {},
  outputs: [],
  execution_count: null,
});
const notebook = (...cells: object[]) =>
  JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 4 });

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "head less "));
  mkdirSync(path.join(folder, "notebooks"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs notebooks, each given by its JSON, in the folder of this test. */
function execute(notebooks: Record<string, string>, changes: object = {}) {
  const items = Object.entries(notebooks).map(([name, text]) => {
    const file = path.join(folder, "notebooks", `${name}.ipynb`);
    writeFileSync(file, text);
    return { name, path: file, title: `Title of ${name}`, abstract: "Abstract." };
  });
  const plan = {
    notebooks: items,
    folder: path.join(folder, "notebooks"),
    out: path.join(folder, "out"),
    kernel: "tslab",
    timeout: null,
    template: { name: "report", basedir: paths.templates },
    metadata: { preset: "smoke", kernel: "tslab", parameters: {} },
    log: path.join(folder, "kernel.log"),
    ...changes,
  };
  const script = path.join(paths.root, "kernel", "headless", "execute.py");
  const env = { ...jupyterEnvironment(), ALLROADS_PRESET: "smoke" };
  return spawnSync(paths.python, [script, JSON.stringify(plan)], { env, encoding: "utf8", cwd: folder });
}

const outputOf = (name: string) => readFileSync(path.join(folder, "out", name), "utf8");

describe("execute.py", () => {
  test("runs notebooks in their folder, with the environment, and keeps going after a failed one", () => {
    const failing = notebook(
      code("console.log('before')"),
      code("throw new Error('boom')"),
      code("console.log(7)"),
    );
    const good = notebook(
      code("console.log(process.env.ALLROADS_PRESET, process.cwd().endsWith('notebooks'))"),
      code("require('fs').writeSync(2, 'native noise\\n'); 6 * 7"),
    );
    const run = execute({ "01-failing": failing, "02-good": good });
    expect(run.status, run.stderr).toBe(1);
    const lines = run.stdout.split("\n");
    expect(lines[0]).toBe("01-failing: running 3 cells");
    expect(lines[1]).toMatch(/^01-failing: failed after /);
    expect(run.stdout).toMatch(/Cell 2 of 3:\n\s+throw new Error\('boom'\).*Error: boom/s);
    expect(run.stdout).toMatch(/02-good: done after/);
    expect(run.stdout).not.toContain("\u001b");

    const executed = JSON.parse(outputOf("01-failing.ipynb"));
    expect(executed.metadata.allroads).toMatchObject({
      status: "failed",
      preset: "smoke",
      abstract: "Abstract.",
    });
    expect(executed.cells[0].outputs[0].text).toEqual(["before\n"]);
    expect(executed.cells[2].outputs).toEqual([]);
    expect(outputOf("01-failing.html")).toContain("boom");

    const [first, second] = JSON.parse(outputOf("02-good.ipynb")).cells;
    expect(first.outputs[0].text).toEqual(["smoke true\n"]);
    expect(second.outputs.map((output: { name: string }) => output.name)).toEqual(["stdout"]);
    expect(outputOf("02-good.html")).toContain("Title of 02-good");
    expect(outputOf("02-good.html")).not.toContain("native noise\n");
    expect(readFileSync(path.join(folder, "kernel.log"), "utf8")).toContain("native noise");
    expect(readFileSync(path.join(folder, "notebooks", "02-good.ipynb"), "utf8")).toBe(good);
    expect(readdirSync(path.join(folder, "out")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("a cell that takes too long and a kernel that dies are told for what they are", () => {
    const slow = notebook(code("await new Promise((r) => setTimeout(r, 60000))"));
    const dying = notebook(code("process.kill(process.pid, 'SIGKILL')"));
    const run = execute({ slow, dying }, { timeout: 1 });
    expect(run.status, run.stderr).toBe(1);
    expect(run.stdout).toMatch(/Cell 1 of 1:.*longer than the 1 s that --timeout allows/s);
    expect(run.stdout).toMatch(/The kernel died/);
    expect(JSON.parse(outputOf("dying.ipynb")).metadata.allroads.status).toBe("failed");
  });

  test("an unknown kernel is told with those there are, before anything is written", () => {
    const out = path.join(folder, "untouched");
    const run = execute({ any: notebook(code("1")) }, { kernel: "nosuch", out });
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/no kernel "nosuch": the kernels are .*tslab/);
    expect(() => readdirSync(out)).toThrow();
  });
});
