import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { kernelspecText } from "./kernelspec.mjs";
import { pngLogo } from "./logo.mjs";
import { kernelFolder } from "./places.mjs";
import { svgLogo } from "./shape.mjs";

/** The files of a kernel's folder, by name. */
export function kernelFiles(spec) {
  return {
    "kernel.json": kernelspecText(spec),
    "logo-32x32.png": pngLogo(32),
    "logo-64x64.png": pngLogo(64),
    "logo-svg.svg": svgLogo(),
  };
}

/** Installs a kernel: its folder appears whole, or stays as it was. Returns the folder. */
export function install(data, name, spec) {
  const folder = kernelFolder(data, name);
  const made = `${folder}.${process.pid}.tmp`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  for (const [file, content] of Object.entries(kernelFiles(spec)))
    writeFileSync(path.join(made, file), content);
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
  return folder;
}

/** What a kernel's folder says, or null. */
function specIn(folder) {
  try {
    return JSON.parse(readFileSync(path.join(folder, "kernel.json"), "utf8"));
  } catch {
    return null;
  }
}

/** Whether a kernelspec starts this kernel's program, from wherever it was installed. */
const isOurs = (spec) =>
  spec?.argv?.some((part) => /[\\/]kernel[\\/]dist[\\/]start\.cjs$|allroads-kernel.*start\.cjs$/.test(part));

/** The installed kernels of this kind below some data folders: name, folder and the program they start. */
export function installed(dataFolders) {
  const found = [];
  for (const data of new Set(dataFolders)) {
    const kernels = path.join(data, "kernels");
    for (const name of existsSync(kernels) ? readdirSync(kernels).sort() : []) {
      const spec = specIn(path.join(kernels, name));
      if (isOurs(spec)) found.push({ name, folder: path.join(kernels, name), argv: spec.argv });
    }
  }
  return found;
}

/** Removes a kernel of this kind; false where there is none of that name. */
export function uninstall(data, name) {
  const folder = kernelFolder(data, name);
  if (!isOurs(specIn(folder))) return false;
  rmSync(folder, { recursive: true });
  return true;
}
