import { statSync } from "node:fs";

/** A loaded local file. */
export interface TimedFile {
  file: string;
  /** The file's modification time when it was loaded; NaN if it must be loaded again. */
  modifiedAt: number;
  /** The local files it imports. */
  dependencies: ReadonlySet<string>;
}

export const modificationTime = (file: string): number =>
  statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The loaded files that have changed, and all files that depend on them. */
export function staleFiles(loaded: Iterable<TimedFile>, currentTime: (file: string) => number): Set<string> {
  const all = [...loaded];
  const changed = all.filter(({ file, modifiedAt }) => currentTime(file) !== modifiedAt);
  const stale = new Set(changed.map(({ file }) => file));
  for (let size = -1; size !== stale.size; ) {
    size = stale.size;
    for (const { file, dependencies } of all)
      if ([...dependencies].some((dependency) => stale.has(dependency))) stale.add(file);
  }
  return stale;
}
