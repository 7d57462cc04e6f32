import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire, isBuiltin, Module } from "node:module";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { BuildFailure, Metafile } from "esbuild";
import { userPath } from "./repository.ts";

/*
 * Code that a user brings: a loss, task, scorer or reward head in a module of the user's own. It is named by module and
 * export, which is plain JSON, so that a stage can hold it and worker processes can import it.
 */

/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Names a field that never exists: it lets the type checker know the `T` of a `UserCode<T>`. */
declare const given: unique symbol;

/** An export of a user's module that gives a `T`. */
export interface UserCode<T> {
  /** The module's absolute path. */
  readonly module: string;
  readonly export: string;
  /** With options, the export is a function that is called with them and returns the `T`. */
  readonly options?: Json;
  /** SHA-256 of the module, the local files that it imports and the versions of the packages that they import. */
  readonly digest: string;
  readonly [given]?: T;
}

/** What of user code determines a result: not the module's path. */
export interface UserCodeIdentity {
  readonly export: string;
  readonly options?: Json;
  readonly digest: string;
}

const LIBRARY = "allroads";

const require = createRequire(import.meta.url);
let library: object | (() => object) | undefined;
const modules = new Map<string, unknown>();
const values = new Map<string, unknown>();

/**
 * Sets what user code gets when it imports "allroads": the exports of the library as it is loaded in this process, or a
 * function that loads them when they are first imported.
 */
export function provideLibrary(exports: object | (() => object)): void {
  library = exports;
}

/**
 * The export `name` of a TypeScript or JavaScript module; a relative path starts from the current folder. With
 * `options`, which must be plain JSON, the export is a function that takes them. Without a type argument it fits every
 * place for user code.
 *
 * @throws if the module does not exist or does not compile, if a package that it imports is not installed, or if
 * `options` are not JSON
 */
export function userCode<T = never>(module: string, name: string, options?: Json): UserCode<T> {
  const path = userPath(module);
  if (options !== undefined && !isJson(options)) {
    throw new Error(
      `The options of "${name}" from ${path} must be plain JSON (text, finite numbers, true, false, null, lists and ` +
        `objects), so that worker processes get the same.`,
    );
  }
  return { module: path, ...identity(name, options, bundle(path).digest) };
}

/**
 * The value that user code gives in this process. Each digest is evaluated once, and each factory is called once per
 * options.
 *
 * @throws if the module is missing, does not compile, fails or has changed since `userCode` named it, or if its export
 * is missing or, with options, not a function
 */
export function loadUserCode<T>(code: UserCode<T>): T {
  const key = JSON.stringify([code.digest, code.export, code.options]);
  if (!values.has(key)) values.set(key, evaluatedExport(code));
  return values.get(key) as T;
}

/** Whether a value names user code. */
export function isUserCode(value: unknown): value is UserCode<unknown> {
  if (typeof value !== "object" || value === null) return false;
  const { module, export: name, digest } = value as Partial<UserCode<unknown>>;
  return [module, name, digest].every((field) => typeof field === "string");
}

/** What of `code` determines a result, as JSON. */
export function userCodeIdentity(code: UserCode<unknown>): UserCodeIdentity {
  return identity(code.export, code.options, code.digest);
}

function identity(name: string, options: Json | undefined, digest: string): UserCodeIdentity {
  return { export: name, ...(options !== undefined && { options }), digest };
}

function isJson(value: Json): boolean {
  const text: string | undefined = JSON.stringify(value);
  return text !== undefined && isDeepStrictEqual(JSON.parse(text), value);
}

function evaluatedExport({ module, export: name, options, digest }: UserCode<unknown>): unknown {
  const exports = moduleExports(module, digest);
  if (!Object.hasOwn(exports, name)) {
    const names = Object.keys(exports).map((key) => `"${key}"`);
    throw new Error(
      `${module} has no export "${name}"; it has ${names.length > 0 ? names.join(", ") : "no exports"}.`,
    );
  }
  const value = exports[name];
  if (options === undefined) return value;
  if (typeof value === "function") return value(options);
  throw new Error(
    `The export "${name}" of ${module} must be a function, as it is given options, not ${value === null ? "null" : `a value of type ${typeof value}`}.`,
  );
}

/** The exports of the module with this digest, evaluated at most once in this process. */
function moduleExports(path: string, digest: string): Record<string, unknown> {
  if (!modules.has(digest)) {
    const built = bundle(path);
    if (built.digest !== digest) {
      throw new Error(`${path} has changed since this stage was planned: plan it again.`);
    }
    modules.set(digest, evaluate(path, built.script));
  }
  return Object(modules.get(digest));
}

/** The exports of a bundle, which runs as a module at `path` so that stack traces and debuggers use its source map. */
function evaluate(path: string, script: string): unknown {
  const requirePackage = createRequire(realpathSync(path));
  const requireFrom = (name: string): unknown => {
    if (name !== LIBRARY) return requirePackage(name);
    if (library === undefined) {
      throw new Error(`"${LIBRARY}" is not loaded in this process: call provideLibrary first.`);
    }
    return typeof library === "function" ? library() : library;
  };
  const loaded = new Module(path) as Module & { _compile(script: string, path: string): void };
  const module = { exports: {} as unknown };
  try {
    loaded._compile(script, path);
    loaded.exports(module.exports, requireFrom, module);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} fails when it is loaded: ${reason}`, { cause: error });
  }
  return module.exports;
}

/** The module and the local files that it imports as one CommonJS script, and their digest. */
function bundle(path: string): { script: string; digest: string } {
  if (!existsSync(path)) {
    throw new Error(`${path} does not exist: give the path of a TypeScript or JavaScript module.`);
  }
  const esbuild = require("esbuild") as typeof import("esbuild");
  const entry = realpathSync(path);
  const folder = dirname(entry);
  try {
    const { outputFiles, metafile } = esbuild.buildSync({
      absWorkingDir: folder,
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      charset: "utf8",
      packages: "external",
      sourcemap: "inline",
      banner: { js: "module.exports = (exports, require, module) => {" },
      footer: { js: "};" },
      // The result depends on the module and its imports alone: no tsconfig.json from a folder above.
      tsconfigRaw: {},
      // Every import of a package becomes a call of `require`.
      supported: { "dynamic-import": false },
      logOverride: { "empty-import-meta": "error" },
      logLevel: "silent",
    });
    const script = outputFiles.map(({ text }) => text).join("");
    return { script, digest: closureDigest(folder, metafile) };
  } catch (error) {
    const [problem] = (error as Partial<BuildFailure>).errors ?? [];
    if (problem === undefined) throw error;
    const { text, location } = problem;
    const place = location ? `${join(folder, location.file)}:${location.line}` : path;
    throw new Error(`${place}: ${text}.`);
  }
}

/**
 * SHA-256 over the local files of a bundle (paths relative to `folder`, and contents) and over the packages that they
 * import (`name@version`), in order of name. "allroads" is left out: the id of a stage has the version of its code.
 */
function closureDigest(folder: string, { inputs }: Metafile): string {
  const files = Object.keys(inputs)
    .sort()
    .map((file) => [file, sha256(readFileSync(join(folder, file)))]);
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const names = imports
    .filter(({ path, external }) => external && !isBuiltin(path))
    .map(({ path }) => packageName(path))
    .filter((name) => name !== LIBRARY);
  const packages = [...new Set(names)].sort().map((name) => `${name}@${packageVersion(folder, name)}`);
  return sha256(JSON.stringify([files, packages]));
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The package that an import names: "@scope/name/file" is of "@scope/name". */
function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** The version of the package that `require` finds from `folder`. */
function packageVersion(folder: string, name: string): string {
  const lookup = createRequire(join(folder, "index.js")).resolve.paths(name) ?? [];
  const manifest = lookup.map((place) => join(place, name, "package.json")).find(existsSync);
  if (manifest === undefined) {
    throw new Error(
      `The package "${name}" is not installed where ${folder} can import it: install it there.`,
    );
  }
  return String(JSON.parse(readFileSync(manifest, "utf8")).version);
}
