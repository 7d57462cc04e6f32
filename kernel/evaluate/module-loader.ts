import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { isIdentifier } from "../session/identifier.ts";
import type { Project } from "../session/project.ts";
import type { Script } from "../shared/thread-messages.ts";
import { openCommonJsFiles } from "./commonjs-files.ts";
import { type Exports, namespaceOf } from "./commonjs-interop.ts";
import { openModuleValues } from "./module-values.ts";
import { createResolver, type ModuleNotFoundError, type ResolvedModule } from "./resolve.ts";
import { modificationTime, staleFiles, type TimedFile } from "./stale-files.ts";

/** Compiles a module's TypeScript. `identifier` is the URL that V8 knows the script by. */
export type Transform = (file: string, source: string, identifier: string) => Promise<Script>;

export interface ModuleLoader {
  /**
   * Loads a module. Local files are evaluated again if they, or files they import, have changed since the last call. A
   * module that has only types can be loaded if `mayHaveTypes` is true; reading one of its exports throws.
   */
  load(specifier: string, parent: string, mayHaveTypes?: boolean): Promise<Exports>;
  /** The local files of all loaded modules. */
  files(): string[];
  /** The URL of a module, as `import.meta.resolve` returns it. */
  resolve(specifier: string, parent: string): string;
  /** The local file that a specifier refers to, if Node's own resolution does not find it. */
  localFile(specifier: string, parent: string): string | undefined;
  /** The exports of a local ES module that has been evaluated and has not changed since. */
  evaluated(file: string): Exports | undefined;
}

/** A loaded local ES module or JSON file. */
interface LoadedFile extends TimedFile {
  dependencies: Set<string>;
  module: vm.Module;
}

const requireFrom = (file: string) => createRequire(pathToFileURL(file));

/** A compiled local file, before it becomes a module. */
interface CompiledFile {
  modifiedAt: number;
  identifier: string;
  script: Promise<Script>;
}

/** The exports of a module that has only types. A promise resolved with them must not find a method `then`. */
const typesOnly = (error: ModuleNotFoundError): Exports =>
  new Proxy(Object.create(null), {
    get(_, name) {
      if (name === "then") return undefined;
      throw error;
    },
  });

function syntheticModule(exports: Exports, identifier: string): vm.Module {
  const keys = [...new Set([...Object.keys(exports), ...Object.getOwnPropertyNames(exports), "default"])];
  const names = keys.filter((name) => name === "default" || isIdentifier(name));
  const module = new vm.SyntheticModule(
    names,
    () => {
      for (const name of names) module.setExport(name, exports[name]);
    },
    { identifier },
  );
  return module;
}

/**
 * Creates the module loader of a session. Packages are loaded by Node's own loader, local files as `vm.Module`s.
 *
 * @param register called with each compiled local module
 * @param builtins modules provided by the kernel
 * @param runtime the cell runtime, which interrupt checks in modules use
 */
export function openModuleLoader(
  projectOf: (file: string) => Project,
  transform: Transform,
  register: (identifier: string, file: string, script: Script) => void,
  builtins: Record<string, () => Exports>,
  runtime: object,
): ModuleLoader {
  const commonJs = openCommonJsFiles();
  const resolveModule = createResolver(projectOf);
  const loading = new Map<string, Promise<LoadedFile>>();
  const loaded = new Map<string, LoadedFile>();
  const compiled = new Map<string, CompiledFile>();
  /** The number of times that a file was compiled. */
  const versions = new Map<string, number>();
  let lastLink: Promise<unknown> = Promise.resolve();

  /** A file that `require` has loaded is not loaded again as an ES module. */
  const resolve = (specifier: string, parent: string): ResolvedModule => {
    const target = resolveModule(specifier, parent);
    const isRequired = target.kind === "source" && !loaded.has(target.file) && commonJs.isLoaded(target.file);
    return isRequired ? { kind: "commonjs", file: target.file } : target;
  };

  const importNatively = async (url: string): Promise<Exports> => {
    const exports = (await import(url)) as Exports;
    if (!url.startsWith("file:")) return exports;
    const commonJsModule = requireFrom(fileURLToPath(import.meta.url)).cache[fileURLToPath(url)];
    return commonJsModule ? namespaceOf(commonJsModule.exports) : exports;
  };

  const loadCommonJs = (file: string): Exports => namespaceOf(commonJs.load(file));

  const jsonExports = (file: string): Exports => {
    const value = JSON.parse(readFileSync(file, "utf8"));
    const properties = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
    return { ...properties, default: value };
  };

  const compile = (file: string): CompiledFile => {
    const modifiedAt = modificationTime(file);
    const previous = compiled.get(file);
    if (previous?.modifiedAt === modifiedAt) return previous;
    const url = pathToFileURL(file).href;
    const version = (versions.get(file) ?? 0) + 1;
    const identifier = version === 1 ? url : `${url}?${version}`;
    const script = transform(file, readFileSync(file, "utf8"), identifier);
    const entry = { modifiedAt, identifier, script };
    compiled.set(file, entry);
    script.then(
      () => versions.set(file, version),
      () => compiled.delete(file),
    );
    return entry;
  };

  const values = openModuleValues({
    resolve,
    script: (file) => compile(file).script,
    isBuiltin: (specifier) => Object.hasOwn(builtins, specifier),
    exports: async (target) => {
      if (target.kind === "native") return importNatively(target.url);
      return target.kind === "json" ? jsonExports(target.file) : loadCommonJs(target.file);
    },
  });

  async function sourceModule(file: string): Promise<vm.Module> {
    const { identifier, script: compiling } = compile(file);
    const script = await compiling;
    const code = await values.withoutTypes(file, script);
    register(identifier, file, { ...script, code });
    return new vm.SourceTextModule(code, {
      identifier,
      initializeImportMeta(meta) {
        const dirname = path.dirname(file);
        const commonjs = { require: requireFrom(file), __filename: file, __dirname: dirname };
        const url = pathToFileURL(file).href;
        Object.assign(meta, { url, filename: file, dirname, commonjs, cell: runtime });
        Object.assign(meta, { resolve: (specifier: string) => urlOf(resolve(specifier, file)) });
      },
      importModuleDynamically: ((specifier: string) => load(specifier, file)) as never,
    });
  }

  const loadFile = (target: ResolvedModule & { file: string }): Promise<LoadedFile> => {
    const { file, kind } = target;
    const started = loading.get(file);
    if (started) return started;
    const start = async (): Promise<LoadedFile> => {
      const modifiedAt = modificationTime(file);
      const module = kind === "json" ? syntheticModule(jsonExports(file), file) : await sourceModule(file);
      const result = { file, modifiedAt, dependencies: new Set<string>(), module };
      loaded.set(file, result);
      return result;
    };
    const promise = start();
    loading.set(file, promise);
    promise.catch(() => loading.delete(file));
    return promise;
  };

  /** The module that an import statement refers to. Its file, if local, is added to `dependencies`. */
  async function importedModule(
    specifier: string,
    parent: string,
    dependencies?: Set<string>,
  ): Promise<vm.Module> {
    const builtin = builtins[specifier];
    if (builtin) return syntheticModule(builtin(), specifier);
    const target = resolve(specifier, parent);
    if (target.kind === "native") return syntheticModule(await importNatively(target.url), target.url);
    if (target.kind === "types") throw target.error;
    dependencies?.add(target.file);
    if (target.kind === "commonjs") return syntheticModule(loadCommonJs(target.file), target.file);
    return (await loadFile(target)).module;
  }

  /** Links a module. Modules are linked one at a time, because they may share imports. */
  const link = (module: vm.Module): Promise<void> => {
    const linkNow = async () => {
      if (module.status !== "unlinked") return;
      await module.link(async (specifier, referrer) => {
        const file = fileURLToPath(referrer.identifier.replace(/\?\d+$/, ""));
        return importedModule(specifier, file, loaded.get(file)?.dependencies);
      });
    };
    const linked = lastLink.then(linkNow);
    lastLink = linked.catch(() => {});
    return linked;
  };

  const unload = (file: string) => {
    loaded.delete(file);
    loading.delete(file);
    compiled.delete(file);
  };

  /** Unloads files that have changed or whose evaluation failed, and all files that depend on them. */
  const unloadStale = () => {
    for (const entry of loaded.values()) if (entry.module.status === "errored") entry.modifiedAt = Number.NaN;
    for (const file of staleFiles([...loaded.values(), ...commonJs.loaded()], modificationTime)) unload(file);
  };

  const urlOf = (target: ResolvedModule) => {
    if (target.kind === "types") throw target.error;
    return target.kind === "native" ? target.url : pathToFileURL(target.file).href;
  };

  /** Links a module. An error names the place of an import of a name that is not exported. */
  const linkOrExplain = (module: vm.Module): Promise<void> =>
    link(module).catch(async (error: Error) => {
      throw (await values.missingExport(error.message, compiled.keys())) ?? error;
    });

  async function load(specifier: string, parent: string, mayHaveTypes = false): Promise<Exports> {
    const builtin = builtins[specifier];
    if (builtin) return builtin();
    const target = resolve(specifier, parent);
    if (target.kind === "types" && mayHaveTypes) return typesOnly(target.error);
    if (target.kind === "types") throw target.error;
    if (target.kind === "native") return importNatively(target.url);
    if (target.kind === "commonjs") return loadCommonJs(target.file);
    const { module, file } = await loadFile(target);
    try {
      await linkOrExplain(module);
      await module.evaluate();
    } catch (error) {
      // If linking failed, the module is only partly linked and cannot be reused.
      if (module.status !== "evaluated" && module.status !== "errored") unload(file);
      throw error;
    }
    return module.namespace as Exports;
  }

  return {
    load(specifier, parent, mayHaveTypes) {
      unloadStale();
      return load(specifier, parent, mayHaveTypes);
    },
    files: () => [...loaded.keys()],
    resolve: (specifier, parent) => urlOf(resolve(specifier, parent)),
    localFile(specifier, parent) {
      try {
        const target = resolve(specifier, parent);
        return "file" in target ? target.file : undefined;
      } catch {
        return undefined;
      }
    },
    evaluated(file) {
      const entry = loaded.get(file);
      const isCurrent = entry?.module.status === "evaluated" && entry.modifiedAt === modificationTime(file);
      return isCurrent ? (entry.module.namespace as Exports) : undefined;
    },
  };
}
