import path from "node:path";
import { list, readOptions, wrong } from "../../../kernel/setup/options.mjs";
import { fileNamed, wholeNumber } from "../arguments.mjs";
import { NAMES, OURS } from "./kernels.mjs";

/**
 * @typedef {object} Options what the user asked of `npm run bench -- kernel`
 * @property {boolean} help
 * @property {string | null} json the file for all numbers
 * @property {string[]} names kernels to measure, Allroads' own first
 * @property {number} rounds
 * @property {boolean} quick whether so little is measured that it means nothing
 * @property {boolean} write whether kernel/README.md gets the result
 */

/**
 * Reads what follows `npm run bench -- kernel`.
 *
 * @param {string[]} argv
 * @param {{ from: string, env?: NodeJS.ProcessEnv }} place the folder that relative paths start from
 * @returns {Options}
 * @throws {Failure} with exit code 2 for anything that cannot be understood
 */
export function readArguments(argv, { from, env = {} }) {
  const options = { help: false, json: null, rounds: 5, quick: false, write: false };
  const only = new Set();
  const set = (name, read) => (text) => {
    options[name] = read(text);
  };
  const yes = () => true;
  const takers = {
    values: {
      "--json": set("json", (file) => fileNamed(path.resolve(from, file))),
      "--only": (text) => {
        for (const name of text.split(",")) only.add(kernelNamed(name));
      },
      "--rounds": set("rounds", (text) => wholeNumber("--rounds", text)),
    },
    flags: {
      "--quick": set("quick", yes),
      "--write": set("write", yes),
      "--help": set("help", yes),
      "-h": set("help", yes),
    },
    stray: (word) => `"${word}" is not an option: see npm run bench -- kernel --help.`,
  };
  readOptions("npm run bench -- kernel", argv, takers, env);
  if (options.write && (options.quick || only.size > 0))
    throw wrong(
      "kernel/README.md holds what a whole run measured: leave out --quick and --only, or leave out --write.",
    );
  const names = NAMES.filter((name) => only.size === 0 || name === OURS || only.has(name));
  return { ...options, names };
}

function kernelNamed(name) {
  if (!NAMES.includes(name)) throw wrong(`There is no kernel "${name}" here: there are ${list(NAMES)}.`);
  return name;
}

/** What `npm run bench -- kernel --help` prints. */
export function helpText() {
  return `npm run bench -- kernel [options]

Measures the kernel beside Deno's, tslab and ipykernel: each is started anew in every round, one after the other, and
asked the same by the same client. Prints medians with quartiles, which targets are met, which suites of
jupyter_kernel_test each kernel passes, and what else each can do. Sets up what is missing, Deno included.

  --json FILE    write every round's numbers there
  --only KERNEL  measure only this one, and Allroads' own: ${list(NAMES)};
                 may be given again, or with commas between
  --rounds N     how often everything is measured (default: 5)
  --write        put the result into kernel/README.md
  --quick        so little that it means nothing: a check that all of it runs
  --help         this text
`;
}
