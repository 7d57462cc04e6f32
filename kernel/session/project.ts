import { existsSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { getTsconfig, type TsConfigJsonResolved } from "get-tsconfig";

/** The project that a notebook's folder belongs to: its nearest tsconfig.json. */
export interface Project {
  file: string | undefined;
  config: TsConfigJsonResolved;
}

/** The project of a folder. One that cannot be read counts as none. */
export function projectOf(folder: string): Project {
  try {
    const found = getTsconfig(path.join(folder, "cell.ts"));
    return { file: found?.path, config: found?.config ?? {} };
  } catch {
    return { file: undefined, config: {} };
  }
}

/** What cells are checked by where there is no tsconfig.json. */
const defaults = { strict: true, lib: ["es2024"] };

/** What holds for cells whatever the project says: each is a module of this Node, and nothing is written. */
const fixed = {
  module: "esnext",
  moduleResolution: "bundler",
  moduleDetection: "force",
  target: "esnext",
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
  composite: false,
  incremental: false,
  declaration: false,
  declarationMap: false,
  isolatedModules: false,
  isolatedDeclarations: false,
  verbatimModuleSyntax: false,
  erasableSyntaxOnly: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** Where Node's types are found if the notebook's folder has none. */
function typeRoots(folder: string): { typeRoots?: string[] } {
  const has = (from: string) => {
    try {
      return createRequire(from).resolve("@types/node/package.json");
    } catch {
      return undefined;
    }
  };
  if (has(path.join(folder, "cell.cjs"))) return {};
  const own = has(import.meta.url);
  return own ? { typeRoots: [path.dirname(path.dirname(own))] } : {};
}

/**
 * The text of a tsconfig.json, in a notebook's folder, under which its cells are checked: the project's own
 * options, with the files that hold the cells. It lists itself: that keeps the server from looking further up.
 */
export function cellConfig(folder: string, { file, config }: Project, files: string[]): string {
  const inPlace = file !== undefined && path.dirname(file) === folder;
  const own = file === undefined ? defaults : inPlace ? (config.compilerOptions ?? {}) : {};
  const asked = config.compilerOptions?.types ?? [];
  const types = asked.includes("*") ? asked : [...new Set([...asked, "node"])];
  return JSON.stringify({
    ...(file !== undefined && !inPlace ? { extends: file } : {}),
    compilerOptions: { ...own, ...typeRoots(folder), ...fixed, types },
    include: [],
    references: [],
    files: ["tsconfig.json", ...files],
  });
}

/** The local files that a relative specifier may mean, in the order in which they are tried. */
export function candidates(specifier: string, folder: string): string[] {
  const base = path.resolve(folder, specifier);
  const swapped = base.replace(/\.([cm]?)jsx?$/, ".$1ts");
  const endings = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
  const indexes = ["index.ts", "index.tsx", "index.js"].map((name) => path.join(base, name));
  return [
    base,
    ...(swapped === base ? [] : [swapped]),
    ...endings.map((ending) => base + ending),
    ...indexes,
  ];
}

/** Whether a specifier names a file by its place. */
export const isLocal = (specifier: string): boolean => /^(\.{1,2}(\/|$)|\/|file:)/.test(specifier);

/** Whether a specifier names a package, or something in one. */
export const isPackages = (specifier: string): boolean =>
  !isLocal(specifier) && !isBuiltin(specifier) && /^(@[^/]+\/)?[^/#:]+/.test(specifier);

/** Where the package that a specifier names may be installed, from the nearest place on: its package.json. */
export function manifests(specifier: string, folder: string): string[] {
  const [name] = /^(@[^/]+\/)?[^/]+/.exec(specifier)!;
  const folders = [folder];
  while (path.dirname(folders.at(-1)!) !== folders.at(-1)) folders.push(path.dirname(folders.at(-1)!));
  return folders.map((each) => path.join(each, "node_modules", name, "package.json"));
}

/** The first candidate of a list that exists. */
export const firstFile = (paths: string[]): string | undefined => paths.find((file) => existsSync(file));
