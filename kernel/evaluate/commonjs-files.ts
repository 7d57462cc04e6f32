import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { modificationTime, staleFiles, type TimedFile } from "./stale-files.ts";

const isOfPackage = (file: string) => /[\\/]node_modules[\\/]/.test(file);

/** The local files that are loaded by `require`. */
export interface CommonJsFiles {
  /** Loads a file. Those that have changed since, or that require such files, are evaluated again. */
  load(file: string): unknown;
  isLoaded(file: string): boolean;
  /** The local files that it has loaded, with their modification times then. */
  loaded(): TimedFile[];
}

export function openCommonJsFiles(): CommonJsFiles {
  const { cache } = createRequire(import.meta.url);
  const times = new Map<string, number>();

  /** A loaded file with the local files that it requires, directly or through others. */
  const loadedWith = (file: string): TimedFile[] => {
    const found = new Map<string, TimedFile>();
    const visit = (module: NodeJS.Module | undefined) => {
      if (!module || found.has(module.filename) || isOfPackage(module.filename)) return;
      const modifiedAt = times.get(module.filename) ?? modificationTime(module.filename);
      const dependencies = new Set(module.children.map((child) => child.filename));
      found.set(module.filename, { file: module.filename, modifiedAt, dependencies });
      module.children.forEach(visit);
    };
    visit(cache[file]);
    return [...found.values()];
  };

  return {
    isLoaded: (file) => cache[file] !== undefined,
    loaded: () => [
      ...new Map([...times.keys()].flatMap(loadedWith).map((each) => [each.file, each])).values(),
    ],
    load(file) {
      for (const stale of staleFiles(loadedWith(file), modificationTime)) {
        delete cache[stale];
        times.delete(stale);
      }
      const exports = createRequire(pathToFileURL(file))(file);
      for (const loaded of loadedWith(file)) times.set(loaded.file, loaded.modifiedAt);
      return exports;
    },
  };
}
