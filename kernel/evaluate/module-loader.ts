import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import type { Script } from "../protocol/thread-messages.ts";
import type { Project } from "../session/project.ts";
import { isIdentifier } from "../session/identifier.ts";
import { type Exports, exportsOf } from "./commonjs-interop.ts";
import { resolver, type Target } from "./resolve.ts";

/** Compiles a module's TypeScript. `identifier` is what the engine will know it by. */
export type Transform = (file: string, source: string, identifier: string) => Promise<Script>;

export interface Loader {
  /** The exports of a module, evaluated anew where one of its local files has changed since it was last asked for. */
  load(specifier: string, parent: string): Promise<Exports>;
  /** The local files of all modules that are loaded. */
  files(): string[];
  resolve(specifier: string, parent: string): string;
}

interface Entry {
  file: string;
  stamp: number;
  needs: Set<string>;
  module: vm.Module;
}

const stampOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const requireFrom = (file: string) => createRequire(pathToFileURL(file));

/** Those of a file's entries that are to be evaluated anew: changed files and whatever needs them. */
export function staleFiles(
  entries: Iterable<Pick<Entry, "file" | "stamp" | "needs">>,
  stamp: (file: string) => number,
): Set<string> {
  const all = [...entries];
  const stale = new Set(all.filter((entry) => stamp(entry.file) !== entry.stamp).map(({ file }) => file));
  for (let size = -1; size !== stale.size; ) {
    size = stale.size;
    for (const { file, needs } of all) if ([...needs].some((need) => stale.has(need))) stale.add(file);
  }
  return stale;
}

function synthetic(exports: Exports, identifier: string): vm.Module {
  const names = [...new Set([...Object.keys(exports), ...Object.getOwnPropertyNames(exports)])];
  const listed = [...new Set([...names, "default"])].filter(
    (name) => name === "default" || isIdentifier(name),
  );
  const module = new vm.SyntheticModule(
    listed,
    () => {
      for (const name of listed) module.setExport(name, exports[name]);
    },
    { identifier },
  );
  return module;
}

/**
 * Loads modules for cells: packages through Node's own loader, local files as modules that are evaluated anew
 * when they, or what they import, have changed. `builtins` are modules that the kernel itself provides, `tools` what
 * guarded awaits use.
 */
export function openLoader(
  project: Project,
  transform: Transform,
  remember: (identifier: string, file: string, script: Script) => void,
  builtins: Record<string, () => Exports>,
  tools: object,
): Loader {
  const resolve = resolver(project);
  const entries = new Map<string, Promise<Entry>>();
  const settled = new Map<string, Entry>();
  const versions = new Map<string, number>();
  let linking: Promise<unknown> = Promise.resolve();

  const native = async (url: string): Promise<Exports> => {
    const exports = (await import(url)) as Exports;
    if (!url.startsWith("file:")) return exports;
    const loaded = requireFrom(import.meta.url.replace(/^file:\/\//, "")).cache[fileURLToPath(url)];
    return loaded ? exportsOf(loaded.exports) : exports;
  };

  const commonJs = (file: string): Exports => {
    const require = requireFrom(file);
    if (versions.get(file) !== stampOf(file)) delete require.cache[file];
    versions.set(file, stampOf(file));
    return exportsOf(require(file));
  };

  const json = (file: string): vm.Module => {
    const value = JSON.parse(readFileSync(file, "utf8"));
    const named = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
    return synthetic({ ...named, default: value }, file);
  };

  async function compile(file: string): Promise<vm.Module> {
    const url = pathToFileURL(file).href;
    const version = (versions.get(file) ?? 0) + 1;
    const identifier = version === 1 ? url : `${url}?${version}`;
    const script = await transform(file, readFileSync(file, "utf8"), identifier);
    versions.set(file, version);
    remember(identifier, file, script);
    return new vm.SourceTextModule(script.code, {
      identifier,
      initializeImportMeta(meta) {
        const require = requireFrom(file);
        const commonjs = { require, __filename: file, __dirname: path.dirname(file) };
        const own = { url, filename: file, dirname: path.dirname(file), commonjs, cell: tools };
        Object.assign(meta, own, { resolve: (specifier: string) => where(resolve(specifier, file)) });
      },
      importModuleDynamically: ((specifier: string) => load(specifier, file)) as never,
    });
  }

  const entryOf = (target: Target & { file: string }): Promise<Entry> => {
    const { file, kind } = target;
    const there = entries.get(file);
    if (there) return there;
    const make = async (): Promise<Entry> => {
      const stamp = stampOf(file);
      const module = kind === "json" ? json(file) : await compile(file);
      const entry = { file, stamp, needs: new Set<string>(), module };
      settled.set(file, entry);
      return entry;
    };
    const making = make();
    entries.set(file, making);
    making.catch(() => entries.delete(file));
    return making;
  };

  async function moduleOf(specifier: string, parent: string, needs?: Set<string>): Promise<vm.Module> {
    const own = builtins[specifier];
    if (own) return synthetic(own(), specifier);
    const target = resolve(specifier, parent);
    if (target.kind === "native") return synthetic(await native(target.url), target.url);
    needs?.add(target.file);
    if (target.kind === "commonjs") return synthetic(commonJs(target.file), target.file);
    return (await entryOf(target)).module;
  }

  const link = (module: vm.Module): Promise<void> => {
    const linkNow = async () => {
      if (module.status !== "unlinked") return;
      await module.link(async (specifier, referrer) => {
        const file = fileURLToPath(referrer.identifier.replace(/\?\d+$/, ""));
        return moduleOf(specifier, file, settled.get(file)?.needs);
      });
    };
    const linked = linking.then(linkNow);
    linking = linked.catch(() => {});
    return linked;
  };

  /** Forgets what has changed, and modules that failed to load: they are tried again. */
  const dropStale = () => {
    const failed = [...settled.values()].filter(({ module }) => module.status === "errored");
    for (const entry of failed) entry.stamp = Number.NaN;
    for (const file of staleFiles(settled.values(), stampOf)) {
      settled.delete(file);
      entries.delete(file);
    }
  };

  const where = (target: Target) => (target.kind === "native" ? target.url : pathToFileURL(target.file).href);

  async function load(specifier: string, parent: string): Promise<Exports> {
    const own = builtins[specifier];
    if (own) return own();
    const target = resolve(specifier, parent);
    if (target.kind === "native") return native(target.url);
    if (target.kind === "commonjs") return commonJs(target.file);
    const { module, file } = await entryOf(target);
    try {
      await link(module);
      await module.evaluate();
    } catch (error) {
      // A file whose import is missing or wrong stays half linked: the next try starts anew.
      if (module.status !== "evaluated" && module.status !== "errored") {
        settled.delete(file);
        entries.delete(file);
      }
      throw error;
    }
    return module.namespace as Exports;
  }

  return {
    load(specifier, parent) {
      dropStale();
      return load(specifier, parent);
    },
    files: () => [...settled.keys()],
    resolve: (specifier, parent) => where(resolve(specifier, parent)),
  };
}
