import { createRequire } from "node:module";
import path from "node:path";
import { getTsconfig, type TsConfigJsonResolved } from "get-tsconfig";

/** The TypeScript project that a notebook's folder belongs to: its nearest tsconfig.json, if any. */
export interface Project {
  file: string | undefined;
  config: TsConfigJsonResolved;
}

/** Finds the project of a folder. A tsconfig.json that cannot be read is ignored. */
export function projectOf(folder: string): Project {
  try {
    const found = getTsconfig(path.join(folder, "cell.ts"));
    return { file: found?.path, config: found?.config ?? {} };
  } catch {
    return { file: undefined, config: {} };
  }
}

/** Compiler options of cells without a tsconfig.json. */
const defaultOptions = { strict: true, lib: ["es2024"] };

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

/** `typeRoots` with the kernel's own `@types/node`, if the notebook's folder has none. */
function typeRoots(folder: string): { typeRoots?: string[] } {
  const nodeTypesFrom = (parent: string) => {
    try {
      return createRequire(parent).resolve("@types/node/package.json");
    } catch {
      return undefined;
    }
  };
  if (nodeTypesFrom(path.join(folder, "cell.cjs"))) return {};
  const bundled = nodeTypesFrom(import.meta.url);
  return bundled ? { typeRoots: [path.dirname(path.dirname(bundled))] } : {};
}

/**
 * The text of the virtual tsconfig.json in a notebook's folder: the project's options with the cells' documents as
 * `files`. It lists itself among them, which keeps the server from searching parent folders for a project.
 */
export function cellTsconfig(folder: string, { file, config }: Project, files: string[]): string {
  const inFolder = file !== undefined && path.dirname(file) === folder;
  const options = file === undefined ? defaultOptions : inFolder ? (config.compilerOptions ?? {}) : {};
  const projectTypes = config.compilerOptions?.types ?? [];
  const types = projectTypes.includes("*") ? projectTypes : [...new Set([...projectTypes, "node"])];
  return JSON.stringify({
    ...(file !== undefined && !inFolder ? { extends: file } : {}),
    compilerOptions: { ...options, ...typeRoots(folder), ...forcedOptions, types },
    include: [],
    references: [],
    files: ["tsconfig.json", ...files],
  });
}
