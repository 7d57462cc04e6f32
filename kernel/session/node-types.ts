import { createRequire } from "node:module";
import path from "node:path";

/** The parts of TypeScript's library that describe what the engine of each version of Node has. */
const libraries: Record<number, string[]> = {
  20: ["es2023", "es2024.arraybuffer", "es2024.regexp", "es2024.sharedmemory", "es2024.string"],
  22: ["es2024", "es2025.collection", "es2025.iterator", "esnext.array"],
  24: ["es2025", "esnext.array", "esnext.disposable", "esnext.error"],
};

/** The last known version of Node that is not later than a version such as "22.1.0". */
function knownVersion(version: string): number {
  const major = Number.parseInt(version, 10);
  const known = Object.keys(libraries).map(Number);
  return known.findLast((each) => each <= major) ?? known[0]!;
}

/** The `lib` option that describes a version of Node. */
export const nodeLibraries = (version: string): string[] => libraries[knownVersion(version)] ?? [];

/** The folder that a package is in, as a file finds it; undefined if it is not installed. */
export function packageFolder(name: string, file: string): string | undefined {
  try {
    return path.dirname(createRequire(file).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * The kernel's own types of Node as an entry of the `typeRoots` option, if the notebook's folder has none. All references
 * to the types of "node", also those within packages, must lead to the same ones.
 */
export function nodeTypeRoots(folder: string, version: string): string[] {
  if (packageFolder("@types/node", path.join(folder, "cell.cjs"))) return [];
  const kernel = packageFolder("allroads-kernel", import.meta.url);
  return kernel ? [path.join(kernel, "types", `node-${knownVersion(version)}`)] : [];
}
