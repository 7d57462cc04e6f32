import { existsSync, statfsSync } from "node:fs";
import path from "node:path";
import { isSupportedNode } from "../install/node-version.mjs";
import { Failure } from "./failure.mjs";
import { commandOutput } from "./shell.mjs";

export { isSupportedNode };

/** @throws {Failure} if this version of Node is too old */
export function checkNode(version = process.versions.node) {
  if (!isSupportedNode(version))
    throw new Failure(
      `Node ${version} is too old: install Node 20.19 or later (22 and 24 work too), then run the same command again.`,
    );
}

/** @throws {Failure} if there is no TensorFlow library for this system */
export function checkPlatform(platform = process.platform, arch = process.arch) {
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64"))
    throw new Failure(
      `TensorFlow's C library is not available for ${platform} on ${arch}: use Linux on x86-64 or aarch64 with glibc, a container or WSL.`,
    );
}

/** @throws {Failure} if this system has no glibc, which TensorFlow's library needs */
export function checkGlibc() {
  const report = /** @type {any} */ (process.report?.getReport());
  const version = report?.header?.glibcVersionRuntime;
  if (!version)
    throw new Failure(
      "TensorFlow's C library needs glibc, and this Linux has none (Alpine uses musl): use Debian, Ubuntu or Fedora, or a container with one of them.",
    );
}

/** The versions of Python for which kernel/requirements.txt has wheels, in order. */
export const PYTHON_VERSIONS = ["3.11", "3.12", "3.13", "3.14"];

/** Prints the version and whether virtual environments can be created: "3.12 True". */
const PROBE = `
import importlib.util as u, sys
print("%d.%d" % sys.version_info[:2], all(u.find_spec(m) for m in ("venv", "ensurepip")))
`;

/** The environment variables for Python, without those that make a virtual environment use other packages. */
export function pythonEnvironment(env = process.env) {
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, PIP_REQUIRE_VIRTUALENV, ...rest } = env;
  return { ...rest, PYTHONNOUSERSITE: "1", PIP_USER: "0" };
}

/**
 * Finds a supported Python with the venv module.
 *
 * @param {(command: string) => string | null} probe returns the output of PROBE, or null if there is no such command
 * @param {string[]} candidates commands, the preferred one first
 * @returns {string} the command
 * @throws {Failure} if there is none
 */
export function findPython(
  probe = (command) => commandOutput(command, ["-c", PROBE], pythonEnvironment()),
  candidates = pythonCandidates(),
) {
  const without = [];
  const others = [];
  for (const command of candidates) {
    const [version, hasVenv] = probe(command)?.trim().split(" ") ?? [];
    if (!version) continue;
    if (!PYTHON_VERSIONS.includes(version)) others.push(version);
    else if (hasVenv !== "True") without.push(version);
    else return command;
  }
  if (without.length > 0)
    throw new Failure(
      `Python ${without[0]} has no venv module: install it (on Debian and Ubuntu: apt install python3-venv), then run the same command again.`,
    );
  const found = others.length > 0 ? `only Python ${others[0]} was found` : "no Python was found";
  throw new Failure(
    `Python ${PYTHON_VERSIONS[0]} to ${PYTHON_VERSIONS.at(-1)} is needed, and ${found}: install it with its venv module (on Debian and Ubuntu: apt install python3 python3-venv) or set ALLROADS_PYTHON, then run the same command again.`,
  );
}

function pythonCandidates() {
  const named = process.env.ALLROADS_PYTHON;
  return named ? [named] : ["python3.13", "python3.12", "python3.11", "python3", "python3.14", "python"];
}

/**
 * The C++ compiler: the first that works of $CXX, g++, c++ and clang++.
 *
 * @throws {Failure} if there is none
 */
export function findCompiler(works = (command) => commandOutput(command, ["--version"]) !== null) {
  const compiler = [process.env.CXX, "g++", "c++", "clang++"].find((command) => command && works(command));
  if (!compiler)
    throw new Failure(
      "No C++ compiler was found: install one (on Debian and Ubuntu: apt install g++), then run the same command again.",
    );
  return compiler;
}

/** @throws {Failure} if the disk of `folder` has less than this many gigabytes free */
export function checkSpace(folder, gigabytes, free = freeGigabytes(folder)) {
  if (free < gigabytes)
    throw new Failure(
      `Set-up needs ${gigabytes.toFixed(1)} GB of disk space while it runs, and ${free.toFixed(1)} GB are free: free some space, then run the same command again.`,
    );
}

function freeGigabytes(folder) {
  while (!existsSync(folder)) folder = path.dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 1e9;
}
