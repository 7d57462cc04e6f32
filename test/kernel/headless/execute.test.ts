import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visibleText } from "../../../kernel/display/visible.mjs";
import { jupyterEnvironment } from "../../../kernel/setup/jupyter-environment.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { installBuiltKernel } from "../kernel-client.ts";

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

/** The arguments and options to run execute.py on notebooks, given as JSON. */
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
  test("runs notebooks in their folder with the environment, and continues after a failed one", () => {
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

  test("reports a timeout and a dead kernel", () => {
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

  test("an unknown kernel is reported with the known ones or the one meant, before anything is written", () => {
    const out = path.join(folder, "untouched");
    for (const [kernel, sentence] of [
      ["nosuch", /^There is no kernel "nosuch": the kernels are .*tslab.*\.\n$/],
      ["tlab", /^There is no kernel "tlab": did you mean "tslab"\?\n$/],
      ["../x\u001b[2J", /^There is no kernel "\.\.\/x\\x1b\[2J": the kernels are .*\n$/],
    ] as const) {
      const run = execute({ any: notebook(code("1")) }, { kernel, out });
      expect(run.status).toBe(2);
      expect(run.stderr).toMatch(sentence);
    }
    expect(() => readdirSync(out)).toThrow();
  });

  test("a folder that cannot be made is reported in one sentence", () => {
    writeFileSync(path.join(folder, "a file"), "");
    const run = execute({ any: notebook(code("1")) }, { out: path.join(folder, "a file") });
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(
      /^The folder .*a file cannot be made \(File exists\): give another one by --out\.\n$/,
    );
  });

  test("a malformed notebook fails alone, in one sentence, and has no report", () => {
    const cells = (...list: object[]) => notebook(...(list as never[]));
    const output = { output_type: "display_data", metadata: {}, data: { "text/html": { a: 1 } } };
    const text = { cell_type: "markdown", metadata: {}, source: "x", id: "same" };
    const broken: Record<string, string> = {
      "01-json": "{",
      "02-list": "[]",
      "03-cells": '{"nbformat": 4, "nbformat_minor": 4, "metadata": {}}',
      "04-cell": cells(3 as never),
      "05-source": cells({ ...code(""), source: 3 }),
      "06-output": cells({ ...code("1"), outputs: [output] }),
      "07-metadata": '{"nbformat": 4, "nbformat_minor": 4, "metadata": "x", "cells": []}',
      "08-version": '{"nbformat": 99, "nbformat_minor": 4, "metadata": {}, "cells": []}',
      "09-deep": `{"nbformat": 4, "nbformat_minor": 4, "metadata": {"x": ${"[".repeat(1e5)}${"]".repeat(1e5)}}, "cells": []}`,
      "10-ids": JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [text, text] }),
    };
    const allroads = JSON.stringify({ ...JSON.parse(notebook(code("6 * 7"))), metadata: { allroads: "x" } });
    const run = execute({ ...broken, "11-good": allroads });
    expect(run.status, run.stderr).toBe(1);
    expect(run.stderr).toBe("");
    const lines = run.stdout.trim().split("\n");
    expect(lines).toHaveLength(12);
    for (const [at, name] of Object.keys(broken).entries())
      expect(lines[at]).toMatch(new RegExp(`^${name}: failed, .*/${name}\\.ipynb (is|has) .*: .*\\.$`));
    expect(lines.at(-1)).toMatch(/^11-good: done after/);
    const written = readdirSync(path.join(folder, "out")).filter((name) => /^(0\d|1[01])-/.test(name));
    for (const name of Object.keys(broken)) expect(written).not.toContain(`${name}.html`);
    expect(written).toEqual(expect.arrayContaining(["11-good.html", "11-good.ipynb"]));
    expect(JSON.parse(outputOf("11-good.ipynb")).metadata.allroads.status).toBe("done");
  });

  test("a report that cannot be made says why on its page", () => {
    const missing = { cell_type: "markdown", metadata: {}, source: "![x](attachment:none.png)" };
    const run = execute({ missing: notebook(missing, code("6 * 7")), other: notebook(code("1")) });
    expect(run.status, run.stderr).toBe(1);
    expect(run.stdout).toMatch(
      /missing: failed after .*The report could not be made: .*attachment: none\.png/s,
    );
    expect(run.stdout).toMatch(/other: done after/);
    expect(outputOf("missing.html")).toContain("missing attachment: none.png");
    expect(JSON.parse(outputOf("missing.ipynb")).metadata.allroads.status).toBe("failed");
  });

  test("what a notebook prints and throws cannot command a terminal", () => {
    const post = "\\u001b]0;title\\u0007\\u009b2J\\u202egnp.exe";
    const run = execute({
      "hostile \u202e": notebook(
        code(`console.log("${post}\\u001b[31mred\\u001b[0m \\ud800")`),
        code(`throw new Error("${post}\\nsecond line") // \u202e`),
      ),
    });
    expect(run.status, run.stderr).toBe(1);
    expect(run.stdout).toBe(visibleText(run.stdout));
    expect(run.stdout).toContain("hostile \\u202e: failed after");
    expect(run.stdout).toContain("\\x1b]0;title\\x07\\x9b2J\\u202egnp.exe");
    const page = outputOf("hostile \u202e.html");
    expect(page).toBe(visibleText(page));
    expect(page).toContain('<span class="ansi-red-fg">red</span>');
  });

  test("late output of a cell is kept in that cell", async () => {
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

  test("the kernel's own errors have their colours and no other characters that are not seen", async () => {
    await installBuiltKernel(path.join(folder, "share"));
    const hostile = notebook(code('throw new TypeError("\\u001b]0;title\\u0007\\u202e\\u001b[31m")'));
    const { args, options } = command({ hostile }, { kernel: "allroads" });
    const env = { ...options.env, JUPYTER_PATH: path.join(folder, "share") };
    const run = spawnSync(paths.python, args, { ...options, env });
    expect(run.status, run.stderr).toBe(1);
    expect(run.stdout).toBe(visibleText(run.stdout));
    const [error] = JSON.parse(outputOf("hostile.ipynb")).cells[0].outputs;
    const shown = "\\x1b]0;title\\x07\\u202e\\x1b[31m";
    expect(error).toMatchObject({ ename: "TypeError", evalue: shown });
    const traceback = error.traceback.join("\n");
    expect(traceback).toContain(`TypeError: ${shown}`);
    expect(stripVTControlCharacters(traceback)).toBe(visibleText(stripVTControlCharacters(traceback)));
    expect(traceback).toContain("\u001b[31m>");
  });

  /** Waits longer than the interval at which the terminal is redrawn. */
  const aWhile = "await new Promise((r) => setTimeout(r, 1200));";

  /** A cell that waits until a cell of another notebook runs too. */
  const waitFor = (own: string, other: string) => `
    const fs = require("fs");
    fs.writeFileSync("${own}", "");
    while (!fs.existsSync("${other}")) await new Promise((r) => setTimeout(r, 20));
    ${aWhile} console.log("met");`;

  test("runs notebooks in parallel, shows one line for each on a terminal, and the error of a failed one", () => {
    const long = `${aWhile} console.log("training: 40 %")`;
    const notebooks = {
      first: notebook(code(waitFor("a", "b")), code(long), code(long)),
      second: notebook(code(waitFor("b", "a")), code("throw new Error('boom')")),
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

  test("Ctrl-C ends all running notebooks and their kernels, saves them and starts no other", async () => {
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
