import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { isSupportedNode } from "./node-version.mjs";
import { commandFile } from "./python.mjs";

const require = createRequire(import.meta.url);

/**
 * Runs one check.
 *
 * @param {string} name
 * @param {() => string | void} test returns a detail to print, or throws
 * @param {string} remedy what to do if it fails
 */
function check(name, test, remedy) {
  try {
    return { name, passed: true, detail: test() ?? "" };
  } catch (error) {
    return { name, passed: false, detail: `${error.message.split("\n")[0]} ${remedy}` };
  }
}

function nodeVersion(version = process.versions.node) {
  if (!isSupportedNode(version)) throw new Error(`This is Node ${version}.`);
  return version;
}

/** The version of TypeScript, whose native compiler is in a package for this system. */
function typeScriptVersion() {
  const name = `@typescript/typescript-${process.platform}-${process.arch}`;
  createRequire(require.resolve("typescript/package.json")).resolve(`${name}/package.json`);
  return require("typescript/package.json").version;
}

function esbuildVersion() {
  const esbuild = require("esbuild");
  esbuild.transformSync("1");
  return esbuild.version;
}

function requireFile(file) {
  if (!existsSync(file)) throw new Error(`${file} is missing.`);
  return file;
}

/** Checks that a command of a kernelspec exists, and if it is Node, its version. */
function checkCommand(command) {
  const file = path.isAbsolute(command) ? requireFile(command) : commandFile(command);
  if (!file) throw new Error(`There is no command "${command}" on the path.`);
  if (!/^node(?:\.exe)?$/i.test(path.basename(file)) || file === process.execPath) return;
  nodeVersion(execFileSync(file, ["--version"], { encoding: "utf8" }).trim().slice(1));
}

/** Checks what a kernelspec starts. Returns the program, if it is not the given one. */
function checkKernel({ folder, argv, byPip }, program) {
  const [command, ...rest] = argv.map((part) => part.replaceAll("{resource_dir}", folder));
  // The command of a wheel's kernel is Jupyter's own Python.
  if (!byPip) checkCommand(command);
  const files = rest.filter((part) => path.isAbsolute(part)).map(requireFile);
  return files.includes(program) ? "" : `starts ${files.at(-1) ?? command}`;
}

/**
 * Checks everything that the kernel needs: Node, its built program, TypeScript, esbuild, and what each installed
 * kernelspec starts.
 *
 * @param {string} program the path of start.cjs
 * @param {{ name: string, folder: string, argv: string[], byPip: boolean }[]} kernels
 * @returns {{ name: string, passed: boolean, detail: string }[]}
 */
export function diagnose(program, kernels) {
  const reinstall = "Install the package allroads-kernel again.";
  const remedyOf = ({ name, byPip }) =>
    byPip
      ? "Install it again: pip install --force-reinstall allroads-kernel."
      : `Install it again: allroads-kernel install --name ${name}.`;
  return [
    check("Node", nodeVersion, "The kernel needs Node 20.19, 22.12 or newer."),
    check("program", () => requireFile(program), `${reinstall} In its repository: npm run setup.`),
    check("type checker (TypeScript)", typeScriptVersion, `${reinstall} Without it cells run unchecked.`),
    check("compiler (esbuild)", esbuildVersion, reinstall),
    ...kernels.map((kernel) =>
      check(
        `kernel "${kernel.name}" in ${kernel.folder}`,
        () => checkKernel(kernel, program),
        remedyOf(kernel),
      ),
    ),
  ];
}
