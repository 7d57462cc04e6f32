import { existsSync, statfsSync } from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { ask } from "./shell.mjs";

/** Throws unless this Node is one that the tools run on: 20.19 or later of 20, 22.12 or later. */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 23;
  if (!fits)
    throw new Failure(
      `Node ${version} is too old: install Node 20.19 or later (22 and 24 work too) and run the same command again.`,
    );
}

/** Throws unless TensorFlow's library exists for this system. */
export function checkPlatform(platform = process.platform, arch = process.arch) {
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64"))
    throw new Failure(
      `This is ${platform} on ${arch}, and TensorFlow's C library is set up on Linux (x86-64 or aarch64, with glibc) only: use such a machine, a container or WSL.`,
    );
}

/** Throws on a system without glibc, where TensorFlow's library cannot be loaded. */
export function checkGlibc() {
  const report = /** @type {any} */ (process.report?.getReport());
  const version = report?.header?.glibcVersionRuntime;
  if (!version)
    throw new Failure(
      "This Linux has no glibc (Alpine, for one, has musl), and TensorFlow's C library needs it: use a Debian, Ubuntu or Fedora system or container.",
    );
}

const PROBE = `
import importlib.util as u, sys
print("%d.%d" % sys.version_info[:2], all(u.find_spec(m) for m in ("venv", "ensurepip")))
`;

/** The environment for Python: without the variables that would make a virtual environment look elsewhere. */
export function pythonEnvironment(env = process.env) {
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, PIP_REQUIRE_VIRTUALENV, ...rest } = env;
  return { ...rest, PYTHONNOUSERSITE: "1", PIP_USER: "0" };
}

/**
 * A Python of version 3.11 or later that can make virtual environments.
 *
 * @param {(command: string) => string | null} probe prints "3.12 True" for a Python with venv, "3.12 False" without
 * @returns {string} the command
 */
export function findPython(
  probe = (command) => ask(command, ["-c", PROBE], pythonEnvironment()),
  candidates = pythonCandidates(),
) {
  const without = [];
  const old = [];
  for (const command of candidates) {
    const [version, hasVenv] = probe(command)?.trim().split(" ") ?? [];
    if (!version) continue;
    const [major, minor] = version.split(".").map(Number);
    if (major !== 3 || minor < 11) old.push(version);
    else if (hasVenv !== "True") without.push(version);
    else return command;
  }
  if (without.length > 0)
    throw new Failure(
      `Python ${without[0]} is here without its venv module: install it (on Debian and Ubuntu: apt install python3-venv) and run the same command again.`,
    );
  const found = old.length > 0 ? `only Python ${old[0]} was found` : "no Python was found";
  throw new Failure(
    `Python 3.11 or later is needed, and ${found}: install it with its venv module (on Debian and Ubuntu: apt install python3 python3-venv), or name one in ALLROADS_PYTHON, and run the same command again.`,
  );
}

function pythonCandidates() {
  const named = process.env.ALLROADS_PYTHON;
  return named ? [named] : ["python3.13", "python3.12", "python3.11", "python3", "python3.14", "python"];
}

/** The C++ compiler: the one in CXX, or the first that runs of g++, c++ and clang++. */
export function findCompiler(works = (command) => ask(command, ["--version"]) !== null) {
  const compiler = [process.env.CXX, "g++", "c++", "clang++"].find((command) => command && works(command));
  if (!compiler)
    throw new Failure(
      "No C++ compiler was found: install one (on Debian and Ubuntu: apt install g++) and run the same command again.",
    );
  return compiler;
}

/** Throws unless the disk below `folder` has this many gigabytes free. */
export function checkSpace(folder, gigabytes, free = freeGigabytes(folder)) {
  if (free < gigabytes)
    throw new Failure(
      `The disk has ${free.toFixed(1)} GB free, and set-up needs ${gigabytes.toFixed(1)} GB for a while: free some space and run the same command again.`,
    );
}

function freeGigabytes(folder) {
  while (!existsSync(folder)) folder = path.dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 1e9;
}
