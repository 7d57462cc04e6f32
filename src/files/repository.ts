import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The repository's top folder: the nearest one above this module, as source or bundled, that holds both
 * `data` and `notebooks`. Throws where there is none.
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

/** A path that the user named, from the folder where the command was given (`ALLROADS_FROM`) or this process's. */
export function userPath(name: string): string {
  return resolve(process.env.ALLROADS_FROM || process.cwd(), name);
}

/** The folder that keeps finished stages: `ALLROADS_RUNS`, or `runs` in the repository. */
export function runStore(): string {
  const named = process.env.ALLROADS_RUNS;
  return named ? userPath(named) : join(repositoryRoot(), "runs");
}
