import path from "node:path";
import { joinWords, parseCommandLine, unknownName, usageError } from "../setup/command-line.mjs";

export const PRESETS = ["smoke", "laptop", "gpu"];

/**
 * @typedef {object} Options the options of `npm run paper`
 * @property {boolean} help
 * @property {string} preset
 * @property {string[]} notebooks the names of the notebooks to run, in order
 * @property {string} kernel the name of a Jupyter kernel
 * @property {Record<string, string>} parameters by upper-case name, without the ALLROADS_ prefix
 * @property {string} out the folder of the reports
 * @property {number} jobs number of notebooks run in parallel
 * @property {number | null} timeout seconds for one cell; null for no limit
 */

/**
 * The command `npm run paper`.
 *
 * @param {string[]} notebooks the names of all notebooks
 * @returns {import("../setup/command-line.mjs").Command}
 */
export const paperCommand = (notebooks) => ({
  name: "npm run paper --",
  about:
    "Sets up what is missing, runs the notebooks and writes reports/*.html with an index.html.\nFinished training stages are kept in runs/ and reused.",
  options: {
    preset: { value: "NAME", help: `size of the experiments: ${joinWords(PRESETS)} (default: laptop)` },
    only: {
      value: "NAME",
      multiple: true,
      help: "run only this notebook, given by its name or the start of it; can be repeated",
    },
    param: {
      value: "KEY=VALUE",
      multiple: true,
      help: "set ALLROADS_KEY for the notebooks; can be repeated. Relative paths start from the current\nfolder. RUNS is the folder of finished stages.",
    },
    kernel: { value: "NAME", help: "Jupyter kernel (default: allroads)" },
    "from-ledger": { help: "train nothing: use the committed results of the laptop preset" },
    out: { value: "DIR", help: "folder of the reports (default: reports)" },
    jobs: { value: "N", help: "number of notebooks run in parallel (default: the number of cores)" },
    timeout: { value: "SECONDS", help: "stop a cell that takes longer (default: no limit)" },
  },
  notes: `ALLROADS_DEVICE=cpu or cuda chooses the device; the default is cuda if there is an NVIDIA driver.

Notebooks: ${notebooks.length > 0 ? joinWords(notebooks) : "none"}.`,
});

/**
 * Reads the command line of `npm run paper`.
 *
 * @param {string[]} argv
 * @param {object} context
 * @param {string[]} context.notebooks the names of all notebooks, in order
 * @param {string} context.reports the default folder of the reports
 * @param {string} context.from the folder that relative paths start from
 * @param {number} context.cores the default of --jobs
 * @param {NodeJS.ProcessEnv} [context.env]
 * @returns {Options}
 * @throws {Failure} with exit code 2 if an option is unknown or has a wrong value
 */
export function readArguments(argv, { notebooks, reports, from, cores, env = {} }) {
  const { values } = parseCommandLine(paperCommand(notebooks), argv, env);
  const parameters = Object.assign({}, ...(values.param ?? []).map(readParameter));
  if (values["from-ledger"]) {
    if ((values.preset ?? "laptop") !== "laptop")
      throw usageError(`--from-ledger shows the laptop preset: leave out --preset ${values.preset}.`);
    parameters.FROM_LEDGER = "1";
  }
  return {
    help: values.help ?? false,
    preset: readPreset(values.preset ?? "laptop"),
    kernel: values.kernel ?? "allroads",
    out: values.out === undefined ? reports : path.resolve(from, values.out),
    jobs: values.jobs === undefined ? cores : readJobs(values.jobs),
    timeout: values.timeout === undefined ? null : readTimeout(values.timeout),
    parameters,
    notebooks: values.help ? [] : selectNotebooks(values.only ?? [], notebooks),
  };
}

function readPreset(name) {
  if (!PRESETS.includes(name)) throw unknownName("preset", name, PRESETS);
  return name;
}

function readTimeout(text) {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw usageError(`--timeout is "${text}": give a whole number of seconds, 1 to 999999999.`);
  return Number(text);
}

function readJobs(text) {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw usageError(`--jobs is "${text}": give the number of notebooks to run in parallel, 1 to 9999.`);
  return Number(text);
}

function readParameter(text) {
  const [, key = "", value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (value === undefined)
    throw usageError(`--param ${text} has no value: write --param ${text || "KEY"}=VALUE.`);
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(key))
    throw usageError(`--param "${key}" is not a valid name: use a letter, then letters, digits and "_".`);
  const name = key.toUpperCase();
  if (name === "PRESET") throw usageError(`The preset is not a parameter: write --preset ${value}.`);
  return { [name]: value };
}

/** The notebooks that --only asks for, in the order of `notebooks`; all of them without --only. */
function selectNotebooks(only, notebooks) {
  if (notebooks.length === 0) throw usageError("There are no notebooks in notebooks/.");
  const selected = new Set();
  for (const pattern of only) {
    const name = path.basename(pattern, ".ipynb");
    const matching = notebooks.includes(name)
      ? [name]
      : notebooks.filter((notebook) => name && notebook.startsWith(name));
    if (matching.length === 0) throw unknownName("notebook", name, notebooks);
    for (const notebook of matching) selected.add(notebook);
  }
  return only.length === 0 ? notebooks : notebooks.filter((name) => selected.has(name));
}
