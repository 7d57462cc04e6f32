import { pathToFileURL } from "node:url";
import { log } from "../protocol/process.ts";
import type { LanguageServer } from "./language-server.ts";

/** What the checker is shown, and asked about it. Files are told by their paths. */
export interface Shown {
  /** Gives a document a text; opens it where it is not open. */
  put(file: string, text: string, language?: "typescript" | "json"): void;
  /** The text of a document that is open. */
  textOf(file: string): string | undefined;
  /** Asks about a document. */
  // biome-ignore lint/suspicious/noExplicitAny: a result's shape depends on the method
  ask(method: string, file: string, params?: object): Promise<any>;
  uri(file: string): string;
}

/** The type checker of a folder. */
export interface Checker {
  /** Starts the checker before it is asked. */
  start(): void;
  /**
   * Asks a question, once all before it are answered. Where the checker ends instead of answering, another one is
   * asked the same once.
   */
  ask<T>(question: (to: Shown) => Promise<T>): Promise<T>;
  /** Tells the checker, if there is one, of files that were changed, made or removed. */
  filesChanged(changes: FileChange[]): void;
  end(): void;
}

export interface FileChange {
  path: string;
  type: "created" | "changed" | "deleted";
}

/** There is no checker, and there will be none. */
export class CheckerLost extends Error {}

/** How often in a row the checker may end before it is given up. */
const patience = 3;

function shownTo(server: LanguageServer): Shown {
  const texts = new Map<string, string>();
  let version = 1;
  const uri = (file: string) => pathToFileURL(file).href;
  return {
    uri,
    textOf: (file) => texts.get(file),
    put(file, text, languageId = "typescript") {
      const before = texts.get(file);
      if (before === text) return;
      texts.set(file, text);
      version += 1;
      const textDocument = { uri: uri(file), version };
      if (before === undefined)
        server.notify("textDocument/didOpen", { textDocument: { ...textDocument, languageId, text } });
      else server.notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
    },
    ask: (method, file, params) =>
      server.request(`textDocument/${method}`, { textDocument: { uri: uri(file) }, ...params }),
  };
}

/**
 * The checker of a folder. It is started when it is first asked, if not before, and again where it has ended: `begin`
 * shows each new one what all need. Where it cannot be started, or has ended too often in a row, all questions are
 * rejected with `CheckerLost`.
 */
export function openChecker(startServer: () => LanguageServer, begin: (to: Shown) => void): Checker {
  let server: LanguageServer | undefined;
  let shown: Shown | undefined;
  let failures = 0;
  let lost: string | undefined;
  let before: Promise<unknown> = Promise.resolve();

  const launch = (): Shown => {
    try {
      server = startServer();
    } catch (error) {
      lost = (error as Error).message;
      throw error;
    }
    const to = shownTo(server);
    begin(to);
    return to;
  };

  const answer = async <T>(question: (to: Shown) => Promise<T>): Promise<T> => {
    for (let again = true; ; again = false) {
      if (lost !== undefined) throw new CheckerLost(lost);
      if (server && !server.alive()) log("The type checker has ended and is started again.");
      try {
        if (!shown || !server?.alive()) shown = launch();
        const answered = await question(shown);
        failures = 0;
        return answered;
      } catch (error) {
        if (server?.alive()) throw error;
        failures += 1;
        if (failures === patience) lost = `The type checker has ended ${patience} times in a row.`;
        if (!again && lost === undefined) throw error;
      }
    }
  };

  return {
    start() {
      try {
        shown ??= launch();
      } catch {
        // Whoever asks will hear why.
      }
    },
    ask(question) {
      const result = before.then(() => answer(question));
      before = result.catch(() => {});
      return result;
    },
    filesChanged(changes) {
      if (changes.length === 0) return;
      const kinds = { created: 1, changed: 2, deleted: 3 };
      const events = changes.map(({ path: file, type }) => ({
        uri: pathToFileURL(file).href,
        type: kinds[type],
      }));
      server?.notify("workspace/didChangeWatchedFiles", { changes: events });
    },
    end: () => server?.end(),
  };
}
