import path from "node:path";
import { install } from "../install/install.mjs";
import { kernelspecText } from "../install/kernelspec.mjs";
import { kernelFolder } from "../install/places.mjs";
import { textOf, writeAtomically } from "./files.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

/** TensorFlow's own remarks stay out of the log. */
const ENV = { TF_CPP_MIN_LOG_LEVEL: "3" };

/**
 * The tslab kernel for Jupyter, run by this very Node. Node's own warnings stay out of the notebooks: tslab
 * would print them into whichever cell is running.
 */
export function kernelspecFor(paths, node = process.execPath) {
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

/** Allroads' own kernel, run by this very Node. */
const ownSpec = (paths) => ({
  node: process.execPath,
  program: path.join(paths.root, "kernel", "dist", "start.cjs"),
  displayName: "TypeScript",
  env: ENV,
});

/** Where Jupyter finds kernels inside the Python environment. */
const dataOf = (paths) => path.dirname(path.dirname(path.dirname(paths.kernelspec)));

/** Whether Allroads' own kernel is installed as it should be: its folder appears as a whole. */
const hasOwn = (paths) =>
  textOf(path.join(kernelFolder(dataOf(paths), "allroads"), "kernel.json")) ===
  kernelspecText(ownSpec(paths));

/** The files that tell Jupyter about both kernels, inside the Python environment. */
export const kernelspec = {
  name: "kernels",
  after: ["Python environment", "npm packages"],
  /** @param {Context} context */
  ready: ({ paths }) => textOf(paths.kernelspec) === kernelspecFor(paths) && hasOwn(paths),
  /** @param {Context} context */
  async run({ paths }) {
    writeAtomically(paths.kernelspec, kernelspecFor(paths));
    install(dataOf(paths), "allroads", ownSpec(paths));
  },
};
