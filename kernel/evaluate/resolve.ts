import { existsSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createPathsMatcher, type TsConfigResult } from "get-tsconfig";
import { candidates, isLocal, type Project } from "../session/project.ts";

/** Where a specifier leads: to Node's own loader, or to a file that may be edited while the session lasts. */
export type Target = { kind: "native"; url: string } | { kind: "source" | "json" | "commonjs"; file: string };

const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() === true;
const firstOf = (files: string[]) => files.find(isFile);

/** Whether JavaScript outside of packages is CommonJS: by its ending, else by its package's type. */
function isCommonJs(file: string): boolean {
  if (/\.cjs$/.test(file)) return true;
  if (!/\.jsx?$/.test(file)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, "package.json");
    if (existsSync(manifest)) return createRequire(manifest)(manifest).type !== "module";
    if (folder === path.dirname(folder)) return true;
  }
}

function targetOf(file: string): Target {
  if (/\.[cm]?tsx?$/.test(file) || /\.(mjs|jsx)$/.test(file)) return { kind: "source", file };
  if (file.endsWith(".json")) return { kind: "json", file };
  if (/\.(node|wasm)$/.test(file)) return { kind: "commonjs", file };
  return { kind: isCommonJs(file) ? "commonjs" : "source", file };
}

/** A specifier that leads nowhere, in a sentence that says whose it is and what to do. */
export class ModuleNotFoundError extends Error {
  override name = "ModuleNotFoundError";
  constructor(sentence: string) {
    super(sentence);
    // Programs that try for an optional module look at it; it is not part of what is shown.
    Object.defineProperty(this, "code", { value: "ERR_MODULE_NOT_FOUND" });
  }
}

/** Who imports, as people know it: the notebook's cells are modules of its folder, by the name of `cell.ts`. */
function importer(parent: string): string {
  const file = path.relative(process.cwd(), parent);
  return file === "cell.ts" ? "This cell" : file;
}

function missingFile(specifier: string, parent: string): Error {
  const place = path.resolve(path.dirname(parent), specifier);
  return new ModuleNotFoundError(
    `${importer(parent)} imports "${specifier}", and there is no such file: make ${place}, or mend the import.`,
  );
}

function missingPackage(specifier: string, parent: string): Error {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const folders = createRequire(parent).resolve.paths(specifier) ?? [];
  const what = folders.some((folder) => existsSync(path.join(folder, name)))
    ? `which the installed package "${name}" does not have: mend the import, or install a version that has it`
    : `and the package "${name}" is not installed: run npm install ${name}`;
  return new ModuleNotFoundError(`${importer(parent)} imports "${specifier}", ${what}.`);
}

/**
 * Resolves specifiers as TypeScript does with `moduleResolution: bundler`: relative ones to files, with or
 * without their endings, then the project's `paths`, then packages as Node finds them.
 */
export function resolver(project: Project): (specifier: string, parent: string) => Target {
  const matches = project.file
    ? createPathsMatcher({ path: project.file, config: project.config } as TsConfigResult)
    : null;

  const resolvePackage = (specifier: string, parent: string): Target => {
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
    return /\.[cm]?tsx?$/.test(file) || file.endsWith(".json") ? targetOf(file) : { kind: "native", url };
  };

  return (specifier, parent) => {
    if (isBuiltin(specifier)) return { kind: "native", url: specifier };
    if (/^(data|https?):/.test(specifier)) return { kind: "native", url: specifier };
    const folder = path.dirname(parent);
    if (isLocal(specifier)) {
      const place = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
      const file = firstOf(candidates(place, folder));
      if (!file) throw missingFile(specifier, parent);
      return targetOf(file);
    }
    const mapped = firstOf((matches?.(specifier) ?? []).flatMap((base) => candidates(base, "/")));
    return mapped ? targetOf(mapped) : resolvePackage(specifier, parent);
  };
}
