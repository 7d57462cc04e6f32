import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pythonEnvironment } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import { fileSha256, readJson, readText, sha256, temporaryName, writeAtomically } from "./files.mjs";
import { readPins, requirementsText } from "./pins.mjs";
import { download, installerPython, pip } from "./pip.mjs";
import { runLogged, syncFiles } from "./shell.mjs";

/** @typedef {import("./steps.mjs").Context} Context */
/** @typedef {import("./paths.mjs").Paths} Paths */

/** Records what a Python environment was made for. */
const stampFile = (paths) => path.join(paths.venv, ".allroads.json");

/** The source files of the package in kernel/papermill. */
function papermillSources({ papermill }) {
  const names = existsSync(papermill) ? readdirSync(papermill) : [];
  return names
    .filter((name) => /\.(py|toml)$/.test(name))
    .sort()
    .map((name) => path.join(papermill, name));
}

/** A hash of the pinned packages and of the local package's sources. */
const pinsHash = (paths) =>
  sha256(...[paths.requirements, ...papermillSources(paths)].map((file) => readText(file) ?? ""));

/** Whether the environment is in the place it was made for, with the pinned packages. It cannot be moved. */
function isReady(paths) {
  const stamp = readJson(stampFile(paths));
  return existsSync(paths.python) && stamp?.place === paths.venv && stamp.pins === pinsHash(paths);
}

/**
 * Makes a new Python environment in place of the old one, installs wheels of a folder into it, without a network, and
 * records that it is complete. If that fails, the old environment is put back.
 *
 * @param {string} name for error messages
 * @param {string[]} args arguments of `pip install`
 * @param {Paths} paths
 */
async function replaceEnvironment(name, args, paths) {
  const previous = existsSync(paths.venv) ? temporaryName(paths.venv) : undefined;
  if (previous) renameSync(paths.venv, previous);
  try {
    await runLogged(
      `Creating the Python environment of ${name}`,
      installerPython(paths),
      ["-m", "venv", "--without-pip", "--clear", paths.venv],
      { cwd: paths.root, log: paths.log, env: pythonEnvironment() },
    );
    await pip(`Installing ${name}`, ["--python", paths.python, "install", "--no-index", ...args], { paths });
    await syncFiles(paths.venv, paths.log);
    writeAtomically(stampFile(paths), JSON.stringify({ place: paths.venv, pins: pinsHash(paths) }));
  } catch (error) {
    rmSync(paths.venv, { recursive: true, force: true });
    if (previous) renameSync(previous, paths.venv);
    throw error;
  }
  if (previous) rmSync(previous, { recursive: true, force: true });
}

/** A folder for the files of one step. */
function scratchFolders(name, { scratch }) {
  const folder = path.join(scratch, name.toLowerCase().replaceAll(/[^a-z]+/g, "-"));
  return { folder, wheels: path.join(folder, "wheels"), temporary: path.join(folder, "temporary") };
}

/**
 * A step that makes a Python environment with pinned versions of packages and whatever version of their dependencies is
 * newest, without checking hashes.
 *
 * @param {string} name the step's name
 * @param {number} gigabytes the disk space it takes
 */
export const pinnedVersions = (name, gigabytes) => ({
  name,
  after: ["pip"],
  /** @param {Context} context */
  ready: ({ paths }) => isReady(paths),
  space: () => gigabytes,
  /** @param {Context} context */
  async run({ paths }) {
    const { folder, wheels, temporary } = scratchFolders(name, paths);
    try {
      const requirements = ["-r", paths.requirements];
      await download(`Downloading ${name}`, requirements, { paths, folder: wheels, scratch: temporary });
      await replaceEnvironment(name, ["--find-links", wheels, ...requirements], paths);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

/** pip's name of the package in kernel/papermill. */
export const PAPERMILL = "allroads-papermill";

const BUILD =
  "import sys; sys.path.insert(0, sys.argv[1]); import wheel_builder; print(wheel_builder.build_wheel(sys.argv[2]))";

/**
 * Builds the wheel of kernel/papermill into a folder. The same sources give the same bytes.
 *
 * @param {string} folder
 * @param {string} python the command
 * @param {Pick<Paths, "papermill" | "log">} paths
 * @returns {Promise<string>} the file's path
 */
export async function buildPapermill(folder, python, { papermill, log }) {
  const args = ["-B", "-c", BUILD, papermill, folder];
  const output = await runLogged("Building the papermill package", python, args, {
    log,
    env: pythonEnvironment(),
  });
  return path.join(folder, output.trim());
}

/** JupyterLab, nbconvert, nbclient and papermill, with their dependencies and the package in kernel/papermill. */
export const jupyter = {
  name: "Jupyter",
  after: ["pip"],
  /** @param {Context} context */
  ready: ({ paths }) => isReady(paths),
  space: () => 0.6,
  /** @param {Context} context */
  async run({ paths }) {
    const { folder, wheels, temporary } = scratchFolders("Jupyter", paths);
    try {
      mkdirSync(wheels, { recursive: true });
      const pins = readPins(paths.requirements);
      const papermill = pins.find(({ name }) => name === PAPERMILL);
      const wheel = await buildPapermill(wheels, installerPython(paths), paths);
      if (!papermill?.hashes.includes(fileSha256(wheel)))
        throw new Failure(
          `${paths.papermill} has been changed since its SHA-256 was written into ${paths.requirements}: undo the change or run npm run pin, then run the same command again.`,
        );
      const fetched = path.join(folder, "requirements.txt");
      writeFileSync(fetched, requirementsText(pins.filter((pin) => pin !== papermill)));
      const checked = ["--require-hashes", "--no-deps"];
      await download("Downloading Jupyter", [...checked, "-r", fetched], {
        paths,
        folder: wheels,
        scratch: temporary,
      });
      const install = [...checked, "--find-links", wheels, "-r", paths.requirements];
      await replaceEnvironment("Jupyter", install, paths);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
