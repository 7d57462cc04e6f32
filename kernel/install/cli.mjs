#!/usr/bin/env node
import path from "node:path";
import { fileURLToPath } from "node:url";
import { visibleLine } from "../display/visible.mjs";
import { helpText, parseCommandLine, unknownName, usageError } from "../setup/command-line.mjs";
import { errorText } from "../setup/failure.mjs";
import { dataFolders, prefixDataFolder, userDataFolder } from "./data-folders.mjs";
import { diagnose } from "./doctor.mjs";
import { install, installedKernels, isInstalledByPip, isTaken, uninstall } from "./install.mjs";
import { jupyterPrefix, pythonNames } from "./python.mjs";

/** @type {import("../setup/command-line.mjs").Command} */
const COMMAND = {
  name: "allroads-kernel",
  operands: "COMMAND",
  about: `Installs the Allroads kernel, TypeScript for Jupyter.

Commands:
  install    install the kernelspec
  uninstall  remove it
  list       list the installed Allroads kernels
  doctor     check everything the kernel needs`,
  options: {
    user: { help: "for this user (the default)" },
    "sys-prefix": { help: 'in the Python environment of the "jupyter" on the path, or else of the Python' },
    prefix: { value: "DIR", help: "in the Python environment DIR" },
    name: { value: "NAME", help: 'the name of the kernel (default: "allroads")' },
    check: {
      value: "LEVEL",
      help: 'how types are checked: "strict", "relaxed" or "off" (default: strict if tsconfig.json is, else relaxed)',
    },
    unchecked: { help: "the same as --check off" },
  },
};

const PLACES = ["user", "sys-prefix", "prefix"];

/** The options of each command. */
const COMMANDS = {
  install: [...PLACES, "name", "check", "unchecked"],
  uninstall: [...PLACES, "name"],
  list: PLACES,
  doctor: PLACES,
};

const PROGRAM = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "dist", "start.cjs");

const STRICTNESSES = ["strict", "relaxed", "off"];

/** The environment of the kernel that the options choose. @returns {Record<string, string>} */
function kernelEnvironment({ check, unchecked }) {
  if (unchecked && check !== undefined)
    throw usageError("--check and --unchecked exclude each other: give one.");
  const strictness = unchecked ? "off" : check;
  if (strictness === undefined) return {};
  if (!STRICTNESSES.includes(strictness)) throw unknownName("check level", strictness, STRICTNESSES);
  return { ALLROADS_KERNEL_CHECK: strictness };
}

/** The Python environment of Jupyter. */
function requirePrefix() {
  const prefix = jupyterPrefix();
  if (prefix) return prefix;
  throw usageError(
    `--sys-prefix needs Jupyter or Python (${pythonNames().join(" or ")}), and neither is on the path: use --prefix DIR.`,
  );
}

/** The Jupyter data folder that the options choose. */
function dataFolder(values) {
  if (values.prefix) return prefixDataFolder(path.resolve(values.prefix));
  return values["sys-prefix"] ? prefixDataFolder(requirePrefix()) : userDataFolder();
}

/**
 * Runs one command.
 *
 * @param {string[]} argv
 * @returns {{ lines: string[], exitCode: number }}
 * @throws {Failure} with exit code 2 if the command line is wrong
 */
function run(argv) {
  const { values, operands } = parseCommandLine(COMMAND, argv);
  const [command = "help", ...rest] = operands;
  if (values.help || command === "help")
    return { lines: helpText(COMMAND).trimEnd().split("\n"), exitCode: 0 };
  if (!Object.hasOwn(COMMANDS, command)) throw unknownName("command", command, Object.keys(COMMANDS));
  if (rest.length > 0)
    throw usageError(`Unexpected argument "${rest[0]}": allroads-kernel ${command} takes options only.`);
  const useless = Object.keys(values).find((option) => !COMMANDS[command].includes(option));
  if (useless !== undefined)
    throw usageError(`allroads-kernel ${command} has no option --${useless}: leave it out.`);
  const locations = PLACES.filter((name) => values[name] !== undefined);
  if (locations.length > 1) throw usageError(`--${locations.join(" and --")} exclude each other: give one.`);
  const { name = "allroads" } = values;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw usageError(
      `--name "${name}" is not a valid kernel name: use letters, digits, ".", "_" and "-", a letter or digit first.`,
    );
  /** Where Jupyter finds kernels, and the place that the options name. */
  const searched = () => [...new Set([...dataFolders(jupyterPrefix()), dataFolder(values)])];
  switch (command) {
    case "install": {
      const displayName = name === "allroads" ? "TypeScript" : `TypeScript (${name})`;
      const env = kernelEnvironment(values);
      const spec = { node: process.execPath, program: PROGRAM, displayName, env };
      const data = dataFolder(values);
      if (isTaken(data, name))
        throw usageError(`${data} has another kernel "${name}", which is not Allroads: give another --name.`);
      return { lines: [`Installed in ${install(data, name, spec)}`], exitCode: 0 };
    }
    case "uninstall": {
      const data = dataFolder(values);
      if (isInstalledByPip(data, name))
        throw usageError(
          `pip has installed the kernel "${name}": remove it by pip uninstall allroads-kernel.`,
        );
      if (!uninstall(data, name)) {
        const names = installedKernels([data]).map((kernel) => kernel.name);
        if (names.length > 0) throw unknownName("Allroads kernel", name, names);
        throw usageError(`There is no Allroads kernel "${name}" in ${data}: see allroads-kernel list.`);
      }
      return { lines: [`Removed the kernel "${name}" from ${data}`], exitCode: 0 };
    }
    case "list": {
      const lines = installedKernels(searched()).map((kernel) => `${kernel.name}  ${kernel.folder}`);
      return { lines: lines.length > 0 ? lines : ["Not installed."], exitCode: 0 };
    }
    default: {
      const checks = diagnose(PROGRAM, installedKernels(searched()));
      const lines = checks.map(
        ({ name, passed, detail }) => `${passed ? "ok     " : "MISSING"}  ${name}  ${detail}`,
      );
      return { lines, exitCode: checks.every(({ passed }) => passed) ? 0 : 1 };
    }
  }
}

try {
  const { lines, exitCode } = run(process.argv.slice(2));
  process.stdout.write(lines.map((line) => `${visibleLine(line)}\n`).join(""));
  process.exitCode = exitCode;
} catch (error) {
  process.stderr.write(`${errorText(error, "allroads-kernel")}\n`);
  process.exitCode = error.exitCode ?? 1;
}
