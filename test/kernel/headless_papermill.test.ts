import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jupyterEnvironment } from "../../kernel/setup/jupyter_environment.mjs";
import { paths } from "../../kernel/setup/paths.mjs";
import { installBuiltKernel } from "./kernel-client.ts";

/** Whether a Python package is there: set-up brings papermill, the console is whoever wants it to bring. */
const has = (module: string) =>
  existsSync(paths.python) && spawnSync(paths.python, ["-c", `import ${module}`]).status === 0;

const folder = mkdtempSync(path.join(os.tmpdir(), "papermill-"));
let env: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  await installBuiltKernel(path.join(folder, "share"));
  env = {
    ...jupyterEnvironment(),
    JUPYTER_PATH: path.join(folder, "share"),
    JUPYTER_RUNTIME_DIR: path.join(folder, "runtime"),
    ALLROADS_KERNEL_HISTORY: path.join(folder, "history.jsonl"),
    PYTHONPATH: path.join(folder, "packages"),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

const python = (...args: string[]) => spawnSync(paths.python, args, { cwd: folder, env, encoding: "utf8" });

const cell = (source: string, ...tags: string[]) => ({
  cell_type: "code",
  source,
  metadata: { tags },
  outputs: [],
  execution_count: null,
});

/** Installs the translator as set-up does, but beside, not in, the Python environment. */
function installTranslator(): void {
  const target = ["--target", path.join(folder, "packages"), "--no-index", "--no-deps"];
  const source = path.join(paths.root, "kernel", "papermill");
  const run = python("-m", "pip", "--disable-pip-version-check", "install", "--upgrade", ...target, source);
  expect(run.status, run.stderr).toBe(0);
}

describe.skipIf(!has("papermill"))("papermill", () => {
  test("runs a notebook with its parameters as TypeScript, checked as such", () => {
    installTranslator();
    const notebook = {
      cells: [
        cell("let alpha: number = 0.1; // the step\nlet names = ['a'];\nconst rest = 1;", "parameters"),
        cell(
          "[alpha / 2, names.map((each) => each.length).join('+'), flag ? 1 : 2, table.rows[1], none ?? 'none'].join()",
        ),
      ],
      metadata: { kernelspec: { name: "allroads", display_name: "TypeScript", language: "typescript" } },
      nbformat: 4,
      nbformat_minor: 5,
    };
    writeFileSync(path.join(folder, "in.ipynb"), JSON.stringify(notebook));
    const yaml = 'names: ["x\\"y", "é\\n"]\ntable: { rows: [1, 2.5], __proto__: 3 }\nnone: null\nflag: true';
    const run = python(
      "-m",
      "papermill",
      "in.ipynb",
      "out.ipynb",
      "-k",
      "allroads",
      "-p",
      "alpha",
      "0.5",
      "-y",
      yaml,
    );
    expect(run.status, run.stderr).toBe(0);
    const { cells } = JSON.parse(readFileSync(path.join(folder, "out.ipynb"), "utf8"));
    expect(cells[1].source.join("")).toContain("let alpha = 0.5;");
    expect(cells[2].outputs[0].data["text/plain"].join("")).toBe("0.25,3+2,1,2.5,none");

    const wrong = python("-m", "papermill", "in.ipynb", "bad.ipynb", "-k", "allroads", "-p", "names", "5");
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toContain("Property 'map' does not exist on type 'number'");
    const help = python("-m", "papermill", "--help-notebook", "in.ipynb");
    expect(help.stdout).toMatch(/alpha: number \(default 0\.1\)\s+the step/);
    expect(help.stdout).toContain("rest: Unknown type (default 1)");
  });

  test("every value of JSON comes through as it is, and large integers as bigints", () => {
    installTranslator();
    const values = [
      0.1,
      -0.5,
      1e300,
      5,
      true,
      null,
      'a"\\\u2028é😀$x`',
      [],
      {},
      [[1], { a: { "b c": [null] } }],
    ];
    const script = `import json, sys
from allroads_papermill import TypeScriptTranslator as T
print(json.dumps([T.translate(each) for each in json.loads(sys.argv[1])]))
print(T.translate(2**60), T.translate(float("-inf")), T.translate(float("nan")))`;
    const run = python("-c", script, JSON.stringify(values));
    expect(run.status, run.stderr).toBe(0);
    const [texts, special] = run.stdout.split("\n");
    const read = JSON.parse(texts!).map((text: string) => new Function(`return (${text})`)());
    expect(read).toEqual(values);
    expect(special).toBe("1152921504606846976n -Infinity NaN");
  });
});

test("jupyter execute runs a notebook, and a failing cell ends it", () => {
  mkdirSync(path.join(folder, "plain"), { recursive: true });
  const notebook = (source: string) =>
    JSON.stringify({
      cells: [cell(source)],
      metadata: { kernelspec: { name: "allroads", display_name: "TypeScript", language: "typescript" } },
      nbformat: 4,
      nbformat_minor: 5,
    });
  writeFileSync(path.join(folder, "plain", "good.ipynb"), notebook("const a: number = 6; a * 7"));
  writeFileSync(path.join(folder, "plain", "bad.ipynb"), notebook("const a: number = 'x'"));
  const execute = (name: string) =>
    python("-c", "from nbclient.cli import main; main()", "--inplace", path.join("plain", name));
  expect(execute("good.ipynb").status).toBe(0);
  const { cells } = JSON.parse(readFileSync(path.join(folder, "plain", "good.ipynb"), "utf8"));
  expect(cells[0].outputs[0].data["text/plain"]).toEqual(["42"]);
  const bad = execute("bad.ipynb");
  expect(bad.status).not.toBe(0);
  expect(bad.stderr).toContain("TS2322");
});

test.skipIf(!has("jupyter_console"))(
  "jupyter console evaluates lines, goes on with unfinished ones, and ends",
  () => {
    const script = `import pexpect, sys
console = pexpect.spawn(sys.executable, ["-m", "jupyter_console", "--kernel", "allroads", "--simple-prompt"], encoding="utf8", timeout=90)
console.expect(r"In \\[1\\]")
console.sendline("const a: number = 6")
console.expect(r"In \\[2\\]")
console.sendline("a * 7")
console.expect(r"42")
console.sendline("throw new Error('no')")
console.expect("Error.*no")
console.expect(r"In \\[4\\]")
console.sendeof()
console.expect(r"exit \\(\\[y\\]/n\\)")
console.sendline("y")
console.expect(pexpect.EOF)
print("ended")`;
    const run = python("-c", script);
    expect(run.stdout, run.stderr).toContain("ended");
  },
);
