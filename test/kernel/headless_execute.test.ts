import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jupyterEnvironment } from "../../kernel/setup/jupyter_environment.mjs";
import { paths } from "../../kernel/setup/paths.mjs";
import { installBuiltKernel } from "./kernel-client.ts";

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

/** How execute.py is started on notebooks, each given by its JSON, in the folder of this test. */
function command(notebooks: Record<string, string>, changes: object = {}) {
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
    jobs: 1,
    timeout: null,
    template: { name: "report", basedir: paths.templates },
    metadata: { preset: "smoke", kernel: "tslab", parameters: {} },
    logs: path.join(folder, "logs"),
    ...changes,
  };
  const script = path.join(paths.root, "kernel", "headless", "execute.py");
  const env = { ...jupyterEnvironment(), ALLROADS_PRESET: "smoke" };
  return { args: [script, JSON.stringify(plan)], options: { env, encoding: "utf8", cwd: folder } as const };
}

function execute(notebooks: Record<string, string>, changes: object = {}) {
  const { args, options } = command(notebooks, changes);
  return spawnSync(paths.python, args, options);
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
    expect(readFileSync(path.join(folder, "logs", "02-good.log"), "utf8")).toContain("native noise");
    expect(readFileSync(path.join(folder, "notebooks", "02-good.ipynb"), "utf8")).toBe(good);
    expect(readdirSync(path.join(folder, "out")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("a cell that takes too long and a kernel that dies are told for what they are", () => {
    const slow = execute(
      { slow: notebook(code("await new Promise((r) => setTimeout(r, 60000))")) },
      { timeout: 1 },
    );
    expect(slow.status, slow.stderr).toBe(1);
    expect(slow.stdout).toMatch(/Cell 1 of 1:.*longer than the 1 s that --timeout allows/s);
    const dying = execute({ dying: notebook(code("process.kill(process.pid, 'SIGKILL')")) });
    expect(dying.status, dying.stderr).toBe(1);
    expect(dying.stdout).toMatch(/The kernel died/);
    expect(JSON.parse(outputOf("dying.ipynb")).metadata.allroads.status).toBe("failed");
  });

  test("an unknown kernel is told with those there are, before anything is written", () => {
    const out = path.join(folder, "untouched");
    const run = execute({ any: notebook(code("1")) }, { kernel: "nosuch", out });
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/no kernel "nosuch": the kernels are .*tslab/);
    expect(() => readdirSync(out)).toThrow();
  });

  test("what a cell says late is kept in that cell", async () => {
    await installBuiltKernel(path.join(folder, "share"));
    const late = notebook(
      code("// @ts-nocheck\nsetTimeout(() => console.log('late'), 30); 'first'"),
      code("await new Promise((done) => setTimeout(done, 200)); 'second'"),
    );
    const { args, options } = command({ late }, { kernel: "allroads" });
    const env = { ...options.env, JUPYTER_PATH: path.join(folder, "share") };
    const run = spawnSync(paths.python, args, { ...options, env });
    expect(run.status, run.stdout + run.stderr).toBe(0);
    const [first, second] = JSON.parse(outputOf("late.ipynb")).cells;
    expect(first.outputs.map((each: { text?: string[] }) => each.text)).toEqual([undefined, ["late\n"]]);
    expect(second.outputs).toHaveLength(1);
  });

  /** Longer than a terminal waits before it draws again. */
  const aWhile = "await new Promise((r) => setTimeout(r, 1200));";

  /** A cell that goes on, after a while, once a cell of another notebook has come as far. */
  const meeting = (own: string, other: string) => `
    const fs = require("fs");
    fs.writeFileSync("${own}", "");
    while (!fs.existsSync("${other}")) await new Promise((r) => setTimeout(r, 20));
    ${aWhile} console.log("met");`;

  test("several run at once, a failing one with its error, and a terminal shows a line for each", () => {
    const long = `${aWhile} console.log("training: 40 %")`;
    const notebooks = {
      first: notebook(code(meeting("a", "b")), code(long), code(long)),
      second: notebook(code(meeting("b", "a")), code("throw new Error('boom')")),
    };
    const { args, options } = command(notebooks, { jobs: 2 });
    const terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    const run = spawnSync(paths.python, ["-c", terminal, paths.python, ...args], options);
    expect(run.status, run.stderr).toBe(1);
    expect(run.stdout).toMatch(/second: failed after [^\n]*\n.*Cell 2 of 2:.*Error: boom/s);
    expect(run.stdout).toContain("first: done after");
    expect(run.stdout).toMatch(/first {2}cell 1 of 3 {2}\d+ s\s+second {2}cell 1 of 2 {2}\d+ s\s+2 running/);
    expect(run.stdout).toMatch(/first {2}cell 3 of 3 {2}\d+ s/);
    for (const name of ["first", "second"])
      expect(JSON.parse(outputOf(`${name}.ipynb`)).cells[0].outputs[0].text).toEqual(["met\n"]);
    expect(JSON.parse(outputOf("second.ipynb")).metadata.allroads.status).toBe("failed");
  });

  test("Ctrl-C ends all that run and their kernels, saves them as far as they came, and starts no other", async () => {
    const forever = (name: string) =>
      notebook(
        code('console.log("so far")'),
        code(`require("fs").writeFileSync("${name}.pid", String(process.pid)); await new Promise(() => {})`),
      );
    const notebooks = { one: forever("one"), two: forever("two"), three: forever("three") };
    const { args, options } = command(notebooks, { jobs: 2 });
    const child = spawn(paths.python, args, options);
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
    });
    const ended = new Promise((done) => child.once("exit", done));
    const pidOf = (name: string) => {
      try {
        return Number(readFileSync(path.join(folder, "notebooks", `${name}.pid`), "utf8"));
      } catch {
        return 0;
      }
    };
    while (!(pidOf("one") && pidOf("two"))) await new Promise((done) => setTimeout(done, 50));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    for (const name of ["one", "two"]) {
      expect(said).toContain(`${name}: interrupted after`);
      const { cells, metadata } = JSON.parse(outputOf(`${name}.ipynb`));
      expect(cells[0].outputs[0].text).toEqual(["so far\n"]);
      expect(metadata.allroads.status).toBe("interrupted");
      expect(() => process.kill(pidOf(name), 0)).toThrow();
    }
    expect(said).not.toContain("three");
    expect(pidOf("three")).toBe(0);
  });
});
