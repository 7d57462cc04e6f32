import path from "node:path";
import { joinWords, parseCommandLine, usageError } from "../../../kernel/setup/command-line.mjs";
import { readCount, readFileName, selectNames } from "../arguments.mjs";
import { NAMES, OURS } from "./kernels.mjs";

/**
 * @typedef {object} Options the options of `npm run bench -- kernel`
 * @property {boolean} help
 * @property {string | null} json the file for all numbers
 * @property {string[]} names the kernels to measure, Allroads first
 * @property {number} rounds
 * @property {boolean} quick whether to measure so little that the numbers mean nothing
 * @property {boolean} write whether to write the result into kernel/README.md
 */

/** @type {import("../../../kernel/setup/command-line.mjs").Command} */
export const KERNEL_BENCH = {
  name: "npm run bench -- kernel",
  about: `Compares the Allroads kernel with Deno, tslab and ipykernel. In every round each kernel is restarted and gets the
same requests from the same client. Prints medians with quartiles, which targets are met, which test suites of
jupyter_kernel_test each kernel passes, which features it has, and which cells of users it runs. Sets up what is
missing, Deno and the npm packages of these cells included.`,
  options: {
    json: { value: "FILE", help: "write the numbers of every round to FILE" },
    only: {
      value: "KERNEL",
      multiple: true,
      help: `measure only this kernel and Allroads: ${joinWords(NAMES)};\ncan be repeated, or several with commas`,
    },
    rounds: { value: "N", help: "number of rounds (default: 5)" },
    write: { help: "write the result into kernel/README.md" },
    quick: { help: "only check that everything runs; the numbers mean nothing" },
  },
};

/**
 * Reads the command line after `npm run bench -- kernel`.
 *
 * @param {string[]} argv
 * @param {{ from: string, env?: NodeJS.ProcessEnv }} context `from` is the folder that relative paths start from
 * @returns {Options}
 * @throws {Failure} with exit code 2 if an option is unknown or has a wrong value
 */
export function readArguments(argv, { from, env = {} }) {
  const { values } = parseCommandLine(KERNEL_BENCH, argv, env);
  if (values.write && (values.quick || values.only))
    throw usageError("--write needs a complete run: leave out --quick and --only, or leave out --write.");
  const only = selectNames("kernel", NAMES, values.only);
  return {
    help: values.help ?? false,
    json: values.json === undefined ? null : readFileName(path.resolve(from, values.json)),
    names: NAMES.filter((name) => name === OURS || only.includes(name)),
    rounds: values.rounds === undefined ? 5 : readCount("--rounds", values.rounds),
    quick: values.quick ?? false,
    write: values.write ?? false,
  };
}
