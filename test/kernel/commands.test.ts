import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { visibleText } from "../../kernel/display/visible.mjs";
import { paths } from "../../kernel/setup/paths.mjs";

/* Every command as a process of its own, called wrongly: exit status 2, one sentence, and nothing done. */

const folder = mkdtempSync(path.join(os.tmpdir(), "commands "));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, "file");
writeFileSync(file, "");

const scripts = {
  paper: "kernel/paper.mjs",
  setup: "kernel/setup.mjs",
  lab: "kernel/lab.mjs",
  test: "kernel/test.mjs",
  pin: "kernel/pin.mjs",
  sbom: "kernel/sbom.mjs",
  wheel: "kernel/wheel.mjs",
  pack: "kernel/pack.mjs",
  site: "kernel/site.mjs",
  bench: "test/bench/bench.mjs",
  "bench:cuda": "test/bench/cuda.mjs",
  "allroads-kernel": "kernel/install/cli.mjs",
  allroads: "src/bin.mjs",
};

function run(command: keyof typeof scripts, args: readonly string[]) {
  const given = Object.entries(process.env).filter(([name]) => !/^(npm_|ALLROADS_|INIT_CWD)/.test(name));
  const env = { ...Object.fromEntries(given), HOME: folder, XDG_DATA_HOME: "", JUPYTER_DATA_DIR: "" };
  const script = path.join(paths.root, scripts[command]);
  return spawnSync(process.execPath, [script, ...args], { cwd: folder, env, encoding: "utf8" });
}

const isBuilt = existsSync(path.join(paths.root, "src", "dist", "index.cjs"));

test.each([
  ["paper", ["--preset", "lap"], 'There is no preset "lap": did you mean "laptop"?'],
  ["paper", ["--only", "01-mian-comparison"], 'There is no notebook "01-mian-comparison": did you mean '],
  ["paper", ["--only", "nonsense"], 'There is no notebook "nonsense": the notebooks are 00-theory, '],
  ["paper", ["--timeout", "90.5"], '--timeout is "90.5": give a whole number of seconds'],
  ["paper", ["--jobs", "x"], '--jobs is "x": give the number of notebooks'],
  ["paper", ["--param", "__proto__=1"], '--param "__proto__" is not a valid name'],
  ["paper", ["--onyl", "01"], "Unknown option --onyl: did you mean --only?"],
  ["paper", ["--only", "\u001b]0;x\u0007\u202e"], 'There is no notebook "\\x1b]0;x\\x07\\u202e": '],
  ["paper", ["--out", file], "--out "],
  ["setup", ["--hlep"], "Unknown option --hlep: did you mean --help?"],
  ["setup", ["more"], 'Unexpected argument "more"'],
  ["bench", ["kernl"], 'Unexpected argument "kernl": did you mean "kernel"?'],
  ["bench", ["--only", "pythai"], 'There is no size "pythai": did you mean "pythia"?'],
  ["bench", ["--rounds", "-1"], '--rounds is "-1": give a whole number greater than zero.'],
  ["bench", ["kernel", "--only", "dneo"], 'There is no kernel "dneo": did you mean "deno"?'],
  ["bench:cuda", ["--threads", "x"], '--threads is "x": give a whole number greater than zero.'],
  ["allroads-kernel", ["isntall"], 'There is no command "isntall": did you mean "install"?'],
  ["allroads-kernel", ["install", "--name", "../x"], '--name "../x" is not a valid kernel name'],
] as const)("%s %j is refused", (command, args, sentence) => {
  const { status, stdout, stderr } = run(command, args);
  expect(stderr).toContain(sentence);
  expect(stderr).toMatch(/^[^\n]*\n$/);
  expect(stderr).toBe(visibleText(stderr));
  expect([status, stdout]).toEqual([2, ""]);
  expect(readdirSync(folder)).toEqual(["file"]);
});

test.skipIf(!isBuilt).each([
  [["train", "--only", "nonsense"], 'There is no notebook or experiment "nonsense": there are 00-theory, '],
  [["tune", "__proto__"], 'There is no tuning "__proto__": there are '],
  [["train", "--seed", "-1"], '--seed is "-1": give a whole number from 0.'],
  [["train", "--constructor"], "allroads train has no option --constructor: see allroads --help."],
] as const)("allroads %j is refused", (args, sentence) => {
  const { status, stdout, stderr } = run("allroads", args);
  expect(stderr).toContain(sentence);
  expect(stderr).toMatch(/^[^\n]*\n$/);
  expect([status, stdout]).toEqual([2, ""]);
});

test.skipIf(!isBuilt).each(["tune", "ledger", "readme"])(
  "npm run %s reads its arguments before it sets up",
  (name) => {
    const npm = (...args: string[]) => {
      const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_/.test(key)));
      return spawnSync("npm", ["run", "--silent", name, ...args], { cwd: paths.root, env, encoding: "utf8" });
    };
    expect(npm("--", "--help").stdout).toMatch(new RegExp(`^Usage: npm run ${name} -- `));
    const { status, stdout, stderr } = npm("--", "--nothing");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`allroads ${name} has no option --nothing: see allroads --help.`);
  },
);

test.skipIf(!isBuilt)("allroads setup says in the repository which command it is there", () => {
  const { status, stderr } = run("allroads", ["setup"]);
  expect([status, stderr]).toEqual([1, "This is the repository of allroads: run npm run setup.\n"]);
});

const helpForm =
  /^Usage: (npm run|npm test|npx allroads|allroads-kernel)[^\n]*\n\n[\s\S]+\n\nOptions:\n( {2}[\s\S]*\n)? {2}-h, --help +show this help\n/;

test.each(Object.keys(scripts) as (keyof typeof scripts)[])(
  "the help of %s has the form of all",
  (command) => {
    if (command === "allroads" && !isBuilt) return;
    const { status, stdout, stderr } = run(command, ["--help"]);
    expect(stdout).toMatch(helpForm);
    expect([status, stderr]).toEqual([0, ""]);
    expect(readdirSync(folder)).toEqual(["file"]);
  },
);

test.skipIf(!isBuilt).each([
  [["tune", "--help"], 0],
  [["train", "--only", "nonsense"], 2],
  [["runs", "prune", "--dryrun"], 2],
] as const)("allroads %j is answered before TensorFlow is loaded", (args, expected) => {
  const preload = path.join(folder, "..", `${path.basename(folder)}.cjs`);
  writeFileSync(
    preload,
    `process.on("exit", () => { for (const file of Object.keys(require.cache)) require("node:fs").writeSync(3, file + "\\n"); });`,
  );
  try {
    const script = path.join(paths.root, scripts.allroads);
    const { status, output } = spawnSync(process.execPath, ["-r", preload, script, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    expect(status).toBe(expected);
    const loaded = output[3] ?? "";
    expect(loaded).toContain(path.join("dist", "start.cjs"));
    expect(loaded).not.toMatch(/tensorflow|index\.cjs/);
  } finally {
    rmSync(preload);
  }
});
