import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import type { Script } from "../protocol/thread-messages.ts";
import { isIdentifier } from "../session/identifier.ts";
import type { Project } from "../session/project.ts";
import { type Exports, namespaceOf } from "./commonjs-interop.ts";
import { createResolver, type ResolvedModule } from "./resolve.ts";

/** Compiles a module's TypeScript. `identifier` is the URL that V8 knows the script by. */
export type Transform = (file: string, source: string, identifier: string) => Promise<Script>;

export interface ModuleLoader {
  /** Loads a module. Local files are evaluated again if they, or files they import, have changed since the last call. */
  load(specifier: string, parent: string): Promise<Exports>;
  /** The local files of all loaded modules. */
  files(): string[];
  /** The URL of a module, as `import.meta.resolve` returns it. */
  resolve(specifier: string, parent: string): string;
}

/** A loaded local file. */
interface LoadedFile {
  file: string;
  /** The file's modification time when it was loaded; NaN if it must be loaded again. */
  modifiedAt: number;
  /** The local files it imports. */
  dependencies: Set<string>;
  module: vm.Module;
}

const modificationTime = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const requireFrom = (file: string) => createRequire(pathToFileURL(file));

/** The loaded files that have changed, and all files that depend on them. */
export function staleFiles(
  loaded: Iterable<Pick<LoadedFile, "file" | "modifiedAt" | "dependencies">>,
  currentTime: (file: string) => number,
): Set<string> {
  const all = [...loaded];
  const changed = all.filter(({ file, modifiedAt }) => currentTime(file) !== modifiedAt);
  const stale = new Set(changed.map(({ file }) => file));
  for (let size = -1; size !== stale.size; ) {
    size = stale.size;
    for (const { file, dependencies } of all)
      if ([...dependencies].some((dependency) => stale.has(dependency))) stale.add(file);
  }
  return stale;
}

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
  project: Project,
  transform: Transform,
  register: (identifier: string, file: string, script: Script) => void,
  builtins: Record<string, () => Exports>,
  runtime: object,
): ModuleLoader {
  const resolve = createResolver(project);
  const loading = new Map<string, Promise<LoadedFile>>();
  const loaded = new Map<string, LoadedFile>();
  /** For ES modules the number of times a file was compiled, for CommonJS modules its modification time. */
  const versions = new Map<string, number>();
  let lastLink: Promise<unknown> = Promise.resolve();

  const importNatively = async (url: string): Promise<Exports> => {
    const exports = (await import(url)) as Exports;
    if (!url.startsWith("file:")) return exports;
    const commonJsModule = requireFrom(import.meta.url.replace(/^file:\/\//, "")).cache[fileURLToPath(url)];
    return commonJsModule ? namespaceOf(commonJsModule.exports) : exports;
  };

  const loadCommonJs = (file: string): Exports => {
    const require = requireFrom(file);
    if (versions.get(file) !== modificationTime(file)) delete require.cache[file];
    versions.set(file, modificationTime(file));
    return namespaceOf(require(file));
  };

  const loadJson = (file: string): vm.Module => {
    const value = JSON.parse(readFileSync(file, "utf8"));
    const properties = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
    return syntheticModule({ ...properties, default: value }, file);
  };

  async function compile(file: string): Promise<vm.Module> {
    const url = pathToFileURL(file).href;
    const version = (versions.get(file) ?? 0) + 1;
    const identifier = version === 1 ? url : `${url}?${version}`;
    const script = await transform(file, readFileSync(file, "utf8"), identifier);
    versions.set(file, version);
    register(identifier, file, script);
    return new vm.SourceTextModule(script.code, {
      identifier,
      initializeImportMeta(meta) {
        const dirname = path.dirname(file);
        const commonjs = { require: requireFrom(file), __filename: file, __dirname: dirname };
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
      const module = kind === "json" ? loadJson(file) : await compile(file);
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
  };

  /** Unloads files that have changed or whose evaluation failed, and all files that depend on them. */
  const unloadStale = () => {
    for (const entry of loaded.values()) if (entry.module.status === "errored") entry.modifiedAt = Number.NaN;
    for (const file of staleFiles(loaded.values(), modificationTime)) unload(file);
  };

  const urlOf = (target: ResolvedModule) =>
    target.kind === "native" ? target.url : pathToFileURL(target.file).href;

  async function load(specifier: string, parent: string): Promise<Exports> {
    const builtin = builtins[specifier];
    if (builtin) return builtin();
    const target = resolve(specifier, parent);
    if (target.kind === "native") return importNatively(target.url);
    if (target.kind === "commonjs") return loadCommonJs(target.file);
    const { module, file } = await loadFile(target);
    try {
      await link(module);
      await module.evaluate();
    } catch (error) {
      // If linking failed, the module is only partly linked and cannot be reused.
      if (module.status !== "evaluated" && module.status !== "errored") unload(file);
      throw error;
    }
    return module.namespace as Exports;
  }

  return {
    load(specifier, parent) {
      unloadStale();
      return load(specifier, parent);
    },
    files: () => [...loaded.keys()],
    resolve: (specifier, parent) => urlOf(resolve(specifier, parent)),
  };
}
