import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { readJson } from "./files.mjs";
import { npmCommand } from "./packages.mjs";

/** The files that the package in a folder consists of, relative to it, as `npm pack` chooses them. */
function packedFiles(folder) {
  const { command, args } = npmCommand();
  const pack = [...args, "pack", "--dry-run", "--json", "--ignore-scripts"];
  const shell = process.platform === "win32" && command === "npm";
  const { status, stdout, stderr } = spawnSync(command, pack, { cwd: folder, encoding: "utf8", shell });
  if (status !== 0) throw new Failure(`npm pack failed in ${folder}: ${stderr.trim().split("\n").at(-1)}`);
  return JSON.parse(stdout)[0].files.map(({ path }) => path);
}

/** The folder of an installed package, as a package in another folder finds it; undefined if it is not installed. */
function installedFolder(name, from) {
  const folder = path.join(from, "node_modules", name);
  if (existsSync(path.join(folder, "package.json"))) return folder;
  const parent = path.dirname(from);
  return parent === from ? undefined : installedFolder(name, parent);
}

/**
 * The folders of the packages that a package needs, by name; optional ones if they are installed.
 *
 * @param {string} folder
 * @param {Map<string, string>} [found]
 * @returns {Map<string, string>}
 */
export function dependencyFolders(folder, found = new Map()) {
  const { dependencies = {}, optionalDependencies = {} } = readJson(path.join(folder, "package.json"));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const installed = installedFolder(name, folder);
    if (!installed && name in optionalDependencies) continue;
    if (!installed) throw new Failure(`The package ${name} is not installed: run npm run setup.`);
    const other = found.get(name);
    if (other === installed) continue;
    if (other)
      throw new Failure(`There are two versions of ${name}: ${other} and ${installed}. Pin one of them.`);
    found.set(name, installed);
    dependencyFolders(installed, found);
  }
  return found;
}

/** The files of an installed package, relative to it, without its own packages and source maps. */
function filesIn(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(path.sep).includes("node_modules"));
}

/**
 * All files of the kernel's package and of those it needs, as they lie in a folder `node_modules`.
 *
 * @param {string} kernel the folder of the package
 * @returns {[target: string, source: string][]}
 */
export function packageFiles(kernel) {
  const own = packedFiles(kernel).map((file) => [`allroads-kernel/${file}`, path.join(kernel, file)]);
  const others = [...dependencyFolders(kernel)].flatMap(([name, folder]) =>
    filesIn(folder).map((file) => [`${name}/${file.replaceAll(path.sep, "/")}`, path.join(folder, file)]),
  );
  return /** @type {[string, string][]} */ ([...own, ...others]);
}
