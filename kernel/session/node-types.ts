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

/** The entry of the `types` option for Node's types: those of the notebook's folder, or else the kernel's own. */
export function nodeTypes(folder: string, version: string): string {
  if (packageFolder("@types/node", path.join(folder, "cell.cjs"))) return "node";
  return packageFolder(`types-node-${knownVersion(version)}`, import.meta.url) ?? "node";
}
