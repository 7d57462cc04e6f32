import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { visibleLine } from "../../../kernel/display/visible.mjs";
import { wheelKernelspecText } from "../../../kernel/install/kernelspec.mjs";

const root = resolve(import.meta.dirname, "..", "..", "..");
const cli = join(root, "kernel", "install", "cli.mjs");
let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "install-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function run(...args: string[]) {
  const folders = { HOME: home, XDG_DATA_HOME: join(home, "data"), JUPYTER_DATA_DIR: "", JUPYTER_PATH: "" };
  // The commands of this folder only.
  const env = { ...process.env, ...folders, PATH: join(home, "bin") };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("installs, lists and uninstalls the kernel for the user and in a Python environment", () => {
  const user = join(home, "data", "jupyter", "kernels", "allroads");
  expect(run("install")).toMatchObject({ status: 0, stdout: `Installed in ${user}\n` });
  expect(readdirSync(user).sort()).toEqual([
    "kernel.json",
    "logo-32x32.png",
    "logo-64x64.png",
    "logo-svg.svg",
  ]);
  const spec = JSON.parse(readFileSync(join(user, "kernel.json"), "utf8"));
  expect(spec).toMatchObject({
    display_name: "TypeScript",
    language: "typescript",
    interrupt_mode: "message",
  });
  expect(spec.argv.at(-1)).toBe("{connection_file}");
  expect(spec.argv.at(-2)).toMatch(/kernel[\\/]dist[\\/]start\.cjs$/);

  const prefix = join(home, "env");
  expect(run("install", "--prefix", prefix, "--name", "mine").status).toBe(0);
  expect(run("list", "--prefix", prefix).stdout).toBe(
    `allroads  ${user}\nmine  ${join(prefix, "share", "jupyter", "kernels", "mine")}\n`,
  );
  expect(run("install").status).toBe(0);
  expect(run("uninstall").status).toBe(0);
  expect(existsSync(user)).toBe(false);
  expect(run("list").stdout).toBe("Not installed.\n");
});

/** Puts a command that prints a text on the path. */
function addCommand(name: string, text: string): string {
  const file = join(home, "bin", name);
  mkdirSync(join(home, "bin"), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

test("--sys-prefix is the environment of Jupyter's Python, not of the first one on the path", () => {
  const python = addCommand("python3", `#!/bin/sh\necho ${join(home, "other")}\n`);
  const kernels = (prefix: string) => join(home, prefix, "share", "jupyter", "kernels", "allroads");
  expect(run("install", "--sys-prefix").stdout).toBe(`Installed in ${kernels("other")}\n`);
  const own = addCommand("its-python3.12", `#!/bin/sh\necho ${join(home, "env")}\n`);
  addCommand("jupyter", `#!${own}\nimport jupyter\n`);
  expect(run("install", "--sys-prefix").stdout).toBe(`Installed in ${kernels("env")}\n`);
  // Its kernels are also found without the option.
  expect(run("list").stdout).toBe(`allroads  ${kernels("env")}\n`);
  rmSync(python);
  rmSync(join(home, "bin", "jupyter"));
  expect(run("install", "--sys-prefix").stderr).toContain("neither is on the path: use --prefix DIR");
});

test("kernels of JUPYTER_DATA_DIR and earlier versions are found, and those of pip are left to pip", () => {
  const kernels = join(home, "data", "jupyter", "kernels");
  const add = (name: string, spec: object) => {
    mkdirSync(join(kernels, name), { recursive: true });
    writeFileSync(join(kernels, name, "kernel.json"), JSON.stringify(spec));
  };
  add("early", { argv: ["node", "/x/kernel/dist/start.cjs", "{connection_file}"] });
  add("allroads", JSON.parse(wheelKernelspecText("packages")));
  expect(run("list").stdout).toBe(
    `allroads  ${join(kernels, "allroads")}\nearly  ${join(kernels, "early")}\n`,
  );
  expect(run("uninstall")).toMatchObject({ status: 2, stderr: expect.stringContaining("pip uninstall") });
  const { status, stdout } = run("doctor");
  expect(status).toBe(1);
  expect(stdout).toMatch(/^MISSING {2}kernel "allroads" .*start\.py is missing.* pip install/m);
  expect(stdout).toMatch(/^MISSING {2}kernel "early" .*There is no command "node"/m);
  expect(run("uninstall", "--name", "early").status).toBe(0);
});

test("does not uninstall other kernels", () => {
  const other = join(home, "data", "jupyter", "kernels", "python3");
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, "kernel.json"), '{"argv":["python"]}');
  expect(run("uninstall", "--name", "python3")).toMatchObject({ status: 2 });
  expect(existsSync(other)).toBe(true);
});

test("does not replace other kernels, and leaves everything else in the data folder", () => {
  const data = join(home, "data", "jupyter");
  const other = join(data, "kernels", "python3", "kernel.json");
  mkdirSync(join(data, "kernels", "python3"), { recursive: true });
  writeFileSync(other, '{"argv":["python"]}');
  const { status, stderr } = run("install", "--name", "python3");
  expect([status, stderr]).toEqual([2, expect.stringContaining('has another kernel "python3"')]);
  for (const name of ["..", "."]) run("install", "--name", name);
  expect(readFileSync(other, "utf8")).toBe('{"argv":["python"]}');
});

test("suggests an installed kernel, and ignores kernelspecs that are malformed", () => {
  const kernels = join(home, "data", "jupyter", "kernels");
  expect(run("install").status).toBe(0);
  for (const [name, text] of Object.entries({
    a: '{"argv": "start.cjs"}',
    b: '{"argv": [3]}',
    c: "[",
    d: "null",
  })) {
    mkdirSync(join(kernels, name));
    writeFileSync(join(kernels, name, "kernel.json"), text);
  }
  expect(run("list").stdout).toBe(`allroads  ${join(kernels, "allroads")}\n`);
  expect(run("uninstall", "--name", "alroads").stderr).toBe(
    'There is no Allroads kernel "alroads": did you mean "allroads"?\n',
  );
});

test("shows characters of folders that are not seen", () => {
  const prefix = join(home, "env\u001b]0;title\u0007\n\u202e");
  const { stdout } = run("install", "--prefix", prefix);
  expect(stdout).toContain("env\\x1b]0;title\\x07\\n\\u202e");
  expect(visibleLine(stdout.trimEnd())).toBe(stdout.trimEnd());
});

test("an error of the system is one sentence", () => {
  writeFileSync(join(home, "file"), "");
  const { status, stderr } = run("install", "--prefix", join(home, "file"));
  expect(status).toBe(1);
  expect(stderr).toMatch(/^The system refused what the command needs: ENOTDIR.*\n$/);
});

test.each([
  [["--unchecked"], "off"],
  [["--check", "off"], "off"],
  [["--check", "strict"], "strict"],
])("%j sets how types are checked in the kernelspec", (options, strictness) => {
  run("install", ...options);
  const file = join(home, "data", "jupyter", "kernels", "allroads", "kernel.json");
  expect(JSON.parse(readFileSync(file, "utf8")).env).toEqual({ ALLROADS_KERNEL_CHECK: strictness });
});

test("doctor checks every dependency, and the files of installed kernels", () => {
  run("install");
  const built = existsSync(join(root, "kernel", "dist", "start.cjs"));
  const { status, stdout } = run("doctor");
  expect(status).toBe(built ? 0 : 1);
  expect(stdout).toContain(`ok       Node  ${process.versions.node}\n`);
  expect(stdout).toMatch(/^ok {7}compiler \(esbuild\) /m);
  expect(stdout).toMatch(
    built ? /^ok {7}kernel "allroads" /m : /^MISSING {2}kernel "allroads" .*start\.cjs/m,
  );
});

test.each([
  [["frob"], 'There is no command "frob": the commands are install, uninstall, list and doctor.'],
  [["instal"], 'There is no command "instal": did you mean "install"?'],
  [["__proto__"], 'There is no command "__proto__"'],
  [["install", "--frob"], "Unknown option --frob"],
  [["install", "--prefx", "x"], "Unknown option --prefx: did you mean --prefix?"],
  [["install", "--prefix="], "--prefix needs a value"],
  [["list", "--name", "x"], "allroads-kernel list has no option --name"],
  [["doctor", "--unchecked"], "allroads-kernel doctor has no option --unchecked"],
  [["install", "--check", "loose"], 'There is no check level "loose": the check levels are strict, relaxed'],
  [["install", "--check", "off", "--unchecked"], "--check and --unchecked exclude each other"],
  [["uninstall", "--name", "alroads"], 'There is no Allroads kernel "alroads" in '],
  [["install", "--name", ".."], "is not a valid kernel name"],
  [["install", "--name", ".hidden"], "is not a valid kernel name"],
  [["install", "--user", "--prefix", "x"], "--user and --prefix exclude each other"],
  [["install", "--name", "a b"], "is not a valid kernel name"],
  [["install", "here"], 'Unexpected argument "here"'],
])("rejects %j with one line", (args, message) => {
  const { status, stderr } = run(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("prints help without a command", () => {
  expect(run()).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("Usage: allroads-kernel COMMAND"),
  });
  expect(run("install", "--help").stdout).toBe(run().stdout);
});
