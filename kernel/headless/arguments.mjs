import path from "node:path";
import { joinWords, parseCommandLine, unknownName, usageError } from "../setup/command-line.mjs";

export const PRESETS = ["smoke", "laptop", "gpu"];

/**
 * The presets that only one notebook has.
 *
 * @typedef {object} OwnPresets
 * @property {string} notebook
 * @property {string} folder where they are
 * @property {string[]} names
 * @property {string} parameter the parameter that takes a preset's name, or the path of a YAML file that is one
 */

/**
 * @typedef {object} Options the options of `npm run paper`
 * @property {boolean} help
 * @property {string} preset
 * @property {string[]} notebooks the names of the notebooks to run, in order
 * @property {string} kernel the name of a Jupyter kernel
 * @property {Record<string, string>} parameters by upper-case name, without the ALLROADS_ prefix
 * @property {"read" | "train"} results whether the committed results are read or the experiments are trained
 * @property {boolean} check whether some of the committed results are computed again beside the notebooks
 * @property {string} out the folder of the reports
 * @property {number} jobs number of notebooks run in parallel
 * @property {number | null} timeout seconds for one cell; null for no limit
 */

/**
 * The command `npm run paper`.
 *
 * @param {string[]} notebooks the names of all notebooks
 * @param {OwnPresets} [own]
 * @returns {import("../setup/command-line.mjs").Command}
 */
export const paperCommand = (notebooks, own) => ({
  name: "npm run paper --",
  about:
    "Sets up what is missing, runs the notebooks and writes reports/*.html with an index.html.\nAt the preset laptop committed results are read, and some of them are trained again beside the notebooks to show that\nthey come out the same: if not, the exit status is 1. Other presets are trained. Finished training stages are kept in\nruns/ and reused.",
  options: {
    preset: {
      value: "NAME",
      help:
        `size of the experiments: ${joinWords(PRESETS)} (default: laptop)` +
        (own ? `; or for ${own.notebook}\nalone a preset of ${own.folder}, or a YAML file that is one` : ""),
    },
    train: {
      help: "train the experiments instead of reading the committed results; says first how long it takes",
    },
    "from-ledger": { help: "read the committed results and train nothing at all" },
    only: {
      value: "NAME",
      multiple: true,
      help: "run only this notebook, given by its name or the start of it; can be repeated. Nothing is\ntrained beside it",
    },
    param: {
      value: "KEY=VALUE",
      multiple: true,
      help: "set ALLROADS_KEY for the notebooks; can be repeated. Relative paths start from the current\nfolder. RUNS is the folder of finished stages.",
    },
    kernel: { value: "NAME", help: "Jupyter kernel (default: allroads)" },
    out: { value: "DIR", help: "folder of the reports (default: reports)" },
    jobs: { value: "N", help: "number of notebooks run in parallel (default: the number of cores)" },
    timeout: { value: "SECONDS", help: "stop a cell that takes longer (default: no limit)" },
  },
  notes: `ALLROADS_TRAIN=1 in the environment is the same as --train, also for notebooks in other programs.
ALLROADS_DEVICE=cpu or cuda chooses the device; the default is cuda if there is an NVIDIA driver.

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
 * @param {string} [context.committed] the preset whose results are committed, if any
 * @param {OwnPresets} [context.own]
 * @param {NodeJS.ProcessEnv} [context.env]
 * @returns {Options}
 * @throws {Failure} with exit code 2 if an option is unknown or has a wrong value
 */
export function readArguments(argv, { notebooks, reports, from, cores, committed, own, env = {} }) {
  const { values } = parseCommandLine(paperCommand(notebooks, own), argv, env);
  const parameters = Object.assign({}, ...(values.param ?? []).map(readParameter));
  const chosen = ownPreset(values.preset, own);
  const preset = chosen ? "laptop" : readPreset(values.preset ?? "laptop", own);
  if (chosen) parameters[chosen.parameter] = values.preset;
  const only = values.only ?? (chosen ? [chosen.notebook] : []);
  const selected = values.help ? [] : selectNotebooks(only, notebooks);
  if (chosen && selected.some((name) => name !== chosen.notebook))
    throw usageError(
      `The preset ${values.preset} is for ${chosen.notebook} alone: leave out other notebooks of --only.`,
    );
  const readsOnly = values["from-ledger"] ?? false;
  if (readsOnly && values.train)
    throw usageError("--from-ledger and --train exclude each other: leave out one.");
  if (readsOnly && preset !== committed)
    throw usageError(
      committed === undefined
        ? "--from-ledger reads committed results, and there are none: leave it out."
        : `--from-ledger shows the ${committed} preset: leave out --preset ${preset}.`,
    );
  const asked = !readsOnly && (values.train || !["", "0"].includes(env.ALLROADS_TRAIN ?? ""));
  if (readsOnly) parameters.TRAIN = "0";
  else if (asked) parameters.TRAIN = "1";
  const results = asked || preset !== committed ? "train" : "read";
  return {
    help: values.help ?? false,
    preset,
    results,
    check: results === "read" && !readsOnly && values.only === undefined && !chosen,
    kernel: values.kernel ?? "allroads",
    out: values.out === undefined ? reports : path.resolve(from, values.out),
    jobs: values.jobs === undefined ? cores : readJobs(values.jobs),
    timeout: values.timeout === undefined ? null : readTimeout(values.timeout),
    parameters,
    notebooks: selected,
  };
}

/**
 * The presets that only one notebook has, if `name` is one of them.
 *
 * @param {string | undefined} name
 * @param {OwnPresets | undefined} own
 */
function ownPreset(name, own) {
  if (own === undefined || name === undefined || PRESETS.includes(name)) return undefined;
  return own.names.includes(name) || /\.ya?ml$/.test(name) ? own : undefined;
}

function readPreset(name, own) {
  if (!PRESETS.includes(name)) throw unknownName("preset", name, [...PRESETS, ...(own?.names ?? [])]);
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
  if (name === "TRAIN") throw usageError("Training is not a parameter: write --train or --from-ledger.");
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
