import path from "node:path";
import { sourceLocation } from "../session/source-locations.ts";
import { positionOf } from "../shared/edits.ts";
import type { ModuleLinks, ModuleRequest, Script } from "../shared/thread-messages.ts";
import type { Exports } from "./commonjs-interop.ts";
import { importerName, type ResolvedModule } from "./resolve.ts";

/** The modules of a session, as far as their exports are concerned. */
export interface ModuleGraph {
  resolve(specifier: string, parent: string): ResolvedModule;
  /** The compiled text of a local ES module. */
  script(file: string): Promise<Script>;
  /** The exports of a module that is not a local ES module. */
  exports(target: Exclude<ResolvedModule, { kind: "source" | "types" }>): Promise<Exports>;
  /** Whether the kernel provides a module. */
  isBuiltin(specifier: string): boolean;
}

/** What modules export as values. TypeScript's types exist for the type checker only. */
export interface ModuleValues {
  /** The code of a module without the imports and exports of names that turn out to be types. */
  withoutTypes(file: string, script: Script): Promise<string>;
  /** The error for an import of a name that the imported module does not export; undefined if it is not found. */
  missingExport(message: string, files: Iterable<string>): Promise<SyntaxError | undefined>;
}

const noLinks: ModuleLinks = { requests: [], exports: [], reexports: {}, stars: [] };

/** V8's message for an import of a name that is not exported. */
const missingExportMessage =
  /requested module '(?<specifier>.*)' does not provide an export named '(?<name>.*)'/;

/** Replaces a range by spaces, so that all positions stay the same. */
const blank = (code: string, [start, end]: [number, number]): string =>
  code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, " ") + code.slice(end);

export function openModuleValues(graph: ModuleGraph): ModuleValues {
  /** Whether a local ES module exports a value. `seen` has the exports that are being looked for. */
  async function fileExports(file: string, name: string, seen: Set<string>): Promise<boolean> {
    const key = `${file}\n${name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const { links = noLinks } = await graph.script(file);
    if (links.exports.includes(name)) return true;
    const source = Object.hasOwn(links.reexports, name) ? links.reexports[name] : undefined;
    if (source) return isValue(source.specifier, file, source.name, seen);
    if (name === "default") return false;
    for (const star of links.stars) if (await isValue(star, file, name, seen)) return true;
    return false;
  }

  async function isValue(
    specifier: string,
    parent: string,
    name: string,
    seen: Set<string>,
  ): Promise<boolean> {
    if (name === "*" || graph.isBuiltin(specifier)) return true;
    const target = graph.resolve(specifier, parent);
    if (target.kind === "types") return false;
    if (target.kind === "source") return fileExports(target.file, name, seen);
    const exports = await graph.exports(target);
    return name === "default" || name in exports;
  }

  /** The same, but true if the module cannot be loaded: that is reported when it is linked. */
  const mayBeValue = (specifier: string, parent: string, name: string): Promise<boolean> =>
    isValue(specifier, parent, name, new Set()).catch(() => true);

  /** The ranges of a statement that import or export types. All of it, if the module has nothing but types. */
  async function typeRanges(
    file: string,
    { specifier, range, names }: ModuleRequest,
  ): Promise<[number, number][]> {
    const types: ModuleRequest["names"] = [];
    for (const each of names)
      if (each.mayBeType && !(await mayBeValue(specifier, file, each.name))) types.push(each);
    const ranges = types.flatMap((each) => each.ranges);
    if (types.length === 0 || types.length < names.length) return ranges;
    const hasCode = graph.resolve(specifier, file).kind !== "types";
    return hasCode ? ranges : [...ranges, range];
  }

  return {
    async withoutTypes(file, script) {
      let { code } = script;
      for (const request of script.links?.requests ?? [])
        for (const range of await typeRanges(file, request)) code = blank(code, range);
      return code;
    },
    async missingExport(message, files) {
      const { specifier, name } = missingExportMessage.exec(message)?.groups ?? {};
      if (specifier === undefined || name === undefined) return undefined;
      for (const file of files) {
        const script = await graph.script(file);
        const request = script.links?.requests.find((each) => each.specifier === specifier);
        const imported = request?.names.find((each) => each.name === name);
        if (!imported || (await mayBeValue(specifier, file, name))) continue;
        const start = positionOf(script.code, imported.ranges[0]?.[0] ?? 0);
        const position = { line: start.line + 1, column: start.column + 1 };
        const { line, column } = sourceLocation(script, position) ?? position;
        const target = graph.resolve(specifier, file);
        const module = "file" in target ? path.relative(process.cwd(), target.file) : `"${specifier}"`;
        return new SyntaxError(
          `${importerName(file)}:${line}:${column} imports "${name}" from "${specifier}", but ${module} does not export a value of that name: export it there, or correct the import.`,
        );
      }
      return undefined;
    },
  };
}
