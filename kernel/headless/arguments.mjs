import path from "node:path";
import { list, readOptions, splitOnce, wrong } from "../setup/options.mjs";

export const PRESETS = ["smoke", "laptop", "gpu"];

/**
 * @typedef {object} Options what the user asked of `npm run paper`
 * @property {boolean} help
 * @property {string} preset
 * @property {string[]} notebooks the names of those to run, in order
 * @property {string} kernel the name of a Jupyter kernel
 * @property {Record<string, string>} parameters by upper-case name, without the ALLROADS_ prefix
 * @property {string} out the folder of the reports
 * @property {number} jobs how many notebooks run at once
 * @property {number | null} timeout seconds for one cell; null waits for ever
 */

/**
 * Reads the command line of `npm run paper`.
 *
 * @param {string[]} argv
 * @param {{ notebooks: string[], reports: string, from: string, cores: number, env?: NodeJS.ProcessEnv }} place the
 *   notebooks there are, in order; the default folder for reports; the folder that relative paths start from
 * @returns {Options}
 * @throws {Failure} with exit code 2 for anything that cannot be understood
 */
export function readArguments(argv, { notebooks, reports, from, cores, env = {} }) {
  /** @type {Omit<Options, "notebooks" | "parameters">} */
  const options = {
    help: false,
    preset: "laptop",
    kernel: "allroads",
    out: reports,
    jobs: cores,
    timeout: null,
  };
  const only = [];
  /** @type {Record<string, string>} */
  const parameters = {};
  const help = () => {
    options.help = true;
  };
  const takers = {
    values: {
      "--preset": (name) => {
        options.preset = preset(name);
      },
      "--only": (name) => only.push(name),
      "--kernel": (name) => {
        options.kernel = name;
      },
      "--param": (text) => Object.assign(parameters, parameter(text)),
      "--out": (folder) => {
        options.out = path.resolve(from, folder);
      },
      "--jobs": (text) => {
        options.jobs = jobs(text);
      },
      "--timeout": (text) => {
        options.timeout = seconds(text);
      },
    },
    flags: {
      "--help": help,
      "-h": help,
      "--from-ledger": () => {
        parameters.FROM_LEDGER = "1";
      },
    },
    stray: (word) =>
      `"${word}" is not an option; to run one notebook, write npm run paper -- --only ${word}.`,
  };
  readOptions("npm run paper", argv, takers, env);
  return { ...options, parameters, notebooks: options.help ? [] : choose(only, notebooks) };
}

function preset(name) {
  if (!PRESETS.includes(name)) throw wrong(`There is no preset "${name}": the presets are ${list(PRESETS)}.`);
  return name;
}

function seconds(text) {
  const number = Number(text);
  if (!(number > 0)) throw wrong(`--timeout is "${text}": it must be a number of seconds above zero.`);
  return number;
}

function jobs(text) {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw wrong(`--jobs is "${text}": it must be how many notebooks run at once, 1 or more.`);
  return Number(text);
}

function parameter(text) {
  const [key, value] = text.includes("=") ? splitOnce(text, "=") : [text, null];
  if (value === null) throw wrong(`--param ${text} has no value: write --param ${text || "KEY"}=VALUE.`);
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(key))
    throw wrong(`--param "${key}" is not a name: letters, digits and _ only, a letter first.`);
  const name = key.toUpperCase();
  if (name === "PRESET") throw wrong(`The preset is not a parameter: write --preset ${value}.`);
  return { [name]: value };
}

function choose(only, notebooks) {
  if (notebooks.length === 0) throw wrong("There is no notebook in notebooks/.");
  const chosen = new Set();
  for (const wish of only) {
    const start = path.basename(wish, ".ipynb");
    const matching = notebooks.includes(start)
      ? [start]
      : notebooks.filter((name) => start && name.startsWith(start));
    if (matching.length === 0)
      throw wrong(`There is no notebook "${wish}": the notebooks are ${list(notebooks)}.`);
    for (const name of matching) chosen.add(name);
  }
  return only.length === 0 ? notebooks : notebooks.filter((name) => chosen.has(name));
}

/** What `npm run paper -- --help` prints. */
export function helpText(notebooks) {
  return `npm run paper -- [options]

Sets up whatever is missing, runs the notebooks and writes reports/*.html with an index.html.
Finished training stages are kept in runs/ and are used again.

  --preset NAME      the size of the experiments: ${list(PRESETS)} (default: laptop)
  --only NAME        run only this notebook, by its name or the beginning of it; may be given again
  --param KEY=VALUE  set ALLROADS_KEY for the notebooks; may be given again. Paths start from where you are.
                     RUNS names the folder for finished stages.
  --kernel NAME      the Jupyter kernel to run them on (default: allroads)
  --from-ledger      train nothing: read the committed results of the laptop preset
  --out DIR          where the reports go (default: reports)
  --jobs N           run so many notebooks at once (default: one for each core)
  --timeout SECONDS  stop a cell that takes longer (default: never)
  --help             this text

ALLROADS_DEVICE=cpu or cuda chooses the device; without it CUDA is used where there is an NVIDIA driver.

Notebooks: ${notebooks.length > 0 ? list(notebooks) : "none yet"}.
`;
}
