import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { kernelFolder } from "./data-folders.mjs";
import { isAllroads, isByPip, kernelspecText } from "./kernelspec.mjs";

/** The names that Jupyter gives a kernel's logos; the files are in this folder. */
export const LOGOS = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];

/**
 * Installs a kernelspec with its logos, replacing one of the same name. The folder is written
 * under a temporary name and renamed, so that Jupyter never sees an incomplete one.
 *
 * @param {string} data the Jupyter data folder, for example ~/.local/share/jupyter
 * @param {string} name
 * @param {Parameters<typeof kernelspecText>[0]} spec
 * @returns {string} the kernelspec's folder
 */
export function install(data, name, spec) {
  const folder = kernelFolder(data, name);
  const temporary = `${folder}.${process.pid}.tmp`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  writeFileSync(path.join(temporary, "kernel.json"), kernelspecText(spec));
  for (const logo of LOGOS)
    copyFileSync(fileURLToPath(new URL(logo, import.meta.url)), path.join(temporary, logo));
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return folder;
}

/** The parsed kernel.json of a folder, or null if it cannot be read. */
function readKernelspec(folder) {
  try {
    return JSON.parse(readFileSync(path.join(folder, "kernel.json"), "utf8"));
  } catch {
    return null;
  }
}

/** Whether a Jupyter data folder holds another program's kernel of this name. */
export function isTaken(data, name) {
  const folder = kernelFolder(data, name);
  return existsSync(path.join(folder, "kernel.json")) && !isAllroads(readKernelspec(folder));
}

/**
 * The Allroads kernels installed in some Jupyter data folders.
 *
 * @param {string[]} dataFolders
 * @returns {{ name: string, folder: string, argv: string[], byPip: boolean }[]}
 */
export function installedKernels(dataFolders) {
  const found = [];
  for (const data of new Set(dataFolders)) {
    const kernels = path.join(data, "kernels");
    for (const name of existsSync(kernels) ? readdirSync(kernels).sort() : []) {
      const spec = readKernelspec(path.join(kernels, name));
      const folder = path.join(kernels, name);
      if (isAllroads(spec)) found.push({ name, folder, argv: spec.argv, byPip: isByPip(spec) });
    }
  }
  return found;
}

/** Whether pip has installed a kernelspec. Only pip can remove it completely. */
export const isInstalledByPip = (data, name) => isByPip(readKernelspec(kernelFolder(data, name)));

/** Removes an Allroads kernel. Returns false if `data` holds no Allroads kernel of that name. */
export function uninstall(data, name) {
  const folder = kernelFolder(data, name);
  if (!isAllroads(readKernelspec(folder))) return false;
  rmSync(folder, { recursive: true });
  return true;
}
