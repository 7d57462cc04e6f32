import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { readOwnFile, writeOwnFile } from "./private-folder.ts";
import { compilerPath, typescriptVersion } from "./typescript.ts";

/*
 * TypeScript's library is in about sixty files. For each check of a cell the checker merges their declarations anew, which
 * takes a quarter of the check's time. A copy of them in one file needs no merging. TypeScript takes a copy where the
 * option `libReplacement` is set and `@typescript/lib-NAME` can be resolved, here by `paths`: the first of the libraries is
 * the copy, and the others are empty. Other libraries, which a package may refer to, stay what they are.
 */

/** Compiler options that replace the library by the copy. */
export interface OneFileLibrary {
  libReplacement: true;
  paths: Record<string, string[]>;
}

/** The files of a copy: its declarations, an empty file, and the names of the libraries in it, its own first. */
function filesOf(libraries: readonly string[], folder: string) {
  const key = JSON.stringify([typescriptVersion, libraries]);
  const name = path.join(folder, `library-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`);
  return { library: `${name}.d.ts`, empty: `${name}.empty.d.ts`, names: `${name}.json` };
}

/** The copy of these libraries, if an earlier kernel has put it into `folder`. */
export function oneFileLibrary(
  libraries: readonly string[] | undefined,
  folder: string | undefined,
): OneFileLibrary | undefined {
  if (!libraries || !folder) return undefined;
  const { library, empty, names } = filesOf(libraries, folder);
  try {
    const replaced: string[] = JSON.parse(readOwnFile(names).toString());
    if (replaced.length === 0 || !existsSync(library) || !existsSync(empty)) return undefined;
    const paths = replaced.map((name, index) => [`@typescript/lib-${name}`, [index === 0 ? library : empty]]);
    return { libReplacement: true, paths: Object.fromEntries(paths) };
  } catch {
    return undefined;
  }
}

/** "es2015/symbol-wellknown" for lib.es2015.symbol.wellknown.d.ts: the name of a library's replacement. */
function replacementName(file: string): string {
  const [first = "", second, ...rest] = path.basename(file, ".d.ts").split(".").slice(1);
  return [first, ...(second ? [[second, ...rest].join("-")] : [])].join("/");
}

/**
 * Writes the copy of these libraries into a private folder for the kernels that start later, unless it is there.
 *
 * @throws {Error} if the compiler does not list the library's files, or the copy cannot be written
 */
export async function makeOneFileLibrary(libraries: readonly string[], folder: string): Promise<void> {
  const { library, empty, names } = filesOf(libraries, folder);
  if (existsSync(names)) return;
  const files = await libraryFiles(libraries);
  const own = files.find((file) => path.basename(file) === `lib.${libraries[0]?.toLowerCase()}.d.ts`);
  const ordered = own === undefined ? [] : [own, ...files.filter((file) => file !== own)];
  const text = files.map((file) => readFileSync(file, "utf8").replaceAll(/^\/\/\/ <reference .*$/gm, ""));
  writeOwnFile(library, Buffer.from(text.join("\n")));
  writeOwnFile(empty, Buffer.from(""));
  writeOwnFile(names, Buffer.from(JSON.stringify(ordered.map(replacementName))));
}

/** The files of these libraries, in the order in which the compiler reads them. */
async function libraryFiles(libraries: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "allroads-library-"));
  try {
    const compilerOptions = { lib: libraries, types: [], noEmit: true };
    writeFileSync(path.join(folder, "empty.ts"), "export {};");
    writeFileSync(
      path.join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["empty.ts"] }),
    );
    const { stdout } = await promisify(execFile)(compilerPath(), ["--listFilesOnly", "-p", folder]);
    return stdout.split(/\r?\n/).filter((file) => /^lib\..*\.d\.ts$/.test(path.basename(file)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
