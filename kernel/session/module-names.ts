import { readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";

/** A module specifier that is being typed, up to the cursor. */
const openSpecifier = /(?:\bfrom|\bimport|\b(?:import|require)\s*\()\s*(?<quote>["'])(?<typed>[^"'\n]*)$/;

/** The part of a module specifier before the cursor; undefined if the cursor is not in one. */
export const typedSpecifier = (before: string): string | undefined =>
  openSpecifier.exec(before)?.groups?.typed;

const entriesOf = (folder: string): string[] => {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
};

/** The packages in a `node_modules` folder. */
const packagesIn = (modules: string): string[] =>
  entriesOf(modules).flatMap((name) => {
    if (name === "@types") return [];
    return name.startsWith("@")
      ? entriesOf(path.join(modules, name)).map((each) => `${name}/${each}`)
      : [name];
  });

function moduleFolders(folder: string, env: NodeJS.ProcessEnv): string[] {
  const folders: string[] = [];
  for (let parent = folder; ; parent = path.dirname(parent)) {
    folders.push(path.join(parent, "node_modules"));
    if (parent === path.dirname(parent)) break;
  }
  return [...folders, ...(env.NODE_PATH ?? "").split(path.delimiter).filter((each) => each !== "")];
}

/** The names of modules that can be imported from a folder and begin with a prefix: packages, and Node's own modules. */
export function moduleNames(prefix: string, folder: string, env = process.env): string[] {
  const packages = moduleFolders(folder, env).flatMap(packagesIn);
  const builtins = builtinModules.filter((name) => !name.startsWith("_") && !name.startsWith("node:"));
  const names = [...packages, "allroads-kernel", ...builtins, ...builtins.map((name) => `node:${name}`)];
  return [...new Set(names)].filter((name) => name.startsWith(prefix)).sort();
}
