import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import { temporaryName } from "../files/atomic-write.ts";
import { fileSystem, removeIfEmpty } from "../files/file-system.ts";
import { checkFiles, checkId, type Manifest, problemOf, readManifest } from "./manifest.ts";
import { WORK } from "./store.ts";

/** One entry of a run store's folder: a finished stage, or something else that lies there. */
export interface StoredStage {
  readonly id: string;
  /** Its description; absent if it cannot be used. */
  readonly manifest?: Manifest;
  readonly bytes: number;
}

/** Every finished stage in a run store's folder, sorted by name. Hidden entries are left out; see `leftovers`. */
export function inventory(store: string): StoredStage[] {
  return storedNames(store).map((id) => {
    let manifest: Manifest | undefined;
    problemOf(() => {
      manifest = readManifest(path.join(store, id));
    });
    return { id, manifest, bytes: bytesBelow(path.join(store, id)) };
  });
}

/**
 * What is wrong with each entry of a run store that is not a sound stage: a byte differs from what was written, or the id
 * is not the hash of what the stage says it is.
 */
export function problems(store: string): { readonly id: string; readonly problem: string }[] {
  return storedNames(store).flatMap((id) => {
    const folder = path.join(store, id);
    const problem = problemOf(() => {
      const manifest = readManifest(folder);
      checkId(manifest);
      checkFiles(folder, manifest);
    });
    return problem === undefined ? [] : [{ id, problem }];
  });
}

/**
 * Removes files and folders of a run store by name, each at once: renamed, then removed. Returns those that cannot be
 * removed, with the reason.
 */
export function remove(store: string, names: readonly string[]): { name: string; reason: string }[] {
  const failed = names.flatMap((name) => {
    const aside = path.join(store, temporaryName(path.basename(name)));
    try {
      fileSystem.renameSync(path.join(store, name), aside);
      fileSystem.rmSync(aside, { recursive: true, force: true, maxRetries: 3 });
      return [];
    } catch (error) {
      return [{ name, reason: (error as Error).message }];
    }
  });
  removeIfEmpty(path.join(store, WORK));
  return failed;
}

/** The names in a run store's folder that are not hidden, sorted: those of finished stages, and of what else lies there. */
export const storedNames = (store: string): string[] =>
  readdirSync(store)
    .filter((name) => !name.startsWith("."))
    .sort();

/** The bytes of a file, or of all files below a folder that can be read. A link counts as itself. */
export function bytesBelow(name: string): number {
  try {
    const found = lstatSync(name);
    if (!found.isDirectory()) return found.size;
    return readdirSync(name).reduce((sum, child) => sum + bytesBelow(path.join(name, child)), 0);
  } catch {
    return 0;
  }
}
