import { existsSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Project, pathsMatcher } from "../session/project.ts";
import {
  candidateFiles,
  candidateManifests,
  firstExisting,
  isLocalSpecifier,
  localPath,
  packageName,
} from "../session/specifiers.ts";
import { workspaceBuild } from "../session/workspace-builds.ts";
import { isCommonJs } from "./module-format.ts";

/**
 * A module for Node's own loader ("native"), or a local file, which may change during the session. A module that has
 * type declarations only ("types") can be imported for its types; `error` says why there are no values.
 */
export type ResolvedModule =
  | { kind: "native"; url: string }
  | { kind: "source" | "json" | "commonjs"; file: string }
  | { kind: "types"; error: ModuleNotFoundError };

const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() === true;
const firstFile = (files: string[]) => files.find(isFile);

/** A local file as a module, by its extension and text. */
function localModule(file: string): ResolvedModule {
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

/** The notebook's folder: cells can change the working folder. */
const notebookFolder = process.cwd();

/** The importing module as named in error messages. Cells import from the virtual file `cell.ts`. */
export function importerName(parent: string): string {
  const file = path.relative(notebookFolder, parent);
  return file === "cell.ts" ? "This cell" : file;
}

function missingFile(specifier: string, parent: string): ModuleNotFoundError {
  const file = path.resolve(path.dirname(parent), specifier);
  return new ModuleNotFoundError(
    `${importerName(parent)} imports "${specifier}", but ${file} does not exist: create the file, or correct the import.`,
  );
}

function missingPackage(specifier: string, parent: string): ModuleNotFoundError {
  const name = packageName(specifier);
  const folders = createRequire(parent).resolve.paths(specifier) ?? [];
  const problem = folders.some((folder) => existsSync(path.join(folder, name)))
    ? `the installed package "${name}" does not have it: correct the import, or install another version`
    : `the package "${name}" is not installed: run !npm install ${name} in a cell`;
  return new ModuleNotFoundError(`${importerName(parent)} imports "${specifier}", but ${problem}.`);
}

/** Whether there are declarations, but no code, for a local specifier. */
const hasDeclarationFile = (specifier: string, folder: string): boolean =>
  isFile(`${path.resolve(folder, specifier).replace(/\.[cm]?jsx?$/, "")}.d.ts`);

/** Whether a package for type declarations of another one is installed, or a package has only declarations. */
function hasDeclarations(specifier: string, folder: string): boolean {
  const name = packageName(specifier);
  const typesName = `@types/${name.replace(/^@/, "").replace("/", "__")}`;
  if (firstExisting(candidateManifests(typesName, folder))) return true;
  const manifest = firstExisting(candidateManifests(name, folder));
  if (!manifest) return false;
  const { types, typings, main, exports } = createRequire(manifest)(manifest);
  const declared = types ?? typings ?? /"types"/.test(JSON.stringify(exports ?? ""));
  return Boolean(declared) && !main;
}

/** Whether a file is of a package of the workspace that may be built anew during the session. */
const isBuiltHere = (specifier: string, file: string, folder: string): boolean =>
  /\.[cm]?js$/.test(file) &&
  !/[\\/]node_modules[\\/]/.test(file) &&
  workspaceBuild(specifier, folder) !== undefined;

/** The kernel's own library, which notebooks can import from any folder. */
const library = { name: "allroads-kernel", file: fileURLToPath(new URL("./index.cjs", import.meta.url)) };

/**
 * Creates a function that resolves specifiers like TypeScript with `moduleResolution: bundler`: local specifiers to
 * files, with or without extension; then the `paths` of the importing file's project; then packages as Node does. The
 * function throws a `ModuleNotFoundError` if there is no such module.
 */
export function createResolver(
  projectOf: (file: string) => Project,
): (specifier: string, parent: string) => ResolvedModule {
  const matchers = new WeakMap<Project, (specifier: string) => string[]>();
  const matchPaths = (specifier: string, parent: string) => {
    const project = projectOf(parent);
    const match = matchers.get(project) ?? pathsMatcher(project);
    matchers.set(project, match);
    return match(specifier);
  };

  const packageUrl = (specifier: string, parent: string): string => {
    try {
      const url = import.meta.resolve(specifier, pathToFileURL(parent).href);
      if (url.startsWith("file:") && !isFile(fileURLToPath(url))) throw new Error("no such file");
      return url;
    } catch (error) {
      try {
        return pathToFileURL(createRequire(parent).resolve(specifier)).href;
      } catch {
        const { code = "ERR_MODULE_NOT_FOUND" } = error as { code?: string };
        throw code === "ERR_MODULE_NOT_FOUND" ? missingPackage(specifier, parent) : error;
      }
    }
  };

  const resolvePackage = (specifier: string, parent: string): ResolvedModule => {
    try {
      const url = packageUrl(specifier, parent);
      const file = url.startsWith("file:") ? fileURLToPath(url) : "";
      const isLocal =
        /\.([cm]?tsx?|jsx|json)$/.test(file) || isBuiltHere(specifier, file, path.dirname(parent));
      return isLocal ? localModule(file) : { kind: "native", url };
    } catch (error) {
      if (specifier === library.name && isFile(library.file))
        return { kind: "native", url: pathToFileURL(library.file).href };
      if (hasDeclarations(specifier, path.dirname(parent)))
        return { kind: "types", error: missingPackage(specifier, parent) };
      throw error;
    }
  };

  return (specifier, parent) => {
    if (isBuiltin(specifier)) return { kind: "native", url: specifier };
    if (/^(data|https?):/.test(specifier)) return { kind: "native", url: specifier };
    const folder = path.dirname(parent);
    if (isLocalSpecifier(specifier)) {
      const file = firstFile(candidateFiles(specifier, folder));
      if (file) return localModule(file);
      const error = missingFile(specifier, parent);
      if (hasDeclarationFile(localPath(specifier), folder)) return { kind: "types", error };
      throw error;
    }
    const mapped = firstFile(matchPaths(specifier, parent).flatMap((base) => candidateFiles(base, "/")));
    return mapped ? localModule(mapped) : resolvePackage(specifier, parent);
  };
}
