import { statSync } from "node:fs";
import { type Compiled, type ErrorContent, interrupted, type Script } from "../protocol/thread-messages.ts";
import { log } from "../protocol/process.ts";
import type { Content } from "../protocol/wire.ts";
import { CheckerLost } from "./checker.ts";
import { complete } from "./completion.ts";
import { candidates, firstFile, isLocal, isPackages, manifests, type Project } from "./project.ts";
import { syntaxError, typeError } from "./diagnostics.ts";
import { type EmitOptions, emit, type SyntaxFault } from "./emit.ts";
import { inspectAt } from "./inspection.ts";
import type { CellProgram } from "./program.ts";
import { type Reading, readCell } from "./parse-cell.ts";
import { moduleScript, rewriteCell } from "./rewrite.ts";

export type Prepared = { cell: Compiled } | { error: ErrorContent };

/** The session as TypeScript: what was run so far, and what can be said of a cell before it runs. */
export interface Cells {
  /**
   * Checks a cell and makes it ready to run. From then on later cells see what it declares, unless it was given up
   * meanwhile. `next` tells which are to run after it: they are checked before their turn.
   */
  prepare(
    source: string,
    count: number,
    givenUp: () => boolean,
    next?: () => Iterable<string>,
  ): Promise<Prepared>;
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
  /** Turns the checking of types off, or on again, for the cells to come. */
  check(on: boolean): void;
  /** Local modules that cells have loaded: the checker hears of their changes. */
  watch(files: string[]): void;
}

/** A cell that begins with this comment is not checked. */
const unchecked = /^\s*(\/\/[^\n]*\n\s*)*\/\/\s*@ts-nocheck\b/;

/** Answers what failed for want of a checker by `nothing`. */
const unless =
  <T>(nothing: T) =>
  (error: Error): T => {
    if (error instanceof CheckerLost) return nothing;
    throw error;
  };

/** So many cells are kept as they were read. */
const kept = 100;

/** Reads cells, those that it has read lately only once. */
function openReader(): (source: string) => Reading {
  const readings = new Map<string, Reading>();
  return (source) => {
    const reading = readings.get(source) ?? readCell(source);
    readings.delete(source);
    readings.set(source, reading);
    if (readings.size > kept) readings.delete(readings.keys().next().value!);
    return reading;
  };
}

const stampOf = (file: string): number => {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
};

/** A cell as it runs, with the names that it declares. */
interface Made {
  cell: Compiled;
  names: string[];
}

/** How cells are checked at first, and who is told, once, where that is not possible. */
export interface Checking {
  checked: boolean;
  warn(sentence: string): void;
}

/** Cells of one notebook. */
export function openCells(
  folder: string,
  project: Project,
  program: CellProgram,
  { checked, warn }: Checking,
): Cells {
  let checking = checked;
  /** Whether whoever works here wants the checker at all: it is not started only to complete a name. */
  let wanted = checked;
  let warned = false;
  const read = openReader();
  const known = new Set<string>();
  const stamps = new Map<string, number>();
  /** The packages that a cell has imported in vain. */
  const missing = new Set<string>();
  const options: EmitOptions = { compilerOptions: emitOptions(project) };

  /** Tells the checker which of the modules in question were changed, or installed, since it was last asked. */
  const refresh = (specifiers: string[]) => {
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
    for (const specifier of specifiers.filter(isPackages)) {
      const file = firstFile(manifests(specifier, folder));
      if (!file) missing.add(specifier);
      else if (missing.delete(specifier)) changes.push({ path: file, type: "created" });
    }
    program.filesChanged(changes);
  };

  /** Cells as they ran last, with the number of names that there were: names only come. */
  const ready = new WeakMap<Reading, { names: number; made: Made }>();

  /** A cell as it runs; or why it cannot. */
  const compiled = async (cell: Reading, name: string): Promise<Made | { faults: SyntaxFault[] }> => {
    const last = ready.get(cell);
    if (last?.names === known.size) return last.made;
    const { source, plain } = cell;
    const emitted = plain ? { code: source } : await emit(source, name, options);
    if ("faults" in emitted) return emitted;
    const { names, ...rest } = rewriteCell(emitted.code, known, plain);
    const map = "map" in emitted ? { map: emitted.map } : {};
    const made = { cell: { ...rest, ...map, emitted: emitted.code, source }, names };
    ready.set(cell, { names: known.size, made });
    return made;
  };

  const errorsOf = async (
    cell: Reading,
    count: number,
    next: () => Iterable<string>,
  ): Promise<ErrorContent | undefined> => {
    if (!checking || unchecked.test(cell.source)) return undefined;
    refresh(cell.outline.specifiers);
    const upcoming = function* () {
      for (const source of next()) yield read(source);
    };
    const found = await program.check(cell, upcoming).catch((error: Error) => {
      log(`A cell was not type-checked: ${error.message}`);
      if (error instanceof CheckerLost && !warned)
        warn(`Cells are not type-checked: ${error.message} Restart the kernel to have them checked again.`);
      warned ||= error instanceof CheckerLost;
      return [];
    });
    return found.length > 0 ? typeError(cell.source, count, found) : undefined;
  };

  return {
    async prepare(source, count, givenUp, next = () => []) {
      const cell = read(source);
      const found = errorsOf(cell, count, next);
      const made = await compiled(cell, "cell.ts");
      if ("faults" in made) return { error: syntaxError(source, count, made.faults) };
      const error = await found;
      if (error) return { error };
      if (givenUp()) return { error: interrupted };
      program.commit(cell);
      for (const name of made.names) known.add(name);
      return { cell: made.cell };
    },
    async expression(source) {
      const made = await compiled(read(source), "expression.ts");
      return "faults" in made ? { error: syntaxError(source, 0, made.faults) } : { cell: made.cell };
    },
    async complete(source, cursor) {
      const nothing = { status: "ok", matches: [], cursor_start: cursor, cursor_end: cursor, metadata: {} };
      return wanted ? complete(program, source, cursor).catch(unless(nothing)) : nothing;
    },
    async inspect(source, cursor) {
      const nothing = { status: "ok", found: false, data: {}, metadata: {} };
      return wanted ? inspectAt(program, source, cursor).catch(unless(nothing)) : nothing;
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
      program.commit(readCell(`let ${name}: any;`));
    },
    check(on) {
      checking = on;
      wanted ||= on;
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
