import { existsSync } from "node:fs";
import path from "node:path";
import { type FileChange, openChecker, type Shown } from "./checker.ts";
import { cellConfig, type Project } from "./project.ts";
import {
  addDocument,
  cellText,
  copyOf,
  type Documents,
  hubText,
  type Id,
  noDocuments,
  placesOf,
  usedBy,
} from "./documents.ts";
import { hasTslab, tslabTypes } from "./ambient-types.ts";
import { hoverAt } from "./hover.ts";
import type { LanguageServer } from "./language-server.ts";
import { type Reading, readCell } from "./parse-cell.ts";
import { emptyText, hubStart, type Shelf, tslabName } from "./placeholder-files.ts";

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
  /** The errors of a cell, which sees what earlier cells declared. `next` tells which cells are to run after it. */
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

/** How long after its start the checker reads the files for cells to come, in milliseconds: not before the first cell. */
const pause = 400;

/** So many files of the shelf are read at once: with each that it has read, all answers of the checker take longer. */
const ahead = 64;

/** So many cells are checked together before their turn. */
const foresight = 32;

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
  /** What the answer goes by. */
  key: string;
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
  /** The documents that the checker was shown for cells that may run, by what was asked about. */
  const foreseen = new Map<string, { id: Id; text: string }>();
  /** What the checker was asked and has to answer the same again, by what was asked about. */
  const answers = new Map<string, Promise<Diagnostic[]>>();
  /** The cell that was checked last. */
  let present: Reading | undefined;
  /** The cells that were foreseen and are still to run. */
  let plan: string[] = [];
  /** What there will be once they have run. */
  let future = noDocuments();
  /** The documents that the checker was ever shown. */
  const shown = new Set<Id>();
  /** How many files of the shelf the checker has read. */
  let listed = 0;

  const begin = (to: Shown) => {
    shown.clear();
    listed = 0;
    const tslab = hasTslab(folder) ? [] : [{ file: path.join(shelf.folder, tslabName), text: tslabTypes }];
    const read = [{ file: places.hub, text: hubStart }, ...tslab];
    const files = [places.scratch, ...read.map(({ file }) => file)];
    to.put(path.join(folder, "tsconfig.json"), cellConfig(folder, project, files), "json");
    for (const { file, text } of read) if (shelf.size === 0 || !existsSync(file)) to.put(file, text);
    to.put(places.scratch, emptyText(places.hub));
  };
  const checker = openChecker(startServer, begin);

  /** Shows the checker the documents of cells that ran or may run, and where it looks for those to come. */
  const show = (to: Shown) => {
    const texts = new Map([...foreseen.values()].map(({ id, text }) => [id, text]));
    for (const [id, { text }] of documents.texts) texts.set(id, text);
    for (const id of texts.keys()) shown.add(id);
    const used = [...shown].filter((id) => id.startsWith("c")).map((id) => Number(id.slice(1)));
    const wanted = Math.ceil((Math.max(0, ...used) + ahead / 2) / ahead) * ahead;
    listed = Math.min(shelf.size, Math.max(listed, wanted));
    const unshelved = [...shown].filter((id) => id.startsWith("d"));
    to.put(places.hub, hubText([...shelved.slice(0, listed), ...unshelved], places));
    for (const id of shown) to.put(places.file(id), texts.get(id) ?? emptyText(places.hubFrom(id)));
  };

  /** Documents that hold no cell: of the shelf, where that will do, or beside the notebook. */
  const vacant = (cell: Reading): Id => {
    const taken = new Set([...documents.texts.keys(), ...[...foreseen.values()].map(({ id }) => id)]);
    const free = (id: Id) => !taken.has(id);
    const onShelf = isAlone(cell) ? shelved.find(free) : undefined;
    if (onShelf) return onShelf;
    for (let index = 1; ; index++) if (free(`d${index}`)) return `d${index}`;
  };

  /** What is known of a cell goes by all that its document has, wherever it lies. */
  const keyOf = (cell: Reading, { owners }: Documents) => cellText(cell, usedBy(owners, cell), "");

  /** A question about a cell that runs after those of some documents; from now on its answer is known. */
  const questionOf = (cell: Reading, { owners }: Documents, id: Id | "scratch"): Question => {
    const names = usedBy(owners, cell);
    const key = cellText(cell, names, "");
    let settle: Question["settle"] = () => {};
    const answer = new Promise<Diagnostic[]>((resolve) => {
      settle = resolve;
    });
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return { cell, key, id, text: cellText(cell, names, places.hubFrom(id)), answer, settle };
  };

  /** The same for a cell that is to have a document of its own. */
  const lastingQuestionOf = (cell: Reading, after: Documents): Question => {
    const id = vacant(cell);
    const question = questionOf(cell, after, id);
    foreseen.set(question.key, { id, text: question.text });
    return question;
  };

  const askAll = (questions: readonly Question[]) => {
    const asking = checker.ask(async (to) => {
      // What uses no other cell can be asked about before there is anything else.
      if (foreseen.size > 0 || documents.texts.size > 0) show(to);
      const fileOf = ({ id }: Question) => (id === "scratch" ? places.scratch : places.file(id));
      for (const question of questions) to.put(fileOf(question), question.text);
      const answered = questions.map(async (question) => {
        const report = await to.ask("diagnostic", fileOf(question));
        question.settle(diagnosticsOf(report, question.cell.source));
      });
      await Promise.all(answered);
    });
    asking.catch((error) => {
      for (const { settle } of questions) settle(Promise.reject(error));
    });
  };

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
    plan = [];
  };

  /**
   * Adds what a cell declares to documents: by the one that the checker was shown for it, if there is one. Returns
   * whether there is.
   */
  const add = (to: Documents, cell: Reading): boolean => {
    if (cell.outline.declared.length === 0) return true;
    const names = usedBy(to.owners, cell);
    const known = foreseen.get(cellText(cell, names, ""));
    const id = known?.id ?? vacant(cell);
    addDocument(to, id, known?.text ?? cellText(cell, names, places.hubFrom(id)), cell, names);
    return known !== undefined;
  };

  /** Has the cell checked that runs now. */
  const ask = (cell: Reading): Promise<Diagnostic[]> => {
    const lasts = cell.outline.declared.length > 0;
    const question = lasts ? lastingQuestionOf(cell, documents) : questionOf(cell, documents, "scratch");
    askAll([question]);
    return question.answer;
  };

  /** Has those of the cells that run after it checked which are not yet, some at a time. */
  const foresee = (cell: Reading, next: Iterable<Reading>) => {
    if (plan.length >= foresight || isGlobal(cell)) return;
    if (plan.length === 0) {
      future = copyOf(documents);
      add(future, cell);
    }
    const planned = plan.length;
    const questions: Question[] = [];
    let place = 0;
    for (const each of next) {
      if (place < planned ? plan[place] !== each.source : !isAlone(each)) break;
      place += 1;
      if (place <= planned) continue;
      plan.push(each.source);
      if (!answers.has(keyOf(each, future))) questions.push(lastingQuestionOf(each, future));
      add(future, each);
      if (place === planned + foresight) break;
    }
    if (questions.length > 0) askAll(questions);
  };

  return {
    check(cell, next = () => []) {
      const known = answers.get(keyOf(cell, documents));
      const place = known ? plan.indexOf(cell.source) : -1;
      if (place >= 0) plan = plan.slice(place + 1);
      else if (!known && (foreseen.size > 0 || answers.size >= remembered)) forget();
      present = cell;
      if (known) foresee(cell, next());
      // Those that were sent with this one are still to arrive.
      else setTimeout(() => present === cell && foresee(cell, next()), 1);
      return known ?? ask(cell);
    },
    commit(cell) {
      if (!add(documents, cell) || isGlobal(cell)) forget();
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
      checker.start();
      const prepare = async (to: Shown) => {
        show(to);
        await to.ask("diagnostic", places.scratch);
      };
      setTimeout(() => checker.ask(prepare).catch(() => {}), pause);
    },
    end: () => checker.end(),
  };
}
