import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageFiles } from "../../../kernel/setup/package-files.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { installerPython } from "../../../kernel/setup/pip.mjs";
import { buildWheel, platformTag } from "../../../kernel/setup/wheel.mjs";

const isBuilt = existsSync(path.join(paths.root, "kernel", "dist", "start.cjs"));
const hasPython = existsSync(paths.python) && existsSync(installerPython(paths));

/** Types and values of the kernel's library, of Node and of the kernel's own vega, in a folder without packages. */
const code = `import { show } from "allroads-kernel";
const version: string = process.version;
const chart = { $schema: "https://vega.github.io/schema/vega-lite/v5.json", data: { values: [{ x: 1 }] }, mark: "bar" };
await show(chart);
[typeof show, typeof alpha].join();`;

const cell = (source: string, tags: string[] = []) => ({
  ...{ cell_type: "code", source, metadata: { tags }, outputs: [], execution_count: null },
});
const notebook = JSON.stringify({
  cells: [cell("let alpha: number = 0.1;", ["parameters"]), cell(code)],
  metadata: { kernelspec: { name: "allroads", display_name: "TypeScript", language: "typescript" } },
  ...{ nbformat: 4, nbformat_minor: 5 },
});

let folder = "";
let env: NodeJS.ProcessEnv = {};
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "packages-"));
  mkdirSync(path.join(folder, "notebooks"));
  const { PYTHONPATH, NODE_PATH, JUPYTER_PATH, ...rest } = process.env;
  env = {
    ...rest,
    ...{
      HOME: folder,
      XDG_DATA_HOME: path.join(folder, "data"),
      JUPYTER_DATA_DIR: path.join(folder, "jupyter"),
    },
    ...{ JUPYTER_RUNTIME_DIR: path.join(folder, "runtime"), PYTHONNOUSERSITE: "1" },
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program of Python in the notebooks' folder. */
function python(command: string, program: string, ...args: string[]) {
  const options = { cwd: path.join(folder, "notebooks"), env, encoding: "utf8" as const };
  return spawnSync(command, ["-c", program, ...args], options);
}

const EXECUTE = "from nbclient.cli import main; main()";

/** Runs the notebook by `jupyter execute` and expects its outputs. */
function expectExecuted(command: string): void {
  const file = path.join(folder, "notebooks", "a.ipynb");
  writeFileSync(file, notebook);
  const { status, stderr } = python(command, EXECUTE, "--inplace", "a.ipynb");
  expect(status, stderr).toBe(0);
  const [shown, result] = JSON.parse(readFileSync(file, "utf8")).cells[1].outputs;
  expect(shown.data["image/svg+xml"].join("")).toMatch(/^<svg/);
  expect(result.data["text/plain"]).toEqual(["function,number"]);
}

describe.skipIf(!isBuilt)("the npm package", () => {
  test("has what it needs, in less than 60 MB", () => {
    const files = packageFiles(path.join(paths.root, "kernel"));
    const size = files.reduce((sum, [, source]) => sum + statSync(source).size, 0);
    expect(size).toBeLessThan(60e6);
    const names = new Set(files.map(([target]) => /^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0]));
    expect([...names].filter((name) => /tslab|rollup/.test(name ?? ""))).toEqual([]);
    expect(files.filter(([target]) => target.endsWith("/lib/typescript.js"))).toEqual([]);
    const targets = files.map(([target]) => target);
    for (const file of ["LICENSE", "CHANGELOG.md", "README.md", "dist/LICENSES.txt", "dist/vega.cjs"])
      expect(targets).toContain(`allroads-kernel/${file}`);
    const licenses = readFileSync(path.join(paths.root, "kernel", "dist", "LICENSES.txt"), "utf8");
    expect(licenses).toMatch(/^vega 5\.33\.0, BSD-3-Clause\n\nCopyright/m);
  });

  test.skipIf(!hasPython)("installs its kernel, which runs in a folder without packages", () => {
    const modules = path.join(folder, "lib", "node_modules");
    for (const [target, source] of packageFiles(path.join(paths.root, "kernel"))) {
      mkdirSync(path.dirname(path.join(modules, target)), { recursive: true });
      copyFileSync(source, path.join(modules, target));
    }
    const run = (...args: string[]) => {
      const cli = path.join(modules, "allroads-kernel", "install", "cli.mjs");
      return spawnSync(process.execPath, [cli, ...args], { env, encoding: "utf8" });
    };
    expect(run("install").status).toBe(0);
    const doctor = run("doctor");
    expect(doctor.status, doctor.stdout).toBe(0);
    expectExecuted(paths.python);
    rmSync(path.join(modules, "allroads-kernel", "dist", "start.cjs"));
    expect(run("doctor").stdout).toMatch(/^MISSING {2}program .*start\.cjs is missing/m);
    expect(run("uninstall").status).toBe(0);
    expect(readdirSync(path.join(folder, "jupyter", "kernels"))).toEqual([]);
  });
});

describe.skipIf(!isBuilt || !hasPython)("the wheel", () => {
  /** A Python environment with the wheel, and the packages of set-up's environment. */
  function installWheel(): string {
    const venv = path.join(folder, "venv");
    const installer = installerPython(paths);
    const made = spawnSync(installer, ["-m", "venv", "--without-pip", venv], { env, encoding: "utf8" });
    expect(made.status, made.stderr).toBe(0);
    const own = path.join(venv, "bin", "python");
    const site = "import sysconfig; print(sysconfig.get_path('purelib'))";
    const packages = python(paths.python, site).stdout;
    writeFileSync(path.join(python(own, site).stdout.trim(), "jupyter.pth"), packages);
    const wheel = buildWheel(folder, paths, 0);
    const pip = ["-m", "pip", "--python", own, "install", "--quiet", "--no-index", "--no-deps", wheel];
    const installed = spawnSync(installer, pip, { env, encoding: "utf8" });
    expect(installed.status, installed.stderr).toBe(0);
    return own;
  }

  test("brings the kernel, and papermill's translator, to a Python environment", () => {
    const own = installWheel();
    expectExecuted(own);
    writeFileSync(path.join(folder, "notebooks", "in.ipynb"), notebook);
    const papermill = `import sys, allroads_papermill; print(allroads_papermill.__file__)
from papermill.__main__ import papermill
papermill(sys.argv[1:])`;
    const run = python(own, papermill, "in.ipynb", "out.ipynb", "-p", "alpha", "high", "--no-progress-bar");
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toContain(path.join(folder, "venv"));
    const { cells } = JSON.parse(readFileSync(path.join(folder, "notebooks", "out.ipynb"), "utf8"));
    expect(cells[1].source.join("")).toContain('let alpha = "high";');
    expect(cells[2].outputs[1].data["text/plain"].join("")).toBe("function,string");
  });

  const start = path.join(paths.root, "kernel", "install", "start.py");

  test("finds Node on the path, or says which one it needs", () => {
    const print = ["-p", "1 + 1"];
    const run = (more: NodeJS.ProcessEnv) =>
      spawnSync(paths.python, [start, ...print], { env: { ...env, ...more }, encoding: "utf8" });
    expect(run({ PATH: path.dirname(process.execPath) }).stdout).toBe("2\n");
    const old = path.join(folder, "node");
    writeFileSync(old, "#!/bin/sh\necho v18.1.0\n", { mode: 0o755 });
    const { status, stderr } = run({ ALLROADS_NODE: old });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${old} is v18.1.0: install Node`)]);
  });

  test("looks for Node where its installers put it on each platform", () => {
    const newest = path.join(folder, ".nvm", "versions", "node", "v22.12.0", "bin", "node");
    for (const file of [newest, newest.replace("v22.12.0", "v9.9.9")]) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, "");
    }
    const list = `import sys; sys.path.insert(0, sys.argv[1]); import os, start
os.path.isfile = lambda file: True
for platform in ["linux", "darwin", "win32"]: print("|".join(start.candidates(platform, {"PATH": ""})))`;
    const [linux = "", mac = "", windows = ""] = python(paths.python, list, path.dirname(start)).stdout.split(
      "\n",
    );
    expect(linux).toMatch(/v22\.12\.0\/bin\/node\|.*v9\.9\.9\/bin\/node/);
    expect(mac).toContain("|/opt/homebrew/bin/node|");
    expect(windows).toContain("nodejs");
    expect(windows).toContain("node.exe");
  });
});

test("a wheel has the tag of its platform", () => {
  expect(platformTag("darwin", "arm64")).toBe("macosx_11_0_arm64");
  expect(platformTag("win32", "x64")).toBe("win_amd64");
  expect(() => platformTag("aix", "ppc64")).toThrow(/There is no wheel for aix on ppc64: build it on one of/);
});
