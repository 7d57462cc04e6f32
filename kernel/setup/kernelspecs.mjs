import path from "node:path";
import { kernelFolder } from "../install/data-folders.mjs";
import { install } from "../install/install.mjs";
import { kernelspecText } from "../install/kernelspec.mjs";
import { readText, writeAtomically } from "./files.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

/** Keeps TensorFlow's informational messages out of the kernels' logs. */
const ENV = { TF_CPP_MIN_LOG_LEVEL: "3" };

/**
 * The text of kernel.json for tslab, run by this Node. Node's warnings are off, since tslab would print them into the
 * running cell.
 */
export function tslabKernelspec(paths, node = process.execPath) {
  const spec = {
    argv: [
      node,
      "--no-warnings",
      path.join(paths.nodeModules, "tslab", "bin", "tslab"),
      "kernel",
      "--config-path",
      "{connection_file}",
    ],
    display_name: "TypeScript (tslab)",
    language: "typescript",
    interrupt_mode: "signal",
    env: ENV,
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** The kernelspec of the Allroads kernel, run by this Node. */
const allroadsSpec = (paths) => ({
  node: process.execPath,
  program: path.join(paths.root, "kernel", "dist", "start.cjs"),
  displayName: "TypeScript",
  env: ENV,
});

/** The Jupyter data folder of the Python environment. */
const dataFolder = (paths) => path.dirname(path.dirname(path.dirname(paths.kernelspec)));

/** Whether the Allroads kernel is installed with the present kernelspec. */
const hasAllroads = (paths) =>
  readText(path.join(kernelFolder(dataFolder(paths), "allroads"), "kernel.json")) ===
  kernelspecText(allroadsSpec(paths));

/**
 * A package.json in the Python environment, whose JavaScript is CommonJS. Without it Node reads that of the repository,
 * where JavaScript is ES modules, and the yarn that JupyterLab starts fails with a page of its code.
 */
const scope = { file: (paths) => path.join(paths.venv, "package.json"), text: "{}\n" };

/** The kernelspecs of tslab and Allroads in the Python environment. */
export const kernelspecs = {
  name: "kernels",
  after: ["Jupyter", "npm packages"],
  /** @param {Context} context */
  ready: ({ paths }) =>
    readText(paths.kernelspec) === tslabKernelspec(paths) &&
    hasAllroads(paths) &&
    readText(scope.file(paths)) === scope.text,
  /** @param {Context} context */
  async run({ paths }) {
    writeAtomically(scope.file(paths), scope.text);
    writeAtomically(paths.kernelspec, tslabKernelspec(paths));
    install(dataFolder(paths), "allroads", allroadsSpec(paths));
  },
};
