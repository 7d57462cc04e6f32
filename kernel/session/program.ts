import path from "node:path";
import { pathToFileURL } from "node:url";
import { cellConfig, type Project } from "./config.ts";
import { globals } from "./globals.ts";
import type { LanguageServer } from "./lsp.ts";
import { type Declared, type Outline, outlineOf } from "./names.ts";

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
  /** Makes what a cell declares visible to later ones. */
  commit(count: number, source: string): Promise<void>;
  /** Asks about a place of a text that is no cell yet; the answer's places are those of the text. */
  // biome-ignore lint/suspicious/noExplicitAny: the result's shape depends on the method
  ask(method: "completion" | "hover", source: string, position: Position): Promise<any>;
  /** Tells the checker of files that were changed, made or removed. */
  filesChanged(changes: { path: string; type: "created" | "changed" | "deleted" }[]): void;
}

const cellFile = (count: number) => `__cell_${count}__.ts`;
const scratch = "__cell__.ts";
const globalsFile = "__cell_globals__.d.ts";

/**
 * Errors that say nothing about a cell: a package without types is no mistake of who imports it (7016), and a
 * variable without a type gets one by what is assigned to it, which cannot be seen from another cell (7005, 7034).
 */
const ignored = new Set([7005, 7016, 7034]);

interface Owner {
  count: number;
  kind: Declared["kind"];
}

/**
 * The line before a cell that brings in what it may use of earlier cells. Variables are declared, not imported:
 * an import can neither be assigned to nor keep its narrowed type inside functions.
 */
export function prologue(owners: ReadonlyMap<string, Owner>, own: ReadonlySet<string>): string {
  const imports = new Map<number, string[]>();
  const variables: string[] = [];
  for (const [name, { count, kind }] of owners) {
    if (own.has(name)) continue;
    if (kind !== "other")
      variables.push(`declare ${kind} ${name}: typeof import("./${cellFile(count)}").${name};`);
    else imports.set(count, [...(imports.get(count) ?? []), name]);
  }
  const lines = [...imports].map(
    ([count, names]) => `import { ${names.join(", ")} } from "./${cellFile(count)}";`,
  );
  return [...lines, ...variables].join(" ");
}

/** The document of a cell: the cell from its second line on, with all that it declares exported. */
export function cellDocument(
  source: string,
  { declared }: Outline,
  owners: ReadonlyMap<string, Owner>,
): string {
  const own = new Set(declared.map(({ name }) => name));
  const exported = declared.filter((each) => !each.exported).map(({ name }) => name);
  return `${prologue(owners, own)}\n${source}\n;export { ${exported.join(", ")} };`;
}

/** What a message says, without the names of the documents that stand for cells. */
const readable = (message: string) => message.replace(/import\("[^"]*__cell_\d+__"\)\./g, "");

/** Opens the program of a notebook's folder; its first check is under way when it is returned. */
export async function openProgram(
  server: LanguageServer,
  folder: string,
  project: Project,
): Promise<CellProgram> {
  const owners = new Map<string, Owner>();
  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const document = (name: string) => ({ textDocument: { uri: uri(name) } });
  const open = (name: string, text: string, languageId = "typescript") =>
    server.notify("textDocument/didOpen", { textDocument: { uri: uri(name), languageId, version: 1, text } });
  let version = 1;
  let written = "";
  let before: Promise<unknown> = Promise.resolve();

  /** A question is about the text that is there when it is answered: the next text waits for the answer. */
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const result = before.then(work);
    before = result.catch(() => {});
    return result;
  };

  const rewrite = (text: string) => {
    if (text === written) return;
    written = text;
    version += 1;
    const textDocument = { uri: uri(scratch), version };
    server.notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
  };
  const write = (source: string) => rewrite(cellDocument(source, outlineOf(source), owners));

  await server.request("initialize", {
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
  server.notify("initialized", {});
  open("tsconfig.json", cellConfig(folder, project, [scratch, globalsFile]), "json");
  open(globalsFile, globals(folder));
  open(scratch, "\n;export {};");

  const shift = ({ line, character }: Position): Position => ({ line: line - 1, character });
  const diagnose = async (source: string): Promise<Diagnostic[]> => {
    write(source);
    const report = await server.request("textDocument/diagnostic", document(scratch));
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
  exclusively(() => diagnose("")).catch(() => {});

  return {
    check: (source) => exclusively(() => diagnose(source)),
    commit: (count, source) =>
      exclusively(async () => {
        const outline = outlineOf(source);
        if (outline.declared.length === 0) return;
        // The server looks for the project of each file that is opened: it must be in this one by then.
        rewrite(`import "./${cellFile(count)}";\nexport {};`);
        open(cellFile(count), cellDocument(source, outline, owners));
        for (const { name, kind } of outline.declared) owners.set(name, { count, kind });
      }),
    ask: (method, source, { line, character }) =>
      exclusively(() => {
        write(source);
        const position = { line: line + 1, character };
        return server.request(`textDocument/${method}`, { ...document(scratch), position });
      }),
    filesChanged(changes) {
      if (changes.length === 0) return;
      const kinds = { created: 1, changed: 2, deleted: 3 };
      const events = changes.map(({ path: file, type }) => ({
        uri: pathToFileURL(file).href,
        type: kinds[type],
      }));
      server.notify("workspace/didChangeWatchedFiles", { changes: events });
    },
  };
}
