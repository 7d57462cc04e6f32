import path from "node:path";
import { pathToFileURL } from "node:url";
import { log } from "../shared/log.ts";
import { oneAtATime } from "../shared/one-at-a-time.ts";
import type { LanguageServer } from "./language-server.ts";

/** The documents that are open in one running language server, by file path. */
export interface OpenDocuments {
  /** Sets a document's text; opens the document first if necessary. */
  setText(file: string, text: string): void;
  /** The text of an open document; undefined if it is not open. */
  textOf(file: string): string | undefined;
  /** Sends a `textDocument/…` request about a document. */
  // biome-ignore lint/suspicious/noExplicitAny: a result's shape depends on the method
  request(method: string, file: string, params?: object): Promise<any>;
  uri(file: string): string;
}

/** The type checker of a folder. It is restarted if it crashes. */
export interface Checker {
  /** Starts the checker ahead of the first query. */
  start(): void;
  /**
   * Runs a query after all earlier queries are done. If the checker crashes meanwhile, the query is retried once on a
   * new one.
   *
   * @throws CheckerUnavailable if the checker cannot be started or keeps crashing
   */
  query<T>(run: (documents: OpenDocuments) => Promise<T>): Promise<T>;
  /** Makes the next query start the checker anew. */
  restart(): void;
  /** Reports file changes to the checker, if it is running. */
  filesChanged(changes: FileChange[]): void;
  end(): void;
}

export interface FileChange {
  path: string;
  type: "created" | "changed" | "deleted";
}

/** The type checker cannot be started, or crashed too often. It will not be started again. */
export class CheckerUnavailable extends Error {}

/** Number of consecutive crashes after which the checker is not restarted. */
const maxCrashes = 3;

/** `FileChangeType` of the Language Server Protocol. */
const fileChangeType = { created: 1, changed: 2, deleted: 3 };

/** Language ids of the Language Server Protocol, by file extension. */
const languages: Record<string, string> = { ".json": "json", ".tsx": "typescriptreact" };

function documentsOf(server: LanguageServer): OpenDocuments {
  const texts = new Map<string, string>();
  let version = 1;
  const uri = (file: string) => pathToFileURL(file).href;
  return {
    uri,
    textOf: (file) => texts.get(file),
    setText(file, text) {
      const languageId = languages[path.extname(file)] ?? "typescript";
      const previous = texts.get(file);
      if (previous === text) return;
      texts.set(file, text);
      version += 1;
      const textDocument = { uri: uri(file), version };
      if (previous === undefined)
        server.notify("textDocument/didOpen", { textDocument: { ...textDocument, languageId, text } });
      else server.notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
    },
    request: (method, file, params) =>
      server.request(`textDocument/${method}`, { textDocument: { uri: uri(file) }, ...params }),
  };
}

/** Creates the checker of a folder. `initialize` opens the common documents in each newly started server. */
export function openChecker(
  startServer: () => LanguageServer,
  initialize: (documents: OpenDocuments) => void,
): Checker {
  let server: LanguageServer | undefined;
  let documents: OpenDocuments | undefined;
  let crashes = 0;
  let unavailable: string | undefined;
  const inOrder = oneAtATime();

  const launch = (): OpenDocuments => {
    try {
      server = startServer();
    } catch (error) {
      unavailable = (error as Error).message;
      throw error;
    }
    const opened = documentsOf(server);
    initialize(opened);
    return opened;
  };

  const runQuery = async <T>(run: (documents: OpenDocuments) => Promise<T>): Promise<T> => {
    for (let retry = true; ; retry = false) {
      if (unavailable !== undefined) throw new CheckerUnavailable(unavailable);
      if (server && !server.alive()) log("The type checker has crashed and is restarted.");
      try {
        if (!documents || !server?.alive()) documents = launch();
        const result = await run(documents);
        crashes = 0;
        return result;
      } catch (error) {
        if (server?.alive()) throw error;
        crashes += 1;
        if (crashes === maxCrashes) unavailable = `The type checker crashed ${maxCrashes} times in a row.`;
        if (!retry && unavailable === undefined) throw error;
      }
    }
  };

  return {
    start() {
      try {
        documents ??= launch();
      } catch {
        // The first query reports the error.
      }
    },
    query: (run) => inOrder(() => runQuery(run)),
    restart() {
      inOrder(async () => {
        server?.end();
        server = undefined;
        documents = undefined;
      });
    },
    filesChanged(changes) {
      if (changes.length === 0) return;
      const events = changes.map(({ path: file, type }) => ({
        uri: pathToFileURL(file).href,
        type: fileChangeType[type],
      }));
      server?.notify("workspace/didChangeWatchedFiles", { changes: events });
    },
    end: () => server?.end(),
  };
}
