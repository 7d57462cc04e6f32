import path from "node:path";
import { textOf, writeAtomically } from "./files.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

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
    env: { TF_CPP_MIN_LOG_LEVEL: "3" },
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** The file that tells Jupyter about tslab, inside the Python environment. */
export const kernelspec = {
  name: "tslab kernel",
  after: ["Python environment", "npm packages"],
  /** @param {Context} context */
  ready: ({ paths }) => textOf(paths.kernelspec) === kernelspecFor(paths),
  /** @param {Context} context */
  async run({ paths }) {
    writeAtomically(paths.kernelspec, kernelspecFor(paths));
  },
};
