import { existsSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The repository's root: the nearest folder above this module, as source or bundled, that holds `data` and `notebooks`.
 * Throws if there is none.
 */
export function repositoryRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "data")) && existsSync(join(folder, "notebooks"))) return folder;
    if (folder === dirname(folder))
      throw new Error(
        `No folder above ${start} holds both data/ and notebooks/; keep the module inside its repository.`,
      );
  }
}

/** A path that the user gave, relative to the folder of the command (`ALLROADS_FROM`), else to the current folder. */
export function userPath(name: string): string {
  return resolve(process.env.ALLROADS_FROM || process.cwd(), name);
}

/** Whether this module is installed in another project, as a package that brings its own data. */
export function isInstalled(root: string = repositoryRoot()): boolean {
  return root.split(sep).includes("node_modules");
}

/** The folder of the run store: `ALLROADS_RUNS`, or `runs` in the repository or, if installed, in the current folder. */
export function runStore(): string {
  const named = process.env.ALLROADS_RUNS;
  return named ? userPath(named) : join(isInstalled() ? process.cwd() : repositoryRoot(), "runs");
}
