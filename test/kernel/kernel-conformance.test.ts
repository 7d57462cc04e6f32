import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { install } from "../../kernel/install/install.mjs";
import { jupyterEnvironment } from "../../kernel/setup/jupyter-environment.mjs";
import { paths } from "../../kernel/setup/paths.mjs";
import { builtKernel } from "./kernel-client.ts";

const root = resolve(import.meta.dirname, "..", "..");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("all suites of jupyter_kernel_test pass without skipped tests", async () => {
  const dist = await builtKernel();
  const library = join(folder, "node_modules", "allroads-kernel");
  mkdirSync(library, { recursive: true });
  cpSync(join(dist, "index.cjs"), join(library, "index.js"));
  symlinkSync(join(root, "node_modules", "@types"), join(folder, "node_modules", "@types"));
  const program = join(dist, "start.cjs");
  install(join(folder, "share"), "allroads", { node: process.execPath, program, displayName: "TypeScript" });
  const run = spawnSync(paths.python, [join(import.meta.dirname, "conformance", "suites.py")], {
    cwd: folder,
    env: {
      ...jupyterEnvironment(),
      JUPYTER_PATH: join(folder, "share"),
      JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
      ALLROADS_KERNEL_HISTORY: join(folder, "history.jsonl"),
      TMPDIR: folder,
      XDG_CACHE_HOME: folder,
    },
    encoding: "utf8",
  });
  expect(run.stderr).toMatch(/Ran 13 tests in [\d.]+s\n\nOK\n$/);
});
