import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { isSupportedNode } from "../setup/checks.mjs";

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

function nodeVersion() {
  const { node } = process.versions;
  if (!isSupportedNode(node)) throw new Error(`This is Node ${node}.`);
  return node;
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

/**
 * Checks everything that the kernel needs: Node, its built program, TypeScript, esbuild, and the files of each installed
 * kernelspec.
 *
 * @param {string} program the path of start.cjs
 * @param {{ name: string, argv: string[] }[]} kernels
 * @returns {{ name: string, passed: boolean, detail: string }[]}
 */
export function diagnose(program, kernels) {
  const reinstall = "Install the packages again (npm ci).";
  const requireFile = (file) => {
    if (!existsSync(file)) throw new Error(`${file} is missing.`);
    return file;
  };
  return [
    check("Node", nodeVersion, "The kernel needs Node 20.19, 22.12 or newer."),
    check("program", () => requireFile(program), "Build it: npm run setup."),
    check("type checker (TypeScript)", typeScriptVersion, `${reinstall} Without it cells run unchecked.`),
    check("compiler (esbuild)", esbuildVersion, reinstall),
    ...kernels.map(({ name, argv }) =>
      check(
        `kernel "${name}"`,
        () => {
          for (const part of argv) if (path.isAbsolute(part)) requireFile(part);
        },
        `Install it again: allroads-kernel install --name ${name}.`,
      ),
    ),
  ];
}
