import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { list, readOptions, wrong } from "../../kernel/setup/options.mjs";

export const SIZES = ["lab", "d128", "pythia"];

/**
 * @typedef {object} Options what the user asked of `npm run bench`
 * @property {boolean} help
 * @property {string | null} json the file for all numbers
 * @property {string[]} sizes those to measure, in the order of `SIZES`
 * @property {number} rounds
 * @property {number} threads of each process that computes
 * @property {boolean} quick whether blocks are too short to mean anything
 */

/**
 * Reads the command line of `npm run bench`.
 *
 * @param {string[]} argv
 * @param {{ from: string, cores: number, env?: NodeJS.ProcessEnv }} place the folder that relative paths start
 *   from; how many threads are used unless told
 * @returns {Options}
 * @throws {Failure} with exit code 2 for anything that cannot be understood
 */
export function readArguments(argv, { from, cores, env = {} }) {
  const options = { help: false, json: null, rounds: 7, threads: cores, quick: false };
  const only = new Set();
  const set = (name, read) => (text) => {
    options[name] = read(text);
  };
  const help = set("help", () => true);
  const takers = {
    values: {
      "--json": set("json", (file) => fileNamed(path.resolve(from, file))),
      "--only": (text) => {
        for (const size of text.split(",")) only.add(sizeNamed(size));
      },
      "--rounds": set("rounds", (text) => wholeNumber("--rounds", text)),
      "--threads": set("threads", (text) => wholeNumber("--threads", text)),
    },
    flags: { "--quick": set("quick", () => true), "--help": help, "-h": help },
    stray: (word) => `"${word}" is not an option: see npm run bench -- --help.`,
  };
  readOptions("npm run bench", argv, takers, env);
  return { ...options, sizes: SIZES.filter((size) => only.size === 0 || only.has(size)) };
}

function sizeNamed(name) {
  if (!SIZES.includes(name)) throw wrong(`There is no size "${name}": the sizes are ${list(SIZES)}.`);
  return name;
}

/** A number from 1 on, or a Failure that names the option. */
export function wholeNumber(option, text) {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw wrong(`${option} is "${text}": it must be a whole number above zero.`);
  return number;
}

/** The file for all numbers, or a Failure where it is a folder. */
export function fileNamed(file) {
  if (existsSync(file) && statSync(file).isDirectory())
    throw wrong(`--json is the folder ${file}: name a file, for example ${path.join(file, "bench.json")}.`);
  return file;
}

/** What `npm run bench -- --help` prints. */
export function helpText() {
  return `npm run bench -- [options]
npm run bench -- kernel [options]      the Jupyter kernel beside others: see npm run bench -- kernel --help

Measures training steps and sampling of Allroads against PyTorch, with the same weights, data and threads, each
in turn within one run, and prints how long each takes beside PyTorch. Sets up what is missing, PyTorch included.

  --json FILE    write every block's time, the medians, ratios and floors there
  --only SIZE    measure only this size: ${list(SIZES)}; may be given again, or with commas between
  --rounds N     how often everything is measured (default: 7)
  --threads N    threads of each process (default: the number of cores)
  --quick        blocks too short to mean anything: a check that all of it runs
  --help         this text

ALLROADS_DEVICE=cpu or cuda chooses the device; without it CUDA is used where there is an NVIDIA driver.
`;
}
