import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { paths as own } from "../../../kernel/setup/paths.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

/* The command `npm run setup`, in a folder that has only the files of set-up. */

const folder = useTemporaryFolder();

beforeEach(() => {
  for (const name of ["setup", "display", "install", "setup.mjs"])
    cpSync(path.join(own.root, "kernel", name), folder.at("kernel", name), { recursive: true });
  for (const name of ["kernel/tensorflow.txt", "kernel/tsconfig.json", "src/tsconfig.json", "tsconfig.json"])
    cpSync(path.join(own.root, name), folder.at(name));
  cpSync(own.lockFile, folder.at("package-lock.json"));
});

/** Runs a script of the folder, and returns its exit code, its messages and the lines that it logged. */
function run(env: NodeJS.ProcessEnv = {}, args: string[] = [], script = "kernel/setup.mjs") {
  const { status, stderr, stdout } = spawnSync(process.execPath, [folder.at(script), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    cwd: folder.at(),
  });
  return { status, message: stderr, log: stdout };
}

const sentence = /^[^\n]+\.\n$/;

test.each<[string, number, NodeJS.ProcessEnv, string[]]>([
  ["--frob", 2, {}, ["--frob"]],
  ["operand", 2, {}, ["operand"]],
  ['ALLROADS_DEVICE is "tpu"', 2, { ALLROADS_DEVICE: "tpu" }, []],
  ["no Python was found", 1, { ALLROADS_PYTHON: "/nowhere/python", ALLROADS_DEVICE: "cpu" }, []],
])("an input error is one sentence: %s", (part, status, env, args) => {
  const failed = run(env, args);
  expect(failed).toMatchObject({ status, message: expect.stringMatching(sentence) });
  expect(failed.message).toContain(part);
});

const NO_PYTHON = { ALLROADS_PYTHON: "/nowhere/python", ALLROADS_DEVICE: "cpu" };

test.each<[string, RegExp, () => void]>([
  [".allroads is a file", /is not a folder/, () => folder.put(".allroads", "")],
  [".allroads is a link", /is a link/, () => symlinkSync("/tmp", folder.at(".allroads"))],
  [".allroads is a dangling link", /is a link/, () => symlinkSync("nowhere", folder.at(".allroads"))],
  [".venv is a file", /is not a folder/, () => folder.put(".venv", "")],
  ["node_modules is a file", /is not a folder/, () => folder.put("node_modules", "")],
  [
    ".allroads is writable by all",
    /^Other users can change the programs in .*\.allroads/,
    () => {
      mkdirSync(folder.at(".allroads"));
      chmodSync(folder.at(".allroads"), 0o777);
    },
  ],
  [
    "kernel/tensorflow.txt is not pinned",
    /does not pin a package with its SHA-256/,
    () => folder.put("kernel/tensorflow.txt", "tensorflow-cpu==2.21.0\n"),
  ],
  [
    "kernel/tensorflow.txt is a folder",
    /cannot be used \(EISDIR/,
    () => {
      rmSync(folder.at("kernel", "tensorflow.txt"));
      mkdirSync(folder.at("kernel", "tensorflow.txt"));
    },
  ],
])("a broken repository is explained in one sentence: %s", (_what, reason, breakIt) => {
  breakIt();
  const { status, message } = run(NO_PYTHON);
  expect(message).toMatch(sentence);
  expect(message).toMatch(reason);
  expect(status).toBe(1);
});

test("a lock of nobody does not block set-up, and none is left behind", () => {
  for (const text of ['{"pid":0,"start":""}', '{"pid":-1,"start":""}', "", "text"]) {
    folder.put(".allroads/setup.lock", text);
    expect(run(NO_PYTHON).message).toMatch(/no Python was found/);
    expect(existsSync(folder.at(".allroads", "setup.lock"))).toBe(false);
  }
  expect(readdirSync(folder.at(".allroads")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("what set-up makes is not writable by the group, whatever the user's umask", () => {
  const command = ["-c", 'umask 0002 && exec "$0" "$1"', process.execPath, folder.at("kernel", "setup.mjs")];
  spawnSync("bash", command, { env: { ...process.env, ...NO_PYTHON } });
  const { stdout } = spawnSync("find", [folder.at(".allroads"), "-perm", "/022"], { encoding: "utf8" });
  expect(existsSync(folder.at(".allroads"))).toBe(true);
  expect(stdout).toBe("");
});

test("an unexpected error is called one of the program, with its stack", () => {
  writeFileSync(
    folder.at("broken.mjs"),
    'import { runCommand } from "./kernel/setup/run-command.mjs"; await runCommand(() => null.x);',
  );
  const { status, message } = run({}, [], "broken.mjs");
  expect(status).toBe(1);
  expect(message).toMatch(
    /^This is an error in Allroads, .*\nTypeError: Cannot read properties of null.*\n {4}at /,
  );
});
