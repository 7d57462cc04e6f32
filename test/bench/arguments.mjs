import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { joinWords, parseCommandLine, unknownName, usageError } from "../../kernel/setup/command-line.mjs";
import { LARGE_SIZES } from "./cases.mjs";

/** @typedef {import("../../kernel/setup/command-line.mjs").Command} Command */

/** The sizes that are measured by default. */
const DEFAULT_SIZES = ["lab", "d128", "pythia"];

export const SIZES = [...DEFAULT_SIZES, ...LARGE_SIZES];

/**
 * @typedef {object} Options the options of `npm run bench`
 * @property {boolean} help
 * @property {string | null} json the file for all numbers
 * @property {string[]} sizes the sizes to measure, in the order of `SIZES`
 * @property {number} rounds
 * @property {number} threads the number of threads of each process
 * @property {boolean} quick whether to measure so little that the numbers mean nothing
 */

const OPTIONS = {
  json: { value: "FILE", help: "write all block times, medians, ratios and floors to FILE" },
  only: {
    value: "SIZE",
    multiple: true,
    help: `measure only this size: ${joinWords(SIZES)}; can be repeated, or several with commas; default ${joinWords(DEFAULT_SIZES)}`,
  },
  rounds: { value: "N", help: "number of times that everything is measured (default: 7)" },
  threads: { value: "N", help: "number of threads of each process (default: the number of cores)" },
  quick: { help: "only check that everything runs; the numbers mean nothing" },
};

const DEVICE =
  "ALLROADS_DEVICE=cpu or cuda chooses the device; the default is cuda if there is an NVIDIA driver.";

/** @type {Command} */
export const BENCH = {
  name: "npm run bench --",
  about: `Compares the training steps and sampling of Allroads with those of PyTorch, eager and by torch.compile, each with and
without shared prompts, and of JAX, with the same weights, data and number of threads. All take turns within one run.
At the size lab, training and sampling are also measured in several processes of one thread each. Prints times,
how much of a lead is due to the engine and how much to shared prompts, the memory of training steps, and how
near these come to the time of their matrix products. Sets up what is missing, PyTorch and JAX included; without one of
them the others are measured.

To compare the Jupyter kernel with others: npm run bench -- kernel --help`,
  options: OPTIONS,
  notes: DEVICE,
};

/** @type {Command} */
export const CUDA_BENCH = {
  name: "npm run bench:cuda --",
  about: `Sets up Allroads for CUDA on a machine with an NVIDIA GPU, runs the tests and then the bench. All numbers go to
reports/bench-cuda.json unless --json names another file.`,
  options: OPTIONS,
};

/**
 * Reads the command line of `npm run bench` or `npm run bench:cuda`.
 *
 * @param {string[]} argv
 * @param {object} context
 * @param {string} context.from the folder that relative paths start from
 * @param {number} context.cores the default of --threads
 * @param {Command} [context.command]
 * @param {NodeJS.ProcessEnv} [context.env]
 * @returns {Options}
 * @throws {Failure} with exit code 2 if an option is unknown or has a wrong value
 */
export function readArguments(argv, { from, cores, command = BENCH, env = {} }) {
  const { values } = parseCommandLine(command, argv, env);
  return {
    help: values.help ?? false,
    json: values.json === undefined ? null : readFileName(path.resolve(from, values.json)),
    sizes: values.only ? selectNames("size", SIZES, values.only) : DEFAULT_SIZES,
    rounds: values.rounds === undefined ? 7 : readCount("--rounds", values.rounds),
    threads: values.threads === undefined ? cores : readCount("--threads", values.threads),
    quick: values.quick ?? false,
  };
}

/**
 * The names that --only selects, in the order of `names`; all names without --only.
 *
 * @param {string} kind what the names stand for, in error messages
 * @param {string[]} names
 * @param {string[]} [only] the values of --only, each one or more names with commas between
 */
export function selectNames(kind, names, only = []) {
  const selected = only.flatMap((text) => text.split(","));
  const unknown = selected.find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownName(kind, unknown, names);
  return names.filter((name) => only.length === 0 || selected.includes(name));
}

/** A whole number of at least 1. @throws {Failure} that names the option */
export function readCount(option, text) {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw usageError(`${option} is "${text}": give a whole number greater than zero.`);
  return number;
}

/** The path of the file for --json. @throws {Failure} if it is a folder */
export function readFileName(file) {
  if (existsSync(file) && statSync(file).isDirectory())
    throw usageError(
      `--json is the folder ${file}: give a file, for example ${path.join(file, "bench.json")}.`,
    );
  return file;
}
