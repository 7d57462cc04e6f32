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

const root = resolve(import.meta.dirname, "..", "..", "..");
const cli = join(root, "kernel", "install", "cli.mjs");
let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "install-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function run(...args: string[]) {
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, "data"), JUPYTER_DATA_DIR: "" };
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

test("does not uninstall other kernels", () => {
  const other = join(home, "data", "jupyter", "kernels", "python3");
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, "kernel.json"), '{"argv":["python"]}');
  expect(run("uninstall", "--name", "python3")).toMatchObject({ status: 2 });
  expect(existsSync(other)).toBe(true);
});

test("--unchecked turns type checking off in the kernelspec", () => {
  run("install", "--unchecked");
  const file = join(home, "data", "jupyter", "kernels", "allroads", "kernel.json");
  expect(JSON.parse(readFileSync(file, "utf8")).env).toEqual({ ALLROADS_KERNEL_CHECK: "off" });
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
  [["frob"], 'Unknown command "frob"'],
  [["install", "--frob"], "Unknown option --frob"],
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
