import { statSync } from "node:fs";
import type { Compiled, ErrorContent, Script } from "../protocol/bridge.ts";
import { log } from "../protocol/process.ts";
import type { Content } from "../protocol/wire.ts";
import { complete } from "./complete.ts";
import { candidates, firstFile, isLocal, type Project } from "./config.ts";
import { syntaxError, typeError } from "./diagnostics.ts";
import { type EmitOptions, emit } from "./emit.ts";
import { inspectAt } from "./inspect.ts";
import { outlineOf } from "./names.ts";
import type { CellProgram } from "./program.ts";
import { moduleScript, rewriteCell } from "./rewrite.ts";

export type Prepared = { cell: Compiled } | { error: ErrorContent };

/** The session as TypeScript: what was run so far, and what can be said of a cell before it runs. */
export interface Cells {
  /** Checks a cell and makes it ready to run. From then on later cells see what it declares. */
  prepare(source: string, count: number): Promise<Prepared>;
  /** Makes an expression ready to be evaluated in the session; its types are not checked. */
  expression(source: string): Promise<Prepared>;
  complete(source: string, cursor: number): Promise<Content>;
  inspect(source: string, cursor: number): Promise<Content>;
  /** A local module as JavaScript, for the loader; or what is wrong with it, in one sentence. */
  module(source: string, file: string): Promise<Script | { error: string }>;
  /** What cells have declared. */
  names(): ReadonlySet<string>;
  /** Makes a name of the session that no cell declared: later cells see it, as `any`. */
  declare(name: string): void;
  /** Local modules that cells have loaded: the checker hears of their changes. */
  watch(files: string[]): void;
}

/** A cell that begins with this comment is not checked. */
const unchecked = /^\s*(\/\/[^\n]*\n\s*)*\/\/\s*@ts-nocheck\b/;

const stampOf = (file: string): number => {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
};

/** Cells of one notebook. `program` may still be opening; without one nothing is checked. */
export function openCells(
  folder: string,
  project: Project,
  program: Promise<CellProgram | undefined>,
): Cells {
  const known = new Set<string>();
  const stamps = new Map<string, number>();
  const options: EmitOptions = { compilerOptions: emitOptions(project) };
  let sequence = 0;

  /** Tells the checker which of the local modules in question were changed since it was last asked. */
  const refresh = (checker: CellProgram, specifiers: string[]) => {
    for (const specifier of specifiers.filter(isLocal)) {
      const file = firstFile(candidates(specifier, folder));
      if (file && !stamps.has(file)) stamps.set(file, -1);
    }
    const changes: Parameters<CellProgram["filesChanged"]>[0] = [];
    for (const [file, before] of stamps) {
      const now = stampOf(file);
      if (now === before) continue;
      stamps.set(file, now);
      changes.push({ path: file, type: now === 0 ? "deleted" : before <= 0 ? "created" : "changed" });
    }
    checker.filesChanged(changes);
  };

  const compiled = (source: string, { code, map }: { code: string; map: string }) => {
    const { names, ...rest } = rewriteCell(code, known);
    const cell: Compiled = { ...rest, emitted: code, map, source };
    return { cell, names };
  };

  const commit = async (source: string) => {
    sequence += 1;
    const count = sequence;
    (await program)?.commit(count, source).catch(() => {});
  };

  const errorsOf = async (source: string, count: number): Promise<ErrorContent | undefined> => {
    const checker = await program;
    if (!checker || unchecked.test(source)) return undefined;
    refresh(checker, outlineOf(source).specifiers);
    const found = await checker.check(source).catch((error: Error) => {
      log(`A cell was not type-checked: ${error.message}`);
      return [];
    });
    return found.length > 0 ? typeError(source, count, found) : undefined;
  };

  return {
    async prepare(source, count) {
      const checking = errorsOf(source, count);
      const emitted = await emit(source, "cell.ts", options);
      if ("faults" in emitted) return { error: syntaxError(source, count, emitted.faults) };
      const error = await checking;
      if (error) return { error };
      const { cell, names } = compiled(source, emitted);
      await commit(source);
      for (const name of names) known.add(name);
      return { cell };
    },
    async expression(source) {
      const emitted = await emit(source, "expression.ts", options);
      return "faults" in emitted
        ? { error: syntaxError(source, 0, emitted.faults) }
        : { cell: compiled(source, emitted).cell };
    },
    async complete(source, cursor) {
      const checker = await program;
      const nothing = { status: "ok", matches: [], cursor_start: cursor, cursor_end: cursor, metadata: {} };
      return checker ? complete(checker, source, cursor) : nothing;
    },
    async inspect(source, cursor) {
      const checker = await program;
      return checker
        ? inspectAt(checker, source, cursor)
        : { status: "ok", found: false, data: {}, metadata: {} };
    },
    async module(source, file) {
      const emitted = await emit(source, file, options);
      if (!("faults" in emitted))
        return { ...moduleScript(emitted.code), emitted: emitted.code, map: emitted.map };
      const { line, column, text } = emitted.faults[0]!;
      return { error: `${file}:${line + 1}:${column + 1}: ${text}` };
    },
    names: () => known,
    declare(name) {
      known.add(name);
      commit(`let ${name}: any;`);
    },
    watch(files) {
      for (const file of files) if (!stamps.has(file)) stamps.set(file, stampOf(file));
    },
  };
}

/** The compiler options of a project that change what runs. */
function emitOptions({ config }: Project): NonNullable<EmitOptions["compilerOptions"]> {
  const from = config.compilerOptions ?? {};
  const names = [
    "experimentalDecorators",
    "useDefineForClassFields",
    "jsx",
    "jsxFactory",
    "jsxFragmentFactory",
    "jsxImportSource",
  ] as const;
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
}
