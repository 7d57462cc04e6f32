import type { MimeBundle } from "../display/mime-bundle.ts";
import { visibleText } from "../display/visible.mjs";
import type { CellSource, Cells, PreparedCell } from "../session/cells.ts";
import type { History } from "../session/history.ts";
import { type Content, isObject } from "../shared/content.ts";
import { oneAtATime } from "../shared/one-at-a-time.ts";
import {
  type CompiledCell,
  type ErrorContent,
  interruptedError,
  type Outcome,
  type Shown,
} from "../shared/thread-messages.ts";
import { isSilent, type Runs } from "./runs.ts";
import type { Sockets } from "./sockets.ts";
import type { Message } from "./wire.ts";

export interface ExecutionDeps {
  sockets: Sockets;
  cells: Cells;
  runs: Runs;
  history: () => History;
  /** Called with each cell before it runs, which waits for the promise. */
  beforeRun(name: string, cell: CompiledCell): Promise<void>;
}

/** The shell that executes a cell. */
export interface ExecutingShell {
  /** The cells to run after it. */
  queued(): Iterable<CellSource>;
  /** Receives the function that cancels the cell, which has an effect until it runs. */
  onCancel(cancel: () => void): void;
  /** Publishes that the cell is being handled. */
  publishBusy(): void;
  /** Called when the cell starts to run on the main thread, and when it has run. */
  setRunning(isRunning: boolean): void;
}

/** Executes the cells of all shells. */
export interface CellExecution {
  /** Runs an `execute_request` and replies to it. Returns whether the requests queued behind it are to be aborted. */
  execute(request: Message, shell: ExecutingShell): Promise<boolean>;
  /** Replies "aborted" to an `execute_request`. */
  abort(request: Message): void;
  /** Replies to an `execute_request` that it cannot be executed. */
  refuse(request: Message, reason: string): void;
}

/** What an `execute_request` is answered with. */
type Answer =
  | {
      status: "ok";
      data?: MimeBundle | undefined;
      metadata?: Content | undefined;
      expressions: Content;
      payload: Content[];
    }
  | ({ status: "error" } & ErrorContent);

/** The name of cells that are not stored in the history. */
const unstoredName = "Cell [ ]";

/** A cell that asks for help on a name, or with `??` for its source, as in IPython. */
const helpRequest = /^\s*(?<name>%{0,2}[\p{ID_Start}$_][\p{ID_Continue}$.]*)\?(?<more>\??)\s*$/u;

/** The cell of an `execute_request`. JupyterLab tells the cell's id in the metadata, as other notebook editors do. */
export function cellSource({ content, metadata }: Message): CellSource {
  const { cellId: id } = metadata;
  return { source: content.code ?? "", ...(typeof id === "string" ? { id } : {}) };
}

/** The ids of the cells that the user has deleted since the last request, which JupyterLab tells. */
const deletedCells = ({ metadata: { deletedCells: ids } }: Message): string[] =>
  Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];

/** The content of an `error` message. */
function errorContent(outcome: Exclude<Outcome, { expressions: unknown }>): ErrorContent {
  if ("interrupted" in outcome) return interruptedError;
  const { ename, evalue, excerpt, text } = outcome.error;
  return {
    ename: visibleText(ename),
    evalue: visibleText(evalue),
    traceback: `${excerpt}${visibleText(text)}`.split("\n"),
  };
}

const thrownError = ({ name, message }: Error): ErrorContent => ({
  ename: name,
  evalue: message,
  traceback: [`${name}: ${message}`],
});

/** An expression's part of an `execute_reply`. */
function expressionContent(shown: Shown | undefined): Content {
  if (shown && "data" in shown) return { status: "ok", data: shown.data, metadata: {} };
  return { status: "error", ...(shown ? errorContent(shown) : interruptedError) };
}

export function openCellExecution({
  sockets,
  cells,
  runs,
  history,
  beforeRun,
}: ExecutionDeps): CellExecution {
  let executionCount = 0;
  /** Cells of several shells are checked one after the other, each against the declarations of those before it. */
  const exclusively = oneAtATime();

  const publish = (type: string, content: Content, request: Message) => {
    if (!isSilent(request)) sockets.publish(type, content, request);
  };
  const reply = (content: Content, request: Message) =>
    sockets.send("shell", "execute_reply", content, request);

  const prepareExpressions = async (request: Message): Promise<Record<string, PreparedCell>> => {
    const { user_expressions: expressions } = request.content;
    const prepared = Object.entries(isObject(expressions) ? expressions : {}).map(
      async ([name, source]) => [name, await cells.prepareExpression(source)] as const,
    );
    return Object.fromEntries(await Promise.all(prepared));
  };

  /** Answers `name?` by a payload for the pager. */
  const showHelp = async (name: string, withSource: boolean): Promise<Answer> => {
    const { found, data } = await cells.inspect(name, name.length, withSource ? 1 : 0);
    const help = found ? data : { "text/plain": `No information about "${name}".` };
    return { status: "ok", expressions: {}, payload: [{ source: "page", data: help, start: 0 }] };
  };

  /** Prepares a cell, until the shell cancels it. */
  const prepare = (cell: CellSource, count: number, shell: ExecutingShell) => {
    let isCancelled = false;
    const cancelled = new Promise<PreparedCell>((resolve) =>
      shell.onCancel(() => {
        isCancelled = true;
        resolve({ error: interruptedError });
      }),
    );
    const preparing = exclusively(() =>
      Promise.race([
        cells.prepare(
          cell,
          count,
          () => isCancelled,
          () => shell.queued(),
        ),
        cancelled,
      ]),
    );
    return { prepared: Promise.race([preparing, cancelled]), isCancelled: () => isCancelled };
  };

  const runCell = async (
    request: Message,
    count: number,
    name: string,
    shell: ExecutingShell,
  ): Promise<Answer> => {
    const { code: source = "" } = request.content;
    if (typeof source !== "string") throw new TypeError('The "code" of an execute_request must be a string.');
    const { name: helpName, more } = helpRequest.exec(source)?.groups ?? {};
    if (helpName) return showHelp(helpName, more !== "");
    cells.deleted(deletedCells(request));
    const preparation = prepare(cellSource(request), count, shell);
    const prepared = await preparation.prepared;
    if ("error" in prepared) return { status: "error", ...prepared.error };
    const preparedExpressions = Object.entries(await prepareExpressions(request));
    if (preparation.isCancelled()) return { status: "error", ...interruptedError };
    const expressions = preparedExpressions.flatMap(([, each]) => ("cell" in each ? [each.cell] : []));
    await beforeRun(name, prepared.cell);
    const running = runs.start(request, (id) => ({
      ...{ type: "run", id, count: name === unstoredName ? 0 : count, name, cell: prepared.cell },
      expressions,
    }));
    shell.setRunning(true);
    const outcome = await running;
    shell.setRunning(false);
    if (!("data" in outcome)) return { status: "error", ...errorContent(outcome) };
    let evaluated = 0;
    const shown = preparedExpressions.map(([key, each]) => {
      if ("error" in each) return [key, { status: "error", ...each.error }] as const;
      evaluated += 1;
      return [key, expressionContent(outcome.expressions[evaluated - 1])] as const;
    });
    const { data, metadata } = outcome;
    return { status: "ok", data, metadata, expressions: Object.fromEntries(shown), payload: [] };
  };

  return {
    async execute(request, shell) {
      const { content } = request;
      const isStored = !isSilent(request) && content.store_history !== false;
      if (isStored) executionCount += 1;
      const count = isStored ? executionCount : executionCount + 1;
      const code = typeof content.code === "string" ? content.code : "";
      // The checker starts to work before the messages are made.
      const running = runCell(request, count, isStored ? `Cell [${count}]` : unstoredName, shell);
      shell.publishBusy();
      publish("execute_input", { code, execution_count: count }, request);
      const answer = await running.catch(
        (error: Error): Answer => ({ status: "error", ...thrownError(error) }),
      );
      const base = { execution_count: isStored ? count : executionCount };
      if (answer.status === "ok") {
        const { data, metadata = {}, expressions, payload } = answer;
        if (data) publish("execute_result", { ...base, data, metadata }, request);
        reply({ status: "ok", ...base, user_expressions: expressions, payload }, request);
        if (isStored) history().add(count, code, data?.["text/plain"] as string | undefined);
        return false;
      }
      const { ename, evalue, traceback } = answer;
      publish("error", { ename, evalue, traceback }, request);
      reply({ ...answer, ...base, user_expressions: {}, payload: [] }, request);
      if (isStored) history().add(count, code);
      return content.stop_on_error !== false;
    },
    abort: (request) => reply({ status: "aborted" }, request),
    refuse(request, reason) {
      const error = thrownError(new RangeError(reason));
      reply({ status: "error", execution_count: executionCount, ...error }, request);
    },
  };
}
