import { existsSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createPathsMatcher, type TsConfigResult } from "get-tsconfig";
import type { Project } from "../session/project.ts";
import { candidateFiles, isLocalSpecifier, packageName } from "../session/specifiers.ts";

/** A module for Node's own loader ("native"), or a local file, which may change during the session. */
export type ResolvedModule =
  | { kind: "native"; url: string }
  | { kind: "source" | "json" | "commonjs"; file: string };

const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() === true;
const firstFile = (files: string[]) => files.find(isFile);

/** Whether a JavaScript file is CommonJS, by its extension or the `type` of the nearest package.json. */
function isCommonJs(file: string): boolean {
  if (/\.cjs$/.test(file)) return true;
  if (!/\.jsx?$/.test(file)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, "package.json");
    if (existsSync(manifest)) return createRequire(manifest)(manifest).type !== "module";
    if (folder === path.dirname(folder)) return true;
  }
}

function localModule(file: string): ResolvedModule {
  if (/\.[cm]?tsx?$/.test(file) || /\.(mjs|jsx)$/.test(file)) return { kind: "source", file };
  if (file.endsWith(".json")) return { kind: "json", file };
  if (/\.(node|wasm)$/.test(file)) return { kind: "commonjs", file };
  return { kind: isCommonJs(file) ? "commonjs" : "source", file };
}

/** Thrown if an imported module does not exist. */
export class ModuleNotFoundError extends Error {
  /** Shown by `util.inspect`. Minification would change it. */
  static override readonly name = "ModuleNotFoundError";
  override name = "ModuleNotFoundError";
  constructor(message: string) {
    super(message);
    // Node's code for this error. Not enumerable, so that it is not shown with the error.
    Object.defineProperty(this, "code", { value: "ERR_MODULE_NOT_FOUND" });
  }
}

/** The importing module as named in error messages. Cells import from the virtual file `cell.ts`. */
function importerName(parent: string): string {
  const file = path.relative(process.cwd(), parent);
  return file === "cell.ts" ? "This cell" : file;
}

function missingFile(specifier: string, parent: string): Error {
  const file = path.resolve(path.dirname(parent), specifier);
  return new ModuleNotFoundError(
    `${importerName(parent)} imports "${specifier}", but ${file} does not exist: create the file, or correct the import.`,
  );
}

function missingPackage(specifier: string, parent: string): Error {
  const name = packageName(specifier);
  const folders = createRequire(parent).resolve.paths(specifier) ?? [];
  const problem = folders.some((folder) => existsSync(path.join(folder, name)))
    ? `the installed package "${name}" does not have it: correct the import, or install another version`
    : `the package "${name}" is not installed: run npm install ${name}`;
  return new ModuleNotFoundError(`${importerName(parent)} imports "${specifier}", but ${problem}.`);
}

/**
 * Creates a function that resolves specifiers like TypeScript with `moduleResolution: bundler`: local specifiers to
 * files, with or without extension; then the project's `paths`; then packages as Node does. The function throws a
 * `ModuleNotFoundError` if there is no such module.
 */
export function createResolver(project: Project): (specifier: string, parent: string) => ResolvedModule {
  const matchPaths = project.file
    ? createPathsMatcher({ path: project.file, config: project.config } as TsConfigResult)
    : null;

  const resolvePackage = (specifier: string, parent: string): ResolvedModule => {
    const require = createRequire(parent);
    let url: string;
    try {
      url = import.meta.resolve(specifier, pathToFileURL(parent).href);
      if (url.startsWith("file:") && !isFile(fileURLToPath(url))) throw new Error("no such file");
    } catch (error) {
      try {
        url = pathToFileURL(require.resolve(specifier)).href;
      } catch {
        const { code = "ERR_MODULE_NOT_FOUND" } = error as { code?: string };
        throw code === "ERR_MODULE_NOT_FOUND" ? missingPackage(specifier, parent) : error;
      }
    }
    const file = url.startsWith("file:") ? fileURLToPath(url) : "";
    return /\.[cm]?tsx?$/.test(file) || file.endsWith(".json") ? localModule(file) : { kind: "native", url };
  };

  return (specifier, parent) => {
    if (isBuiltin(specifier)) return { kind: "native", url: specifier };
    if (/^(data|https?):/.test(specifier)) return { kind: "native", url: specifier };
    const folder = path.dirname(parent);
    if (isLocalSpecifier(specifier)) {
      const filePath = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
      const file = firstFile(candidateFiles(filePath, folder));
      if (!file) throw missingFile(specifier, parent);
      return localModule(file);
    }
    const mapped = firstFile((matchPaths?.(specifier) ?? []).flatMap((base) => candidateFiles(base, "/")));
    return mapped ? localModule(mapped) : resolvePackage(specifier, parent);
  };
}
