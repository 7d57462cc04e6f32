import { existsSync } from "node:fs";
import path from "node:path";
import { type FileChange, openChecker, type Shown } from "./checker.ts";
import { cellConfig, type Project } from "./config.ts";
import {
  addDocument,
  cellText,
  copyOf,
  hubText,
  type Id,
  noDocuments,
  placesOf,
  usedBy,
} from "./documents.ts";
import { hasTslab, tslabTypes } from "./globals.ts";
import { hoverAt } from "./hover.ts";
import type { LanguageServer } from "./lsp.ts";
import { type Reading, readCell } from "./reading.ts";
import { emptyText, hubStart, type Shelf, tslabName } from "./shelf.ts";

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
  /** The errors of a cell, which sees what earlier cells declared. `next` are the cells that are to run after it. */
  check(cell: Reading, next?: () => Iterable<Reading>): Promise<Diagnostic[]>;
  /** Makes what a cell declares visible to later ones, whether or not the checker runs. */
  commit(cell: Reading): void;
  /** What may stand at a place of a text that is no cell yet. */
  // biome-ignore lint/suspicious/noExplicitAny: the server's answer
  completion(source: string, position: Position): Promise<any>;
  /** What is known of a place of a text that is no cell yet, as Markdown; "" where nothing is. */
  hover(source: string, position: Position): Promise<string>;
  /** Tells the checker of files that were changed, made or removed. */
  filesChanged(changes: FileChange[]): void;
  /** Starts the checker before it is needed. */
  start(): void;
  end(): void;
}

/** So many answers are remembered. */
const remembered = 1000;

/**
 * Errors that say nothing about a cell: a package without types is no mistake of who imports it (7016), and a
 * variable without a type gets one by what is assigned to it, which cannot be seen from another cell (7005, 7034).
 */
const ignored = new Set([7005, 7016, 7034]);

const moved = ({ line, character }: Position, lines: number): Position => ({ line: line + lines, character });

/** The errors of a cell in what the checker says about its document, where it begins in the second line. */
// biome-ignore lint/suspicious/noExplicitAny: the server's answer
function diagnosticsOf(report: any, source: string): Diagnostic[] {
  const lines = source.split("\n").length;
  return (report?.items ?? [])
    .filter(({ severity, code, range }: { severity: number; code: number; range: Diagnostic["range"] }) => {
      const inCell = range.start.line >= 1 && range.start.line <= lines;
      return severity === 1 && inCell && !ignored.has(code);
    })
    .map(({ code, message, range }: Diagnostic) => ({
      code,
      // Not the names of the documents that stand for cells.
      message: message.replace(/import\("[^"]*__cell_\d+__"\)\./g, ""),
      range: { start: moved(range.start, -1), end: moved(range.end, -1) },
    }));
}

/** What the checker is asked about a cell. */
interface Question {
  cell: Reading;
  id: Id | "scratch";
  text: string;
  answer: Promise<Diagnostic[]>;
  settle(answer: Diagnostic[] | Promise<never>): void;
}

/** Whether a cell adds to what all others see: what is known of them has to be found out again. */
const isGlobal = ({ source }: Reading) => /\bdeclare\s+(global|module)\b/.test(source);

/** Whether what a cell is depends on other files than cells. */
const isAlone = (cell: Reading) => cell.outline.specifiers.length === 0 && !isGlobal(cell);

/**
 * The program of a notebook's folder. `shelf` has the files that stand for cells which import nothing; the documents of
 * others, and of those for which there is no file left, lie beside the notebook. Without a checker all questions are
 * rejected with `CheckerLost`.
 */
export function openProgram(
  startServer: () => LanguageServer,
  folder: string,
  project: Project,
  shelf: Shelf,
): CellProgram {
  const places = placesOf(folder, shelf);
  const shelved = Array.from({ length: shelf.size }, (_, at): Id => `c${at + 1}`);
  const documents = noDocuments();
  /** The texts of documents that the checker was shown for cells that may run. */
  const foreseen = new Map<Id, string>();
  /** What the checker was asked and has to answer the same again, by what was asked about. */
  const answers = new Map<string, Promise<Diagnostic[]>>();
  /** The documents that the checker was ever shown. */
  const shown = new Set<Id>();

  const begin = (to: Shown) => {
    shown.clear();
    const tslab = hasTslab(folder) ? [] : [{ file: path.join(shelf.folder, tslabName), text: tslabTypes }];
    const read = [{ file: places.hub, text: hubStart }, ...tslab];
    const files = [places.scratch, ...read.map(({ file }) => file)];
    to.put(path.join(folder, "tsconfig.json"), cellConfig(folder, project, files), "json");
    for (const { file, text } of read) if (shelf.size === 0 || !existsSync(file)) to.put(file, text);
    to.put(places.scratch, emptyText(places.hub));
  };
  const checker = openChecker(startServer, folder, begin);

  /** Shows the checker the documents of cells that ran or may run. */
  const show = (to: Shown) => {
    const texts = new Map(foreseen);
    for (const [id, { text }] of documents.texts) texts.set(id, text);
    for (const id of texts.keys()) shown.add(id);
    const unshelved = [...shown].filter((id) => id.startsWith("d"));
    to.put(places.hub, hubText([...shelved, ...unshelved], places));
    for (const id of shown) to.put(places.file(id), texts.get(id) ?? emptyText(places.hubFrom(id)));
  };

  /** Documents that hold no cell: of the shelf, where that will do, or beside the notebook. */
  const vacant = (cell: Reading): Id => {
    const free = (id: Id) => !documents.texts.has(id) && !foreseen.has(id);
    const onShelf = isAlone(cell) ? shelved.find(free) : undefined;
    if (onShelf) return onShelf;
    for (let index = 1; ; index++) if (free(`d${index}`)) return `d${index}`;
  };

  /** What answers about a cell go by: all that its document has, wherever it lies. */
  const keyOf = (cell: Reading) => cellText(cell, usedBy(documents.owners, cell), "");

  const ask = (cell: Reading, owners: typeof documents.owners, id: Id | "scratch"): Question => {
    const names = usedBy(owners, cell);
    const key = cellText(cell, names, "");
    let settle: Question["settle"] = () => {};
    const answer = new Promise<Diagnostic[]>((resolve) => {
      settle = resolve;
    });
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return { cell, id, text: cellText(cell, names, places.hubFrom(id)), answer, settle };
  };

  /** What is to be asked about cells that run one after the other. */
  const questionsOf = (cells: readonly Reading[]): Question[] => {
    const [first, ...others] = cells;
    if (others.length === 0 && first!.outline.declared.length === 0)
      return [ask(first!, documents.owners, "scratch")];
    const future = copyOf(documents);
    return cells.map((cell) => {
      const question = ask(cell, future.owners, vacant(cell));
      const id = question.id as Id;
      foreseen.set(id, question.text);
      addDocument(future, id, question.text, cell);
      return question;
    });
  };

  const askAll = (questions: readonly Question[]) =>
    checker.ask(async (to) => {
      show(to);
      const asked = questions.map(({ id, text }) => {
        const file = id === "scratch" ? places.scratch : places.file(id);
        to.put(file, text);
        return file;
      });
      const answered = questions.map(async ({ cell, settle }, index) =>
        settle(diagnosticsOf(await to.ask("diagnostic", asked[index]!), cell.source)),
      );
      await Promise.all(answered);
    });

  /** Shows the checker a text that is being written, and all that it may come to use. */
  const write = (to: Shown, source: string) => {
    const cell = readCell(source);
    const others = new Map(documents.owners);
    for (const { name } of [...cell.outline.declared, { name: "global" }]) others.delete(name);
    show(to);
    to.put(places.scratch, cellText(cell, others, places.hub));
  };

  /** Forgets what was found out on the way to what runs now. */
  const forget = () => {
    foreseen.clear();
    answers.clear();
  };

  return {
    check(cell, next) {
      const known = answers.get(keyOf(cell));
      if (known) return known;
      if (foreseen.size > 0 || answers.size >= remembered) forget();
      const cells = [cell];
      if (!isGlobal(cell))
        for (const each of next?.() ?? []) {
          if (!isAlone(each)) break;
          cells.push(each);
        }
      const questions = questionsOf(cells);
      askAll(questions).catch((error) => {
        for (const { settle } of questions) settle(Promise.reject(error));
      });
      return questions[0]!.answer;
    },
    commit(cell) {
      if (cell.outline.declared.length === 0) return;
      const names = usedBy(documents.owners, cell);
      const textFor = (id: Id) => cellText(cell, names, places.hubFrom(id));
      const checked = [...foreseen].find(([id, text]) => text === textFor(id))?.[0];
      if (checked === undefined || isGlobal(cell)) forget();
      const id = checked ?? vacant(cell);
      addDocument(documents, id, textFor(id), cell);
    },
    completion: (source, position) =>
      checker.ask((to) => {
        write(to, source);
        return to.ask("completion", places.scratch, { position: moved(position, 1) });
      }),
    hover: (source, position) =>
      checker.ask((to) => {
        write(to, source);
        return hoverAt(to, places.scratch, moved(position, 1));
      }),
    filesChanged(changes) {
      if (changes.length > 0) forget();
      checker.filesChanged(changes);
    },
    start() {
      const first = checker.ask((to) => to.ask("diagnostic", places.scratch));
      // The files for cells to come are read while nobody waits.
      const more = () => checker.ask(async (to) => show(to));
      first.then(more).catch(() => {});
    },
    end: () => checker.end(),
  };
}
