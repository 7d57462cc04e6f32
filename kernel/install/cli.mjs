#!/usr/bin/env node
import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { examine } from "./doctor.mjs";
import { install, installed, uninstall } from "./install.mjs";
import { dataFolder, userData } from "./places.mjs";

const HELP = `allroads-kernel: TypeScript in Jupyter

  install     tells Jupyter of this kernel
  uninstall   takes it away
  list        shows where it is installed
  doctor      looks at all that it needs

  --user         for this user (the default)
  --sys-prefix   in the Python environment of the "python3" on the path
  --prefix DIR   in the Python environment DIR
  --name NAME    under another name than "allroads"
  --unchecked    cells run without a check of their types, until one calls checkTypes(true)
`;

const program = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "dist", "start.cjs");

function python() {
  try {
    const print = ["-c", "import sys; print(sys.prefix)"];
    return execFileSync("python3", print, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    throw new Error(
      "--sys-prefix asks python3 where its environment is, and there is none on the path: use --prefix DIR.",
    );
  }
}

/** The options of the command line; throws one sentence where they are wrong. */
function optionsOf(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      user: { type: "boolean" },
      "sys-prefix": { type: "boolean" },
      prefix: { type: "string" },
      name: { type: "string", default: "allroads" },
      unchecked: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const places = ["user", "sys-prefix", "prefix"].filter((name) => values[name] !== undefined);
  if (places.length > 1) throw new Error(`--${places.join(" and --")} name two places: give one of them.`);
  if (!/^[A-Za-z0-9._-]+$/.test(values.name))
    throw new Error(`--name "${values.name}" is no name of a kernel: use letters, digits, ".", "_" and "-".`);
  return { command: positionals[0] ?? "help", rest: positionals.slice(1), ...values };
}

/**
 * What the command says, and its exit code.
 *
 * @param {string[]} argv
 * @returns {[string, number]}
 */
function run(argv) {
  const { command, rest, name, help, prefix, ...values } = optionsOf(argv);
  if (help || command === "help") return [HELP, 0];
  if (rest.length > 0)
    throw new Error(`"${rest[0]}" is one word too many: allroads-kernel ${command} takes options only.`);
  const data = () => dataFolder({ prefix, sysPrefix: values["sys-prefix"] }, { python });
  const everywhere = () => [userData(), ...(prefix || values["sys-prefix"] ? [data()] : [])];
  switch (command) {
    case "install": {
      const displayName = name === "allroads" ? "TypeScript" : `TypeScript (${name})`;
      const env = values.unchecked ? { ALLROADS_KERNEL_CHECK: "off" } : {};
      const spec = { node: process.execPath, program, displayName, env };
      return [`Installed in ${install(data(), name, spec)}\n`, 0];
    }
    case "uninstall":
      if (!uninstall(data(), name))
        throw new Error(`There is no kernel "${name}" of this kind in ${data()}.`);
      return [`Removed the kernel "${name}" from ${data()}\n`, 0];
    case "list": {
      const found = installed(everywhere());
      return [found.map((kernel) => `${kernel.name}  ${kernel.folder}\n`).join("") || "Not installed.\n", 0];
    }
    case "doctor": {
      const checks = examine(program, installed(everywhere()));
      const lines = checks.map(
        ({ what, good, said }) => `${good ? "ok     " : "MISSING"}  ${what}  ${said}\n`,
      );
      return [lines.join(""), checks.every(({ good }) => good) ? 0 : 1];
    }
    default:
      throw new Error(`"${command}" is no command: use install, uninstall, list or doctor.`);
  }
}

try {
  const [text, code] = run(process.argv.slice(2));
  process.stdout.write(text);
  process.exitCode = code;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
