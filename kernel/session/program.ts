import { cellDiagnostics, type Diagnostic, moveLines, type Position } from "./cell-diagnostics.ts";
import { type FileChange, type OpenDocuments, openChecker } from "./checker.ts";
import { openDocumentSync } from "./document-sync.ts";
import {
  addDocument,
  copyDocuments,
  type DocumentId,
  type Documents,
  documentPaths,
  documentText,
  emptyDocuments,
  placeholderIds,
  usedNames,
  withoutDeclared,
} from "./documents.ts";
import { hoverAt } from "./hover.ts";
import type { LanguageServer } from "./language-server.ts";
import { type ParsedCell, parseCell } from "./parse-cell.ts";
import type { PlaceholderFiles } from "./placeholder-files.ts";
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

/** Maximum number of queued cells checked ahead of time. */
const prefetchLimit = 32;

/** Maximum number of cached diagnostics. */
const cacheLimit = 1000;

/** A request for the diagnostics of a cell's document. */
interface CheckRequest {
  cell: ParsedCell;
  /** The cache key of the result. */
  key: string;
  id: DocumentId | "scratch";
  text: string;
  diagnostics: Promise<Diagnostic[]>;
  resolve(diagnostics: Diagnostic[] | Promise<never>): void;
}

/** Whether a cell has global declarations, which may change the diagnostics of all other cells. */
const declaresGlobals = ({ source }: ParsedCell) => /\bdeclare\s+(global|module)\b/.test(source);

/** Whether a cell depends on no files other than cells. */
const isSelfContained = (cell: ParsedCell) =>
  cell.outline.specifiers.length === 0 && !cell.isJsx && !declaresGlobals(cell);

/**
 * Creates the program of a notebook's folder. Self-contained cells are put into placeholder files while there are any
 * left; the documents of all other cells are in the notebook's folder, and exist in the checker only.
 */
export function openProgram(
  startServer: () => LanguageServer,
  folder: string,
  project: Project,
  placeholders: PlaceholderFiles,
): CellProgram {
  const paths = documentPaths(folder, placeholders);
  const idsOfPlaceholders = placeholderIds(placeholders);
  /** The documents of the cells that have run. */
  const documents = emptyDocuments();
  /** Documents opened for cells that were checked but may not have run yet, by cache key. */
  const pending = new Map<string, { id: DocumentId; text: string }>();
  /** Cached diagnostics, by cache key. */
  const cache = new Map<string, Promise<Diagnostic[]>>();
  /** The cell that was checked last. */
  let currentCell: ParsedCell | undefined;
  /** The sources of the cells that were checked ahead of time and have not run yet. */
  let prefetched: string[] = [];
  /** The documents as they will be once all prefetched cells have run. */
  let documentsAfterPrefetch = emptyDocuments();
  const sync = openDocumentSync(folder, project, placeholders, paths);
  const checker = openChecker(startServer, sync.initialize);

  /** Sends the checker the documents of all cells that have run or are pending. */
  const syncDocuments = (openDocuments: OpenDocuments) => {
    const texts = new Map([...pending.values()].map(({ id, text }) => [id, text]));
    for (const [id, { text }] of documents.texts) texts.set(id, text);
    sync.update(openDocuments, texts);
  };

  /** An unused document id for a cell. */
  const freeId = (cell: ParsedCell): DocumentId => {
    const taken = new Set([...documents.texts.keys(), ...[...pending.values()].map(({ id }) => id)]);
    const isFree = (id: DocumentId) => !taken.has(id);
    const placeholder = isSelfContained(cell) ? idsOfPlaceholders.find(isFree) : undefined;
    if (placeholder) return placeholder;
    const kind = cell.isJsx ? "x" : "d";
    for (let index = 1; ; index++) if (isFree(`${kind}${index}`)) return `${kind}${index}`;
  };

  /** Cache key of a cell: the text of its document without the path of the cell index. */
  const cacheKey = (cell: ParsedCell, { owners }: Documents) =>
    documentText(cell, usedNames(owners, cell), "");

  /** Creates the request to check a cell that runs after the given documents' cells, and caches its result. */
  const createRequest = (
    cell: ParsedCell,
    { owners }: Documents,
    id: DocumentId | "scratch",
  ): CheckRequest => {
    const names = usedNames(owners, cell);
    const key = documentText(cell, names, "");
    const text = documentText(cell, names, paths.indexSpecifier(id));
    let resolve: CheckRequest["resolve"] = () => {};
    const diagnostics = new Promise<Diagnostic[]>((settle) => {
      resolve = settle;
    });
    cache.set(key, diagnostics);
    diagnostics.catch(() => cache.delete(key));
    return { cell, key, id, text, diagnostics, resolve };
  };

  /** The same for a cell that gets a document of its own. */
  const createDocumentRequest = (cell: ParsedCell, after: Documents): CheckRequest => {
    const id = freeId(cell);
    const request = createRequest(cell, after, id);
    pending.set(request.key, { id, text: request.text });
    return request;
  };

  const sendRequests = (requests: readonly CheckRequest[]) => {
    const sent = checker.query(async (openDocuments) => {
      // Skipped for a first cell without declarations, which needs no other document.
      if (pending.size > 0 || documents.texts.size > 0) syncDocuments(openDocuments);
      const fileOf = ({ id }: CheckRequest) => (id === "scratch" ? paths.scratch : paths.file(id));
      for (const request of requests) openDocuments.setText(fileOf(request), request.text);
      const answered = requests.map(async (request) => {
        const report = await openDocuments.request("diagnostic", fileOf(request));
        request.resolve(cellDiagnostics(report, request.cell.source));
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
    const names = withoutDeclared(documents.owners, cell.outline.declared);
    names.delete("global");
    syncDocuments(openDocuments);
    openDocuments.setText(file, documentText(cell, names, paths.index));
    return file;
  };

  /** Drops all cached and prefetched results. */
  const invalidate = () => {
    pending.clear();
    cache.clear();
    prefetched = [];
  };

  /** Adds a cell's declarations to documents. Returns whether the checker already has a document for them. */
  const addDeclarations = (target: Documents, cell: ParsedCell): boolean => {
    if (cell.outline.declared.length === 0) return true;
    const names = usedNames(target.owners, cell);
    const known = pending.get(documentText(cell, names, ""));
    const id = known?.id ?? freeId(cell);
    const text = known?.text ?? documentText(cell, names, paths.indexSpecifier(id));
    addDocument(target, id, text, cell, names);
    return known !== undefined;
  };

  const checkNow = (cell: ParsedCell): Promise<Diagnostic[]> => {
    const request =
      cell.outline.declared.length > 0 || cell.isJsx
        ? createDocumentRequest(cell, documents)
        : createRequest(cell, documents, "scratch");
    sendRequests([request]);
    return request.diagnostics;
  };

  /** Checks queued cells ahead of time, assuming that all cells before them succeed. */
  const prefetch = (cell: ParsedCell, queued: Iterable<ParsedCell>) => {
    if (prefetched.length >= prefetchLimit || declaresGlobals(cell)) return;
    if (prefetched.length === 0) {
      documentsAfterPrefetch = copyDocuments(documents);
      addDeclarations(documentsAfterPrefetch, cell);
    }
    const known = [...prefetched];
    const requests: CheckRequest[] = [];
    let count = 0;
    for (const next of queued) {
      const isExpected = count < known.length ? known[count] === next.source : isSelfContained(next);
      if (!isExpected) break;
      count += 1;
      if (count <= known.length) continue;
      prefetched.push(next.source);
      if (!cache.has(cacheKey(next, documentsAfterPrefetch)))
        requests.push(createDocumentRequest(next, documentsAfterPrefetch));
      addDeclarations(documentsAfterPrefetch, next);
      if (count === known.length + prefetchLimit) break;
    }
    if (requests.length > 0) sendRequests(requests);
  };

  return {
    check(cell, queued = () => []) {
      const cached = cache.get(cacheKey(cell, documents));
      const position = cached ? prefetched.indexOf(cell.source) : -1;
      if (position >= 0) prefetched = prefetched.slice(position + 1);
      else if (!cached && (pending.size > 0 || cache.size >= cacheLimit)) invalidate();
      currentCell = cell;
      if (cached) prefetch(cell, queued());
      // Deferred: requests that were sent together with this one have yet to be received.
      else setTimeout(() => currentCell === cell && prefetch(cell, queued()), 1);
      return cached ?? checkNow(cell);
    },
    commit(cell) {
      if (!addDeclarations(documents, cell) || declaresGlobals(cell)) invalidate();
    },
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
    },
    restart() {
      invalidate();
      checker.restart();
    },
    end: () => checker.end(),
  };
}
