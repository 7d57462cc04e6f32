import path from "node:path";
import { pathToFileURL } from "node:url";
import { log } from "../protocol/process.ts";
import { cellConfig, type Project } from "./config.ts";
import { addDocument, cellDocument, noDocuments, usedBy } from "./documents.ts";
import { globals } from "./globals.ts";
import { hoverAt } from "./hover.ts";
import type { LanguageServer } from "./lsp.ts";
import { outlineOf } from "./names.ts";

/** A place in a text, line and column from 0, columns in UTF-16 units. */
export interface Position {
  line: number;
  character: number;
}

/** What the type checker says about a place in a cell. */
export interface Diagnostic {
  range: { start: Position; end: Position };
  code: number;
  message: string;
}

/** The cells that have run, as one program for the type checker, and the cell that is written now. */
export interface CellProgram {
  /** The errors of a cell, which sees what earlier cells declared. */
  check(source: string): Promise<Diagnostic[]>;
  /** Makes what a cell declares visible to later ones, whether or not the checker runs. */
  commit(count: number, source: string): Promise<void>;
  /** What may stand at a place of a text that is no cell yet. */
  // biome-ignore lint/suspicious/noExplicitAny: the server's answer
  completion(source: string, position: Position): Promise<any>;
  /** What is known of a place of a text that is no cell yet, as Markdown; "" where nothing is. */
  hover(source: string, position: Position): Promise<string>;
  /** Tells the checker of files that were changed, made or removed. */
  filesChanged(changes: { path: string; type: "created" | "changed" | "deleted" }[]): void;
  /** Starts the checker before it is needed. */
  start(): void;
  end(): void;
}

/** There is no checker, and there will be none. */
export class CheckerLost extends Error {}

const cellFile = (count: number) => `__cell_${count}__.ts`;
const scratch = "__cell__.ts";
const globalsFile = "__cell_globals__.d.ts";
const cellsFile = "__cells__.ts";

/** How often in a row the checker may end before it is given up. */
const patience = 3;

/**
 * Errors that say nothing about a cell: a package without types is no mistake of who imports it (7016), and a
 * variable without a type gets one by what is assigned to it, which cannot be seen from another cell (7005, 7034).
 */
const ignored = new Set([7005, 7016, 7034]);

/** What a message says, without the names of the documents that stand for cells. */
const readable = (message: string) => message.replace(/import\("[^"]*__cell_\d+__"\)\./g, "");

const initialization = (folder: string) => ({
  processId: process.pid,
  rootUri: pathToFileURL(folder).href,
  capabilities: {
    textDocument: {
      diagnostic: {},
      completion: { completionItem: { documentationFormat: ["markdown"], labelDetailsSupport: true } },
      hover: { contentFormat: ["markdown"] },
    },
    workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: true } },
  },
});

/**
 * The program of a notebook's folder. Its checker is started when it is first needed, and again where it has ended:
 * what cells declared is kept here. Where it cannot be started, or has ended too often in a row, all questions are
 * rejected with `CheckerLost`.
 */
export function openProgram(
  startServer: () => LanguageServer,
  folder: string,
  project: Project,
): CellProgram {
  const documents = noDocuments();
  let server: LanguageServer | undefined;
  let failures = 0;
  let lost: string | undefined;
  let version = 1;
  let written = "";
  let before: Promise<unknown> = Promise.resolve();
  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const document = (name: string) => ({ textDocument: { uri: uri(name) } });

  /** A question is about the text that is there when it is answered: the next text waits for the answer. */
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const result = before.then(work);
    before = result.catch(() => {});
    return result;
  };

  const open = (to: LanguageServer, name: string, text: string, languageId = "typescript") =>
    to.notify("textDocument/didOpen", { textDocument: { uri: uri(name), languageId, version: 1, text } });
  const change = (to: LanguageServer, name: string, text: string) => {
    version += 1;
    const textDocument = { uri: uri(name), version };
    to.notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
  };
  const rewrite = (to: LanguageServer, text: string) => {
    if (text !== written) change(to, scratch, text);
    written = text;
  };

  /**
   * The server makes another project for a document that is in none. One document therefore lists all others, apart
   * from those that declare globals: they hold until they are declared anew, which the cells' own imports see to.
   */
  const importing = (files: string[]) =>
    `${files.map((file) => `import "./${file}";`).join("\n")}\nexport {};`;
  const isGlobal = (file: string) => documents.texts.get(file)!.declaresGlobals;
  const files = () => [...documents.texts.keys()];
  const listed = () => importing(files().filter((file) => !isGlobal(file)));

  const launched = (): LanguageServer => {
    try {
      return startServer();
    } catch (error) {
      lost = (error as Error).message;
      throw error;
    }
  };
  const begin = async (): Promise<LanguageServer> => {
    const fresh = launched();
    await fresh.request("initialize", initialization(folder));
    fresh.notify("initialized", {});
    open(fresh, "tsconfig.json", cellConfig(folder, project, [scratch, cellsFile, globalsFile]), "json");
    open(fresh, globalsFile, globals(folder));
    version = 1;
    written = importing(files().filter(isGlobal));
    open(fresh, cellsFile, listed());
    open(fresh, scratch, written);
    for (const [file, { text }] of documents.texts) open(fresh, file, text);
    return fresh;
  };

  /** Asks the checker; where it ends instead of answering, another one is asked the same once. */
  const asking = <T>(question: (to: LanguageServer) => Promise<T>): Promise<T> =>
    exclusively(async () => {
      for (let again = true; ; again = false) {
        if (lost !== undefined) throw new CheckerLost(lost);
        if (server && !server.alive()) log("The type checker has ended and is started again.");
        try {
          if (!server?.alive()) server = await begin();
          const answer = await question(server);
          failures = 0;
          return answer;
        } catch (error) {
          if (server?.alive()) throw error;
          failures += 1;
          if (failures === patience) lost = `The type checker has ended ${patience} times in a row.`;
          if (!again && lost === undefined) throw error;
        }
      }
    });

  const shift = ({ line, character }: Position): Position => ({ line: line - 1, character });
  const unshift = ({ line, character }: Position): Position => ({ line: line + 1, character });
  /** Shows the checker a text that is being written, and all that it may come to use. */
  const compose = (to: LanguageServer, source: string) => {
    const outline = outlineOf(source);
    const others = new Map(documents.owners);
    for (const { name } of outline.declared) others.delete(name);
    rewrite(to, cellDocument(source, outline, others));
  };
  const diagnose = async (to: LanguageServer, source: string): Promise<Diagnostic[]> => {
    const outline = outlineOf(source);
    rewrite(to, cellDocument(source, outline, usedBy(documents.owners, source, outline)));
    const report = await to.request("textDocument/diagnostic", document(scratch));
    const lines = source.split("\n").length;
    return (report?.items ?? [])
      .filter(({ severity, code, range }: { severity: number; code: number; range: Diagnostic["range"] }) => {
        const inCell = range.start.line >= 1 && range.start.line <= lines;
        return severity === 1 && inCell && !ignored.has(code);
      })
      .map(({ code, message, range }: Diagnostic) => ({
        code,
        message: readable(message),
        range: { start: shift(range.start), end: shift(range.end) },
      }));
  };

  return {
    check: (source) => asking((to) => diagnose(to, source)),
    commit: (count, source) =>
      exclusively(async () => {
        const outline = outlineOf(source);
        if (outline.declared.length === 0) return;
        const file = cellFile(count);
        const gone = addDocument(documents, file, source, outline);
        if (!server?.alive()) return;
        if (isGlobal(file)) rewrite(server, importing([file]));
        else change(server, cellsFile, listed());
        open(server, file, documents.texts.get(file)!.text);
        for (const name of gone) server.notify("textDocument/didClose", document(name));
      }),
    completion: (source, position) =>
      asking((to) => {
        compose(to, source);
        return to.request("textDocument/completion", { ...document(scratch), position: unshift(position) });
      }),
    hover: (source, position) =>
      asking((to) => {
        compose(to, source);
        return hoverAt(to, uri(scratch), written, unshift(position));
      }),
    filesChanged(changes) {
      if (changes.length === 0) return;
      const kinds = { created: 1, changed: 2, deleted: 3 };
      const events = changes.map(({ path: file, type }) => ({
        uri: pathToFileURL(file).href,
        type: kinds[type],
      }));
      server?.notify("workspace/didChangeWatchedFiles", { changes: events });
    },
    start: () => void asking((to) => diagnose(to, "")).catch(() => {}),
    end: () => server?.end(),
  };
}
