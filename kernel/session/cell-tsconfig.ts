import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { jsxOption } from "./emit-options.ts";
import { nodeLibraries, nodeTypeRoots, packageFolder } from "./node-types.ts";
import type { OneFileLibrary } from "./one-file-library.ts";
import { absolutePaths, type Project } from "./project.ts";

/** Compiler options that override the project's: cells are modules of the running Node and emit nothing. */
const forcedOptions = {
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

/** The names of the packages in a folder such as node_modules. */
function packagesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    if (name.startsWith(".")) return [];
    return name.startsWith("@")
      ? packagesIn(path.join(folder, name)).map((each) => `${name}/${each}`)
      : [name];
  });
}

/** The declarations that the `exports` of a package name. TypeScript does not read them in a folder named by a path. */
function exportedTypes(folder: string): string[] {
  const manifest = path.join(folder, "package.json");
  if (!existsSync(manifest)) return [];
  const { exports } = createRequire(manifest)(manifest);
  const types = /"types":"([^"*]+)"/.exec(JSON.stringify(exports?.["."] ?? exports ?? ""))?.[1];
  return types ? [path.join(folder, types)] : [];
}

/** Where packages are that Node finds, but TypeScript does not: in the folders of `NODE_PATH`. */
function nodePaths(folder: string): Record<string, string[]> {
  const paths: Record<string, string[]> = {};
  for (const root of (process.env.NODE_PATH ?? "").split(path.delimiter).filter(path.isAbsolute)) {
    for (const name of packagesIn(root)) {
      const isNearer = ancestors(folder).some((each) => existsSync(path.join(each, "node_modules", name)));
      if (isNearer || name in paths) continue;
      const installed = path.join(root, name);
      paths[name] = [...exportedTypes(installed), installed, path.join(root, "@types", name)];
      paths[`${name}/*`] = [path.join(installed, "*")];
    }
  }
  return paths;
}

const ancestors = (folder: string): string[] =>
  folder === path.dirname(folder) ? [folder] : [folder, ...ancestors(path.dirname(folder))];

/** Where the kernel's own library is, which notebooks can import from any folder. */
function libraryPaths(folder: string): Record<string, string[]> {
  if (packageFolder("allroads-kernel", path.join(folder, "cell.cjs"))) return {};
  const library = packageFolder("allroads-kernel", import.meta.url);
  return library ? { "allroads-kernel": [path.join(library, "dist", "types", "index.d.ts")] } : {};
}

/** The `typeRoots` option, if the project has one or the kernel's own types of Node are needed. */
function typeRoots(folder: string, { file, config }: Project, nodeVersion: string): { typeRoots?: string[] } {
  const ofProject = config.compilerOptions?.typeRoots ?? [];
  const absolute = ofProject.map((root) => path.resolve(path.dirname(file ?? folder), root));
  const all = [...absolute, ...nodeTypeRoots(folder, nodeVersion)];
  return all.length > 0 ? { typeRoots: all } : {};
}

/** The `lib` option of a notebook's cells; undefined if it follows from others. */
export const cellLibraries = ({ file, config }: Project, nodeVersion = process.versions.node) =>
  file === undefined ? nodeLibraries(nodeVersion) : config.compilerOptions?.lib;

/**
 * The text of the virtual tsconfig.json in a notebook's folder: the project's options with the cells' documents as
 * `files`. It lists itself among them, which keeps the server from searching parent folders for a project.
 */
export function cellTsconfig(
  folder: string,
  project: Project,
  files: string[],
  nodeVersion = process.versions.node,
  library?: OneFileLibrary,
): string {
  const { file, config } = project;
  // The virtual file hides the real one, which it can therefore not extend.
  const isHidden = file === path.join(folder, "tsconfig.json");
  const defaultOptions = { strict: true, lib: cellLibraries(project, nodeVersion) };
  const options = file === undefined ? defaultOptions : isHidden ? (config.compilerOptions ?? {}) : {};
  const projectTypes = config.compilerOptions?.types ?? [];
  const types = projectTypes.includes("*") ? projectTypes : [...new Set([...projectTypes, "node"])];
  const { paths: replaced, ...replacement } = library ?? {};
  const paths = { ...nodePaths(folder), ...libraryPaths(folder), ...absolutePaths(project), ...replaced };
  return JSON.stringify({
    ...(file !== undefined && !isHidden ? { extends: file } : {}),
    compilerOptions: {
      ...options,
      ...typeRoots(folder, project, nodeVersion),
      ...forcedOptions,
      ...replacement,
      jsx: jsxOption(config.compilerOptions?.jsx),
      baseUrl: null,
      ...(Object.keys(paths).length > 0 ? { paths } : {}),
      types,
    },
    include: [],
    references: [],
    files: ["tsconfig.json", ...files],
  });
}
