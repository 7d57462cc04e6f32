import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageManifest, packModule } from "../../../kernel/setup/module-package.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { nodeVersions } from "../../node-versions.ts";

const isSetUp = existsSync(path.join(paths.root, "src", "dist", "start.cjs")) && existsSync(paths.tfjs);

/** The script of the README. */
const [, script = ""] =
  /## In your own project\n[\s\S]*?```ts\n([\s\S]*?)```/.exec(
    readFileSync(path.join(paths.root, "README.md"), "utf8"),
  ) ?? [];

test("the script of the README has at most 15 lines", () => {
  expect(script).toContain('from "allroads"');
  expect(script.trimEnd().split("\n").length).toBeLessThanOrEqual(15);
});

test.skipIf(!isSetUp)("every version that the package needs is exact, and danfojs-node is optional", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = packageManifest(paths);
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(Object.keys(dependencies)).not.toContain("danfojs-node");
  expect(Object.keys(peerDependencies)).toEqual(["danfojs-node"]);
  expect(peerDependenciesMeta["danfojs-node"]).toEqual({ optional: true });
});

describe.skipIf(!isSetUp)("in an empty project", () => {
  let folder = "";
  let env: NodeJS.ProcessEnv = {};
  let offline = false;
  const run = (command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    spawnSync(command, args, { cwd: folder, env: { ...env, ...more }, encoding: "utf8" });
  const allroads = (...args: string[]) =>
    run(process.execPath, [path.join(folder, "node_modules", "allroads", "bin.mjs"), ...args]);

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "project "));
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(npm_|ALLROADS_|TF_|OMP_|VITEST|NODE_)/.test(name),
    );
    env = { ...Object.fromEntries(kept), ALLROADS_CACHE: paths.cache, ALLROADS_DEVICE: "cpu" };
    const file = await packModule(folder, paths);
    writeFileSync(path.join(folder, "package.json"), '{ "name": "p", "type": "module", "private": true }');
    writeFileSync(path.join(folder, "script.mjs"), script);
    const { status, stderr } = run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", file]);
    offline = /EAI_AGAIN|ENOTFOUND|ENOTCACHED|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(stderr);
    if (!offline) expect(status, stderr).toBe(0);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, maxRetries: 3 }));

  test("says, before its set-up, how to set it up", ({ skip }) => {
    if (offline) skip("the package index cannot be reached");
    const sentence = "allroads has no TensorFlow yet: run npx allroads setup once.";
    expect(run(process.execPath, ["script.mjs"]).stderr).toContain(`Error: ${sentence}`);
    const { status, stderr } = allroads("runs", "list");
    expect([status, stderr]).toEqual([1, `allroads cannot be loaded: ${sentence}\n`]);
  });

  test("set-up finds TensorFlow's library in the cache, or in the folder that is named", ({ skip }) => {
    if (offline) skip("the package index cannot be reached");
    const library = readdirSync(paths.cache).find((name) => /^tensorflow-cpu-[\d.]+$/.test(name)) ?? "";
    const named = allroads("setup", "--library", path.join(paths.cache, library));
    expect(named.status, named.stderr).toBe(0);
    expect(named.stdout).toMatch(/TensorFlow binding: TensorFlow [\d.]+ on the CPU/);
    expect(allroads("setup").stdout).toMatch(/^Set-up: everything is in place/);
    const wrong = allroads("setup", "--library", "nowhere");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(
      /^--library .*nowhere has no libtensorflow_cc\.so\.2: name the folder .*\.\n$/,
    );
  });

  test("the script of the README runs, on every supported Node that is found", ({ skip }) => {
    if (offline) skip("the package index cannot be reached");
    for (const [version, node] of nodeVersions()) {
      rmSync(path.join(folder, "runs"), { recursive: true, force: true });
      const { status, stdout, stderr } = run(node, ["script.mjs"]);
      expect([version, status, stderr]).toEqual([version, 0, ""]);
      expect(stdout).toMatch(/^SFT 0\.\d\d\nDPO 0\.\d\d\nOnline DPO \(SFT\) 0\.\d\d\n$/);
      expect(existsSync(path.join(folder, "runs"))).toBe(true);
    }
  }, 300_000);

  test("its commands work, without those that write into the repository of Allroads", ({ skip }) => {
    if (offline) skip("the package index cannot be reached");
    expect(allroads("runs", "verify").stdout).toMatch(/^(\d+) of \1 stages are sound\.\n$/);
    expect(allroads("seals", "check", "--only", "06").stdout).toMatch(
      /^(\d+) of \1 verdicts are as they were/,
    );
    expect(allroads("--help").stdout).not.toContain("ledger  ");
    expect(allroads("readme").status).toBe(2);
  });

  test("without danfojs-node tables are plain ones", ({ skip }) => {
    if (offline) skip("the package index cannot be reached");
    expect(existsSync(path.join(folder, "node_modules", "danfojs-node"))).toBe(false);
    const code = 'import { report } from "allroads"; report.rowsTable([{ a: 1, b: "x" }]).print();';
    expect(run(process.execPath, ["--input-type=module", "-e", code]).stdout).toBe("a  b\n1  x\n");
  });

  test.for([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const)("has types for module %s with the resolution %s", ([module, resolution], { skip }) => {
    if (offline) skip("the package index cannot be reached");
    const typed = `${script}
// @ts-expect-error A number of epochs is missing.
lab.dpo();
// @ts-expect-error There is no such arm.
arms.nothing;
`;
    writeFileSync(path.join(folder, "script.mts"), typed);
    const tsc = path.join(paths.nodeModules, "typescript", "bin", "tsc");
    const options = ["--strict", "--target", "es2022", "--types", "node", "--module", module];
    const check = (...more: string[]) =>
      run(process.execPath, [
        tsc,
        "--noEmit",
        ...options,
        "--moduleResolution",
        resolution,
        ...more,
        "script.mts",
      ]);
    expect(check("--skipLibCheck").stdout).toBe("");
    // The declarations of tfjs have errors of their own.
    const ours = check()
      .stdout.split("\n")
      .filter((line) => /node_modules\/allroads\/dist|^script/.test(line));
    expect(ours).toEqual([]);
  });
});
