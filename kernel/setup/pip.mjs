import { existsSync, mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { findPython, pythonEnvironment } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import { replaceFolder } from "./files.mjs";
import { runLogged, syncFiles } from "./shell.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

/** pip's settings that say how packages are fetched. All others could change which packages are installed, or where. */
const KEPT_SETTINGS =
  /^PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CERT|CLIENT_CERT|PROXY|TRUSTED_HOST|DEFAULT_TIMEOUT|TIMEOUT|CACHE_DIR|NO_CACHE_DIR|CONFIG_FILE|KEYRING_PROVIDER|USE_FEATURE)$/;

/**
 * The environment variables for pip. Of pip's own, those are kept that say where packages are fetched from; constraints
 * of the system's configuration are off, since they could contradict the pinned versions.
 */
export function pipEnvironment(env = process.env) {
  const kept = Object.entries(pythonEnvironment(env)).filter(
    ([name]) => !name.startsWith("PIP_") || KEPT_SETTINGS.test(name),
  );
  return { ...Object.fromEntries(kept), PIP_USER: "0", PIP_CONSTRAINT: os.devNull };
}

/** The Python that runs pip. */
export const installerPython = ({ installer }) => path.join(installer, "bin", "python");

/** An environment with nothing but the pip that is part of this machine's Python. It installs into other environments. */
export const installer = {
  name: "pip",
  after: [],
  /** @param {Context} context */
  ready: ({ paths }) => existsSync(installerPython(paths)),
  /** @param {Context} context */
  async run({ paths }) {
    const made = path.join(paths.scratch, "pip");
    await runLogged("Creating the Python environment of pip", findPython(), ["-m", "venv", "--clear", made], {
      cwd: paths.root,
      log: paths.log,
      env: pythonEnvironment(),
    });
    await syncFiles(made, paths.log);
    replaceFolder(made, paths.installer);
  },
};

/** Runs pip. @param {string} what the task, for error messages */
export function pip(what, args, { paths, env = {} }) {
  const options = ["--disable-pip-version-check", "--no-input", "--retries", "3"];
  return runLogged(what, installerPython(paths), ["-m", "pip", ...options, ...args], {
    cwd: paths.root,
    log: paths.log,
    env: { ...pipEnvironment(), ...env },
  });
}

const MISMATCH = /DO NOT MATCH THE HASHES/;

/** The package that pip refused, as in "anyio==4.16.0". */
const refusedPackage = (output) => /DO NOT MATCH THE HASHES[^\n]*\n\s*(\S+)/.exec(output)?.[1] ?? "a package";

/**
 * Downloads wheels into a folder. With hashes in the requirements, pip refuses a file that has none of them. If that
 * file came from pip's cache, it is fetched again.
 *
 * @param {string} what the task, for error messages
 * @param {string[]} args requirements and options of `pip download`
 * @param {{ paths: import("./paths.mjs").Paths, folder: string, scratch: string }} where `scratch` takes pip's own files
 * @throws {Failure} that names the package that was refused
 */
export async function download(what, args, { paths, folder, scratch }) {
  mkdirSync(folder, { recursive: true });
  mkdirSync(scratch, { recursive: true });
  const options = ["download", "--progress-bar", "off", "--only-binary=:all:", "-d", folder];
  const run = (...more) => pip(what, [...options, ...more, ...args], { paths, env: { TMPDIR: scratch } });
  try {
    await run();
  } catch (error) {
    if (!MISMATCH.test(error.output)) throw error;
    try {
      await run("--no-cache-dir");
    } catch (second) {
      if (!MISMATCH.test(second.output)) throw second;
      throw new Failure(
        `${what} failed: ${refusedPackage(second.output)} does not have the SHA-256 that is pinned for it, so it was refused and nothing was changed; check the network, and the package index that pip is configured to use, then run the same command again.`,
      );
    }
  }
}
