import { statSync } from "node:fs";
import type { Content } from "../shared/content.ts";
import { type CompiledCell, type ErrorContent, interruptedError } from "../shared/thread-messages.ts";
import { type CheckedCell, openCellChecks } from "./cell-checks.ts";
import { CheckerUnavailable, type FileChange } from "./checker.ts";
import { type CompileModule, moduleCompiler } from "./compile-module.ts";
import { complete, completeNames } from "./completion.ts";
import { addDecoratorMetadata } from "./decorator-metadata.ts";
import { syntaxError, typeError, warningText } from "./diagnostics.ts";
import { emit, type SourceError } from "./emit.ts";
import { type EmitOptions, emitOptionsOf } from "./emit-options.ts";
import { helpContent, inspect, magicAt, nameAt, withSource } from "./inspection.ts";
import { isComplete } from "./is-complete.ts";
import { magicHelp } from "./magics/names.ts";
import { blankMagics, translateMagics } from "./magics/translate.ts";
import { type ParsedCell, parseCell } from "./parse-cell.ts";
import type { CellProgram } from "./program.ts";
import { openProjects, type Project } from "./project.ts";
import { rewriteCell } from "./rewrite.ts";
import { sourceOf } from "./source-of.ts";
import {
  candidateFiles,
  candidateManifests,
  firstExisting,
  isLocalSpecifier,
  isPackageSpecifier,
} from "./specifiers.ts";
import { cellStrictness, requestedStrictness, type Strictness } from "./strictness.ts";

/** A cell that is ready to run, or the error that keeps it from running. */
export type PreparedCell = { cell: CompiledCell } | { error: ErrorContent };

/** A cell as a client sends it. */
export interface CellSource {
  source: string;
  /** The client's id of the cell, if it tells it. */
  id?: string;
}

/** Type checking and compilation of the cells of one session. */
export interface Cells {
  /**
   * Checks and compiles a cell. Its declarations become visible to later cells, unless `isCancelled` returns true after
   * the check. `queued` lists the cells to run after it, which are checked ahead of time.
   */
  prepare(
    cell: CellSource,
    count: number,
    isCancelled: () => boolean,
    queued?: () => Iterable<CellSource>,
  ): Promise<PreparedCell>;
  /** Tells that the user has deleted cells. */
  deleted(ids: readonly string[]): void;
  /** Compiles an expression to be evaluated in the session, without checking its types. */
  prepareExpression(source: string): Promise<PreparedCell>;
  /** The content of a `complete_reply`. */
  complete(source: string, cursor: number): Promise<Content>;
  /** The content of an `inspect_reply`. With a level of 1, it has the source of a cell's declaration. */
  inspect(source: string, cursor: number, level?: number): Promise<Content>;
  /** The content of an `is_complete_reply`. */
  isComplete(source: string): Promise<Content>;
  compileModule: CompileModule;
  /** The names of all session variables. */
  names(): ReadonlySet<string>;
  /** Declares a session variable that no cell declares. Its type is `any`. */
  declare(name: string): void;
  /** Changes the strictness for the following cells, as `checkTypes` asks. */
  setStrictness(request: unknown): void;
  /** Registers the local modules that cells have loaded, whose changes are reported to the checker. */
  watchFiles(files: string[]): void;
}

/** An error handler that returns a fallback if the type checker is unavailable. */
const ifUnavailable =
  <T>(fallback: T) =>
  (error: Error): T => {
    if (error instanceof CheckerUnavailable) return fallback;
    throw error;
  };

/** Maximum number of cached parsed cells. */
const cacheLimit = 100;

/** Returns a `parseCell` that caches the most recently used cells. */
function cachedParser(): typeof parseCell {
  const cache = new Map<string, ParsedCell>();
  return (source, id) => {
    const key = JSON.stringify([id, source]);
    const cell = cache.get(key) ?? parseCell(source, id);
    cache.delete(key);
    cache.set(key, cell);
    const [oldest] = cache.keys();
    if (oldest !== undefined && cache.size > cacheLimit) cache.delete(oldest);
    return cell;
  };
}

/** The modification time of a file, or 0 if it does not exist. */
const modifiedAt = (file: string): number => {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
};

/** A compiled cell with the names it defines. */
interface Compilation {
  cell: CompiledCell;
  names: string[];
}

export interface CheckingOptions {
  /** The strictness of the first cells. */
  strictness: Strictness;
  /** Called with warnings about the cell that is prepared, and once with each problem that affects all cells. */
  warn(message: string): void;
  /** Builds packages of the workspace before a cell imports modules; see `WorkspaceBuilds`. */
  refresh(specifiers: readonly string[]): Promise<boolean>;
}

/** Creates the cells of a notebook in a folder. */
export function openCells(
  folder: string,
  project: Project,
  program: CellProgram,
  { strictness: initial, warn, refresh }: CheckingOptions,
): Cells {
  let strictness = initial;
  const checkCell = openCellChecks(program, warn);
  let unreported = project.problem;
  const parse = cachedParser();
  const sessionNames = new Set<string>();
  /** The cells that have declared each name last. */
  const declaringCells = new Map<string, ParsedCell>();
  const isDeclared = (name: string) => sessionNames.has(name) || name in globalThis;
  const translate = (source: string) => translateMagics(source, isDeclared);
  /** The modification times of local modules when last reported to the checker; -1 if never. */
  const reportedTimes = new Map<string, number>();
  /** Imported packages that were not installed. */
  const missingPackages = new Set<string>();
  /** Unused imports are kept: later cells may use them. */
  const options: EmitOptions = { ...emitOptionsOf(project), verbatimModuleSyntax: true };

  /** Reports modules changed, and packages installed, since the last call to the checker. */
  const reportChanges = (specifiers: string[]) => {
    for (const specifier of specifiers.filter(isLocalSpecifier)) {
      const file = firstExisting(candidateFiles(specifier, folder));
      if (file && !reportedTimes.has(file)) reportedTimes.set(file, -1);
    }
    const changes: FileChange[] = [];
    for (const [file, before] of reportedTimes) {
      const now = modifiedAt(file);
      if (now === before) continue;
      reportedTimes.set(file, now);
      changes.push({ path: file, type: now === 0 ? "deleted" : before <= 0 ? "created" : "changed" });
    }
    let isInstalled = false;
    for (const specifier of specifiers.filter(isPackageSpecifier)) {
      const file = firstExisting(candidateManifests(specifier, folder));
      if (!file) missingPackages.add(specifier);
      else if (missingPackages.delete(specifier)) isInstalled = true;
    }
    program.filesChanged(changes);
    if (isInstalled) program.restart();
  };

  /** Compiled cells, valid while the number of session names is the same: names are never removed. */
  const compilations = new WeakMap<ParsedCell, { nameCount: number; compilation: Compilation }>();

  const compile = async (
    parsed: ParsedCell,
    fileName: string,
  ): Promise<Compilation | { errors: [SourceError, ...SourceError[]] }> => {
    const previous = compilations.get(parsed);
    if (previous?.nameCount === sessionNames.size) return previous.compilation;
    const { source, javaScript, isJsx } = parsed;
    const file = isJsx ? "cell.tsx" : fileName;
    const text = () => addDecoratorMetadata(source, file, project).text;
    const emitted = javaScript ? { code: source } : await emit(text(), file, options);
    if ("errors" in emitted) return emitted;
    const { names, ...rewritten } = rewriteCell(emitted.code, sessionNames, javaScript);
    const map = "map" in emitted ? { map: emitted.map } : {};
    const compilation = { cell: { ...rewritten, ...map, emitted: emitted.code, source }, names };
    compilations.set(parsed, { nameCount: sessionNames.size, compilation });
    return compilation;
  };

  const check = async (cell: ParsedCell, queued: () => Iterable<CellSource>): Promise<CheckedCell> => {
    const ofCell = cellStrictness(cell.source, strictness);
    if (ofCell === "off") return { cell, errors: [], warnings: [] };
    reportChanges(cell.outline.specifiers);
    const parseQueued = function* () {
      for (const { source, id } of queued()) yield parse(translate(source), id);
    };
    return checkCell(cell, ofCell, parseQueued);
  };

  return {
    async prepare({ source, id }, count, isCancelled, queued = () => []) {
      const parsed = parse(translate(source), id);
      const { specifiers } = parsed.outline;
      // The declarations of a package that has been built anew are other ones.
      if (specifiers.length > 0 && (await refresh(specifiers))) program.restart();
      if (isCancelled()) return { error: interruptedError };
      const checking = check(parsed, queued);
      const compiled = await compile(parsed, "cell.ts");
      if ("errors" in compiled) return { error: syntaxError(source, count, compiled.errors) };
      const { cell, errors, warnings } = await checking;
      if (unreported) warn(unreported);
      unreported = undefined;
      if (errors.length > 0) return { error: typeError(source, count, errors) };
      if (isCancelled()) return { error: interruptedError };
      if (warnings.length > 0) warn(warningText(count, warnings));
      program.commit(cell);
      for (const name of compiled.names) sessionNames.add(name);
      for (const { name } of cell.outline.declared) declaringCells.set(name, cell);
      return { cell: { ...compiled.cell, source } };
    },
    deleted: program.forget,
    async prepareExpression(source) {
      const compiled = await compile(parse(source), "expression.ts");
      return "errors" in compiled
        ? { error: syntaxError(source, 0, compiled.errors) }
        : { cell: compiled.cell };
    },
    async complete(source, cursor) {
      const empty = { status: "ok", matches: [], cursor_start: cursor, cursor_end: cursor, metadata: {} };
      const known = completeNames(source, cursor, folder);
      if (known) return known;
      return complete(program, blankMagics(source, isDeclared), cursor).catch(ifUnavailable(empty));
    },
    async inspect(source, cursor, level = 0) {
      const help = magicHelp(magicAt(source, cursor));
      if (help !== undefined) return helpContent(help);
      const notFound = { status: "ok", found: false, data: {}, metadata: {} };
      const found = await inspect(program, blankMagics(source, isDeclared), cursor).catch(
        ifUnavailable(notFound),
      );
      const name = nameAt(source, cursor);
      const cell = declaringCells.get(name);
      const text = level > 0 && cell ? sourceOf(name, cell) : undefined;
      return text === undefined ? found : withSource(found, text);
    },
    isComplete: async (source) => ({ ...(await isComplete(source, translate)) }),
    compileModule: moduleCompiler(openProjects()),
    names: () => sessionNames,
    declare(name) {
      sessionNames.add(name);
      program.commit(parseCell(`let ${name}: any;`));
    },
    setStrictness(request) {
      strictness = requestedStrictness(request, strictness, initial, project);
    },
    watchFiles(files) {
      for (const file of files) if (!reportedTimes.has(file)) reportedTimes.set(file, modifiedAt(file));
    },
  };
}
