import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { findPython, pythonEnvironment } from "./checks.mjs";
import { readJson, readText, sha256, writeAtomically } from "./files.mjs";
import { runLogged } from "./shell.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

/** Records what the virtual environment was made for. */
const stampFile = (paths) => path.join(paths.venv, ".allroads.json");

/** Runs pip in the virtual environment. */
export function pip(what, args, { paths, env = {} }) {
  return runLogged(
    what,
    paths.python,
    ["-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "3", ...args],
    { cwd: paths.root, log: paths.log, env: { ...pythonEnvironment(), ...env } },
  );
}

/** An empty virtual environment. It cannot be moved, since its scripts hold absolute paths. */
export const virtualEnvironment = {
  name: "Python environment",
  after: [],
  /** @param {Context} context */
  ready: ({ paths }) => existsSync(paths.python) && readJson(stampFile(paths))?.place === paths.venv,
  /** @param {Context} context */
  async run({ paths }) {
    const python = findPython();
    await runLogged("Creating the Python environment", python, ["-m", "venv", "--clear", paths.venv], {
      cwd: paths.root,
      log: paths.log,
      env: pythonEnvironment(),
    });
    writeAtomically(stampFile(paths), JSON.stringify({ place: paths.venv }));
  },
};

/** The source files of the requirements that are folders of this repository. */
function localSources(requirements, { root }) {
  const folders = requirements.split("\n").filter((line) => line.startsWith("./"));
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => /\.(py|toml)$/.test(name))
      .sort()
      .map((name) => path.join(root, folder, name)),
  );
}

/** A hash of the pinned versions and of the local packages' sources. */
function pinsHash(paths) {
  const requirements = readText(paths.requirements) ?? "";
  const sources = localSources(requirements, paths).map((file) => readText(file) ?? "");
  return sha256(requirements, readText(paths.constraints) ?? "", ...sources);
}

/**
 * A step that installs the packages pinned in the requirements.
 *
 * @param {string} name the step's name
 * @param {number} gigabytes the disk space they take
 */
export const pinnedPackages = (name, gigabytes) => ({
  name,
  after: ["Python environment"],
  /** @param {Context} context */
  ready: ({ paths }) => readJson(stampFile(paths))?.pins === pinsHash(paths),
  space: () => gigabytes,
  /** @param {Context} context */
  async run({ paths }) {
    const constraints = existsSync(paths.constraints) ? ["-c", paths.constraints] : [];
    await pip(`Installing ${name}`, ["install", "-r", paths.requirements, ...constraints], { paths });
    writeAtomically(stampFile(paths), JSON.stringify({ place: paths.venv, pins: pinsHash(paths) }));
  },
});

/** JupyterLab, nbconvert, nbclient and papermill, with their dependencies. */
export const jupyter = pinnedPackages("Jupyter", 0.4);
