import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../../kernel/setup/failure.mjs";
import { readJson, writeAtomically } from "../../../kernel/setup/files.mjs";
import { npmCommand } from "../../../kernel/setup/packages.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { runLogged } from "../../../kernel/setup/shell.mjs";
import { benchPaths } from "../bench-environment.mjs";

/** Cells that users of TypeScript kernels write, by their names in python/cells.py. */
export const CELLS = {
  esm: "`await import` of a package that is an ES module only (chalk)",
  untyped: "static import of a package without types (lodash)",
  parameters: "a function with parameters without types",
  json: "`(await (await fetch(url)).json()).name`",
  again: "a `const` declared again with another type",
  local: "a local module, imported without its ending, that imports an interface",
  figure: "a figure of Observable Plot with jsdom is shown",
  jsx: "JSX with react-dom/server",
  child: "the output of a child process with inherited streams",
  using: "`using`",
  enum: "an enum used in the next cell",
  native: "a native add-on (better-sqlite3)",
  rejection: "after an unhandled rejection the kernel lives on",
  image: "the bytes of a PNG (sharp) are shown as an image",
  mistyped: "a cell with a type error does not run",
};

/** The local modules of the cells, and package.json with its lock file. */
const sources = fileURLToPath(new URL("cells", import.meta.url));

const installed = path.join(benchPaths.bench, "cells");

/** What is installed: the packages, for this version of Node, and whether better-sqlite3 has its add-on. */
const wanted = (native) => ({
  lock: readFileSync(path.join(sources, "package-lock.json"), "utf8"),
  modules: process.versions.modules,
  native,
});

/**
 * Installs the packages that the cells import, if necessary.
 *
 * @param {{ native?: boolean }} [options] whether the add-on of better-sqlite3 is made, which is fetched from a host that
 *     is no registry, or compiled for minutes; default true
 * @returns {Promise<string | null>} the reason why that is not possible, or null
 */
export async function installPackages({ native = true } = {}) {
  const record = path.join(installed, "installed.json");
  const want = wanted(native);
  const have = readJson(record);
  if (have?.lock === want.lock && have.modules === want.modules && (have.native || !native)) return null;
  const { command, args } = npmCommand();
  const npm = (what, ...more) =>
    runLogged(what, command, [...args, ...more, "--no-audit", "--no-fund"], {
      cwd: installed,
      log: paths.log,
    });
  try {
    rmSync(installed, { recursive: true, force: true });
    mkdirSync(installed, { recursive: true });
    for (const name of ["package.json", "package-lock.json"])
      cpSync(path.join(sources, name), path.join(installed, name));
    await npm("Installing the packages of the cells", "ci", "--ignore-scripts", "--prefer-offline");
    // The one package with a script that is needed. npm hands the repository's ignore-scripts on to what it runs.
    if (native) await npm("Building better-sqlite3", "rebuild", "better-sqlite3", "--ignore-scripts=false");
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  writeAtomically(record, JSON.stringify(want));
  return null;
}

/**
 * Makes a folder to run the cells in. It lies outside this repository, whose tsconfig.json would apply to it.
 *
 * @returns {{ folder: string, remove: () => void }}
 */
export function makeCellsFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "cells-"));
  cpSync(sources, folder, { recursive: true });
  symlinkSync(path.join(installed, "node_modules"), path.join(folder, "node_modules"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
