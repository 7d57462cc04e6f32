import { log } from "../shared/log.ts";
import { cellDiagnostics, type Diagnostic, moveLines, type Position } from "./cell-diagnostics.ts";
import { cellLibraries } from "./cell-tsconfig.ts";
import { type FileChange, type OpenDocuments, openChecker } from "./checker.ts";
import { type DocumentId, placeholderIds } from "./document-id.ts";
import { openDocumentSync } from "./document-sync.ts";
import {
  addDocument,
  changesInterfaces,
  contextOf,
  copyDocuments,
  type Documents,
  documentPaths,
  documentText,
  documentTexts,
  emptyDocuments,
  removeCells,
} from "./documents.ts";
import { hoverAt } from "./hover.ts";
import type { LanguageServer } from "./language-server.ts";
import { makeOneFileLibrary, oneFileLibrary } from "./one-file-library.ts";
import { type ParsedCell, parseCell } from "./parse-cell.ts";
import type { PlaceholderFiles } from "./placeholder-files.ts";
import { openPrefetch } from "./prefetch.ts";
import type { Project } from "./project.ts";

/**
 * The cells of a session as one TypeScript program. All queries reject with `CheckerUnavailable` if there is no type
 * checker.
 */
export interface CellProgram {
  /** The type errors of a cell. `queued` lists the cells to run after it, which are checked ahead of time. */
  check(cell: ParsedCell, queued?: () => Iterable<ParsedCell>): Promise<Diagnostic[]>;
  /** Makes a cell's declarations visible to later cells. Needs no checker. */
  commit(cell: ParsedCell): void;
  /** Lets later cells replace the interfaces of cells that the user has deleted, instead of adding to them. */
  forget(ids: readonly string[]): void;
  /** The `CompletionItem`s at a position of uncommitted code. */
  // biome-ignore lint/suspicious/noExplicitAny: the server's answer
  completion(source: string, position: Position): Promise<any>;
  /** Type and documentation at a position of uncommitted code, as Markdown; "" if there is none. */
  hover(source: string, position: Position): Promise<string>;
  /** Reports file changes to the checker. */
  filesChanged(changes: FileChange[]): void;
  /** Restarts the checker, which does not notice all packages that are installed while it runs. */
  restart(): void;
  /** Starts the checker ahead of the first query. */
  start(): void;
  end(): void;
}

/** Delay before the checker loads the placeholder files, in ms: it must not slow down the first cell. */
const warmUpDelay = 400;

/** Delay before the library is copied for later kernels, in ms. */
const libraryDelay = 2000;

/** Maximum number of cached results. */
const resultLimit = 1000;

/** The document of a cell that has been checked, and its diagnostics. */
interface CheckResult {
  id: DocumentId | "scratch";
  text: string;
  diagnostics: Promise<Diagnostic[]>;
}

/** A check that has yet to be sent to the checker. */
interface CheckRequest extends CheckResult {
  cell: ParsedCell;
  /** Whether the cell declares interfaces that other cells declare, too. */
  isMerged: boolean;
  resolve(diagnostics: Diagnostic[] | Promise<never>): void;
}

/** Whether a cell has global declarations, which may change the diagnostics of all other cells. */
const declaresGlobals = ({ source }: ParsedCell) => /\bdeclare\s+(global|module)\b/.test(source);

/** Whether a cell may change the diagnostics of cells that mention none of its names. */
const affectsOthers = (cell: ParsedCell, before: Documents) =>
  declaresGlobals(cell) || changesInterfaces(before, cell);

/** Whether a cell depends on no files other than cells. */
const isSelfContained = (cell: ParsedCell) =>
  cell.outline.specifiers.length === 0 && !cell.isJsx && !declaresGlobals(cell);

/** Queued cells are checked ahead of time up to the first one that depends on files or affects others. */
const canPrefetch = (cell: ParsedCell, before: Documents) =>
  isSelfContained(cell) && !changesInterfaces(before, cell);

/**
 * Creates the program of a notebook's folder. Its parts are the documents of the cells that have run (`documents.ts`),
 * the results of checks, and the cells checked ahead of time (`prefetch.ts`). Self-contained cells are put into placeholder files while there are any
 * left; the documents of all other cells are in the notebook's folder, and exist in the checker only. `cache` is a private
 * folder for what later kernels can use again.
 */
export function openProgram(
  startServer: () => LanguageServer,
  folder: string,
  project: Project,
  placeholders: PlaceholderFiles,
  cache?: string,
): CellProgram {
  const paths = documentPaths(folder, placeholders);
  const idsOfPlaceholders = placeholderIds(placeholders);
  /** The documents of the cells that have run. */
  const documents = emptyDocuments();
  /**
   * The cells checked since the last change that may affect all results, whether or not they have run. The key is the
   * text of the cell's document: a cell with the same text has the same diagnostics.
   */
  const results = new Map<string, CheckResult>();
  /** The cell that was checked last. */
  let currentCell: ParsedCell | undefined;
  const prefetch = openPrefetch();
  const libraries = cellLibraries(project);
  const library = oneFileLibrary(libraries, cache);
  const sync = openDocumentSync(folder, project, placeholders, paths, library);
  const checker = openChecker(startServer, sync.initialize);

  /** The texts of the documents of checked cells. */
  const checkedTexts = (): [DocumentId, string][] =>
    [...results.values()].flatMap(({ id, text }) => (id === "scratch" ? [] : [[id, text]]));

  /** Sends the checker the documents of all cells that have run or been checked. */
  const syncDocuments = (openDocuments: OpenDocuments, committed = documents) =>
    sync.update(openDocuments, new Map([...checkedTexts(), ...documentTexts(committed)]));

  /** An unused document id for a cell. */
  const freeId = (cell: ParsedCell): DocumentId => {
    const taken = new Set([...documents.texts.keys(), ...checkedTexts().map(([id]) => id)]);
    const isFree = (id: DocumentId) => !taken.has(id);
    const placeholder = isSelfContained(cell) ? idsOfPlaceholders.find(isFree) : undefined;
    if (placeholder) return placeholder;
    const kind = cell.isJsx ? "x" : "d";
    for (let index = 1; ; index++) if (isFree(`${kind}${index}`)) return `${kind}${index}`;
  };

  /** The key of a cell's result: the text of its document without the path of the cell index. */
  const keyOf = (cell: ParsedCell, before: Documents) => documentText(cell, contextOf(before, cell), "");

  /** Creates the request to check a cell that runs after those of the given documents. Its result is known from now on. */
  const createRequest = (cell: ParsedCell, before: Documents, id: CheckResult["id"]): CheckRequest => {
    const key = keyOf(cell, before);
    const context = contextOf(before, cell);
    const text = documentText(cell, context, paths.indexSpecifier(id));
    let resolve: CheckRequest["resolve"] = () => {};
    const diagnostics = new Promise<Diagnostic[]>((settle) => {
      resolve = settle;
    });
    results.set(key, { id, text, diagnostics });
    diagnostics.catch(() => results.delete(key));
    return { cell, isMerged: context.interfaces.length > 0, id, text, diagnostics, resolve };
  };

  /** Sends requests to check cells, beside the documents of the cells that have run. */
  const sendRequests = (requests: readonly CheckRequest[], committed = documents) => {
    const sent = checker.query(async (openDocuments) => {
      // Skipped for a first cell without declarations, which needs no other document.
      if (documents.texts.size > 0 || checkedTexts().length > 0) syncDocuments(openDocuments, committed);
      const fileOf = ({ id }: CheckRequest) => (id === "scratch" ? paths.scratch : paths.file(id));
      for (const request of requests) openDocuments.setText(fileOf(request), request.text);
      const answered = requests.map(async (request) => {
        const report = await openDocuments.request("diagnostic", fileOf(request));
        request.resolve(cellDiagnostics(report, request.cell.source, request.isMerged));
      });
      await Promise.all(answered);
    });
    sent.catch((error) => {
      for (const { resolve } of requests) resolve(Promise.reject(error));
    });
  };

  /** Puts uncommitted code into a scratch document, in which the names of all cells are available. Returns its file. */
  const setScratch = (openDocuments: OpenDocuments, source: string): string => {
    const cell = parseCell(source);
    const file = cell.isJsx ? paths.scratchJsx : paths.scratch;
    syncDocuments(openDocuments);
    openDocuments.setText(file, documentText(cell, contextOf(documents, cell, true), paths.index));
    return file;
  };

  /** Drops all results, also those of queued cells. */
  const invalidate = () => {
    results.clear();
    prefetch.clear();
  };

  /** Adds a cell's declarations to documents. Returns whether the checker already has a document for them. */
  const addDeclarations = (target: Documents, cell: ParsedCell): boolean => {
    if (cell.outline.declared.length === 0) return true;
    const context = contextOf(target, cell);
    const known = results.get(documentText(cell, context, ""));
    const id = known && known.id !== "scratch" ? known.id : freeId(cell);
    const text = known?.text ?? documentText(cell, context, paths.indexSpecifier(id));
    addDocument(target, id, text, cell, context);
    return known !== undefined;
  };

  const checkNow = (cell: ParsedCell): Promise<Diagnostic[]> => {
    const needsDocument = cell.outline.declared.length > 0 || cell.isJsx;
    const request = createRequest(cell, documents, needsDocument ? freeId(cell) : "scratch");
    const after = changesInterfaces(documents, cell) ? copyDocuments(documents) : documents;
    if (after !== documents) addDeclarations(after, cell);
    sendRequests([request], after);
    return request.diagnostics;
  };

  /** Checks queued cells ahead of time, assuming that all cells before them succeed. */
  const checkQueued = (cell: ParsedCell, queued: Iterable<ParsedCell>) => {
    if (affectsOthers(cell, documents)) return;
    if (prefetch.isEmpty()) addDeclarations(prefetch.restart(documents), cell);
    const requests: CheckRequest[] = [];
    for (const [next, before] of prefetch.next(queued, canPrefetch)) {
      if (!results.has(keyOf(next, before))) requests.push(createRequest(next, before, freeId(next)));
      addDeclarations(before, next);
    }
    if (requests.length > 0) sendRequests(requests);
  };

  return {
    check(cell, queued = () => []) {
      const known = results.get(keyOf(cell, documents));
      if (known) prefetch.advance(cell);
      else if (checkedTexts().length > 0 || results.size >= resultLimit) invalidate();
      currentCell = cell;
      if (known) checkQueued(cell, queued());
      // Deferred: requests that were sent together with this one have yet to be received.
      else setTimeout(() => currentCell === cell && checkQueued(cell, queued()), 1);
      return known?.diagnostics ?? checkNow(cell);
    },
    commit(cell) {
      const affects = affectsOthers(cell, documents);
      if (!addDeclarations(documents, cell) || affects) invalidate();
    },
    forget: (ids) => removeCells(documents, new Set(ids)),
    completion: (source, position) =>
      checker.query((openDocuments) => {
        const file = setScratch(openDocuments, source);
        return openDocuments.request("completion", file, { position: moveLines(position, 1) });
      }),
    hover: (source, position) =>
      checker.query((openDocuments) => {
        const file = setScratch(openDocuments, source);
        return hoverAt(openDocuments, file, moveLines(position, 1));
      }),
    filesChanged(changes) {
      if (changes.length > 0) invalidate();
      checker.filesChanged(changes);
    },
    start() {
      checker.start();
      const warmUp = async (openDocuments: OpenDocuments) => {
        syncDocuments(openDocuments);
        await openDocuments.request("diagnostic", paths.scratch);
      };
      setTimeout(() => checker.query(warmUp).catch(() => {}), warmUpDelay);
      if (libraries && cache && !library)
        setTimeout(() => {
          makeOneFileLibrary(libraries, cache).catch((error: Error) =>
            log(`Cells are checked more slowly, with the library in many files: ${error.message}`),
          );
        }, libraryDelay).unref();
    },
    restart() {
      invalidate();
      checker.restart();
    },
    end: () => checker.end(),
  };
}
