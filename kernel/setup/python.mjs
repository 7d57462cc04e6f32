import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { findPython, pythonEnvironment } from "./checks.mjs";
import { digest, jsonOf, textOf, writeAtomically } from "./files.mjs";
import { quietly } from "./shell.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

const stampOf = (paths) => path.join(paths.venv, ".allroads.json");

/** Runs the environment's own pip. */
export function pip(what, args, { paths, env = {} }) {
  return quietly(
    what,
    paths.python,
    ["-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "3", ...args],
    { cwd: paths.root, log: paths.log, env: { ...pythonEnvironment(), ...env } },
  );
}

/** An empty virtual environment, made for this very place (its scripts hold absolute paths). */
export const environment = {
  name: "Python environment",
  after: [],
  /** @param {Context} context */
  ready: ({ paths }) => existsSync(paths.python) && jsonOf(stampOf(paths))?.place === paths.venv,
  /** @param {Context} context */
  async run({ paths }) {
    const python = findPython();
    await quietly("Making the Python environment", python, ["-m", "venv", "--clear", paths.venv], {
      cwd: paths.root,
      log: paths.log,
      env: pythonEnvironment(),
    });
    writeAtomically(stampOf(paths), JSON.stringify({ place: paths.venv }));
  },
};

/** The sources of packages of this repository itself, which requirements name by their folders. */
function ownSources(requirements, { root }) {
  const folders = requirements.split("\n").filter((line) => line.startsWith("./"));
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => /\.(py|toml)$/.test(name))
      .sort()
      .map((name) => path.join(root, folder, name)),
  );
}

/** The key of the pinned packages: changes when a pin does, or a source of such a package. */
function pins(paths) {
  const requirements = textOf(paths.requirements) ?? "";
  const sources = ownSources(requirements, paths).map((file) => textOf(file) ?? "");
  return digest(requirements, textOf(paths.constraints) ?? "", ...sources);
}

/**
 * The packages that the requirements pin, installed in the environment.
 *
 * @param {string} name what they are, for people
 * @param {number} gigabytes of disk that they take
 */
export const pinned = (name, gigabytes) => ({
  name,
  after: ["Python environment"],
  /** @param {Context} context */
  ready: ({ paths }) => jsonOf(stampOf(paths))?.pins === pins(paths),
  space: () => gigabytes,
  /** @param {Context} context */
  async run({ paths }) {
    const constraints = existsSync(paths.constraints) ? ["-c", paths.constraints] : [];
    await pip(`Installing ${name}`, ["install", "-r", paths.requirements, ...constraints], { paths });
    writeAtomically(stampOf(paths), JSON.stringify({ place: paths.venv, pins: pins(paths) }));
  },
});

/** JupyterLab, nbconvert, nbclient and papermill with all that they need, in pinned versions. */
export const jupyter = pinned("Jupyter", 0.4);
