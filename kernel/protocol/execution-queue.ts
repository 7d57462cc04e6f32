import type { MimeBundle } from "../display/jupyter.ts";
import { visibleText } from "../display/visible.mjs";
import type { Cells, PreparedCell } from "../session/cells.ts";
import type { History } from "../session/history.ts";
import { log } from "./process.ts";
import type { Sockets } from "./sockets.ts";
import {
  type CompiledCell,
  type ErrorContent,
  interruptedError,
  type Outcome,
  type Shown,
  type ToMainThread,
} from "./thread-messages.ts";
import { type Content, isObject, type Message } from "./wire.ts";

export interface ExecutionDeps {
  sockets: Sockets;
  cells: Cells;
  history: () => History;
  /** Called with each cell before it runs, which waits for the promise. */
  beforeRun(name: string, cell: CompiledCell): Promise<void>;
  /** Resolves once messages can be posted to the main thread. */
  ready(): Promise<void>;
  /** Posts a message to the main thread. */
  post(message: ToMainThread): void;
}

/** Handles `execute_request`s and comm messages one after the other, as the messaging protocol requires. */
export interface ExecutionQueue {
  add(message: Message): void;
  /** Reports that the main thread has finished a run. */
  done(id: number, outcome: Outcome): void;
  /** The id of the message that the main thread is handling. */
  running(): number | undefined;
  /** Gives the running cell an outcome, and aborts all others. Resolves once they are answered. */
  end(outcome: Outcome): Promise<void>;
  /** Cancels the current cell if it has not started to run yet. */
  interrupt(): void;
  /** The parent message of a run's output; by default, or for an old run, the current or last request. */
  parent(run?: number): Message | undefined;
  /** Whether the output of a run (default: the current request) is published, i.e. its request is not silent. */
  isShown(run?: number): boolean;
}

/** What an `execute_request` is answered with. */
type Answer =
  | { status: "ok"; data?: MimeBundle | undefined; expressions: Content; payload: Content[] }
  | ({ status: "error" } & ErrorContent);

/** Number of runs whose request is kept, as the parent of late output. */
const keptRuns = 1000;

/** The name of cells that are not stored in the history. */
const unstoredName = "Cell [ ]";

/** Delay before queued requests are aborted, in ms: requests sent together with the failed one may not be read yet. */
const abortDelay = 10;

/** A cell that asks for help on a name, or with `??` for its source, as in IPython. */
const helpRequest = /^\s*(?<name>%{0,2}[\p{ID_Start}$_][\p{ID_Continue}$.]*)\?(?<more>\??)\s*$/u;

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

/** An expression's part of an `execute_reply`. */
function expressionContent(shown: Shown | undefined): Content {
  if (shown && "data" in shown) return { status: "ok", data: shown.data, metadata: {} };
  return { status: "error", ...(shown ? errorContent(shown) : interruptedError) };
}

export function openExecutionQueue({
  sockets,
  cells,
  history,
  beforeRun,
  ready,
  post,
}: ExecutionDeps): ExecutionQueue {
  const queue: Message[] = [];
  const pendingRuns = new Map<number, (outcome: Outcome) => void>();
  const requests = new Map<number, Message>();
  let current: Message | undefined;
  /** The handling of the queue, while there is something in it. */
  let processing: Promise<void> | undefined;
  let isEnding = false;
  let cancel = () => {};
  let executionCount = 0;
  let lastRun = 0;

  const parent = (run?: number) => requests.get(run ?? -1) ?? current;
  const isSilent = (message: Message | undefined) => message?.content.silent === true;
  const publish = (type: string, content: Content, message: Message) => {
    if (!isSilent(message)) sockets.publish(type, content, message);
  };
  const publishStatus = (state: "busy" | "idle", message: Message) =>
    sockets.publish("status", { execution_state: state }, message);

  /** Posts a message to the main thread, and waits until it is handled. */
  const runOnMainThread = async (message: (id: number) => ToMainThread): Promise<Outcome> => {
    await ready();
    if (isEnding) return { interrupted: true };
    lastRun += 1;
    const id = lastRun;
    // Keeps only the parts of the request that its output needs.
    if (current) requests.set(id, { ...current, content: { silent: current.content.silent }, buffers: [] });
    requests.delete(id - keptRuns);
    return new Promise((resolve) => {
      pendingRuns.set(id, resolve);
      post(message(id));
    });
  };

  function* queuedSources(): Iterable<string> {
    for (const { content } of queue) if (typeof content.code === "string") yield content.code;
  }

  const prepareExpressions = async (message: Message): Promise<Record<string, PreparedCell>> => {
    const { user_expressions: expressions } = message.content;
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

  const runCell = async (message: Message, count: number, name: string): Promise<Answer> => {
    const { code: source = "" } = message.content;
    if (typeof source !== "string") throw new TypeError('The "code" of an execute_request must be a string.');
    const { name: helpName, more } = helpRequest.exec(source)?.groups ?? {};
    if (helpName) return showHelp(helpName, more !== "");
    let isCancelled = false;
    const cancelled = new Promise<PreparedCell>((resolve) => {
      cancel = () => {
        isCancelled = true;
        resolve({ error: interruptedError });
      };
    });
    const preparing = cells.prepare(source, count, () => isCancelled, queuedSources);
    const prepared = await Promise.race([preparing, cancelled]);
    if ("error" in prepared) return { status: "error", ...prepared.error };
    const preparedExpressions = Object.entries(await prepareExpressions(message));
    if (isCancelled) return { status: "error", ...interruptedError };
    const expressions = preparedExpressions.flatMap(([, each]) => ("cell" in each ? [each.cell] : []));
    await beforeRun(name, prepared.cell);
    const outcome = await runOnMainThread((id) => ({
      ...{ type: "run", id, count: name === unstoredName ? 0 : count, name, cell: prepared.cell },
      expressions,
    }));
    if (!("data" in outcome)) return { status: "error", ...errorContent(outcome) };
    let evaluated = 0;
    const shown = preparedExpressions.map(([key, each]) => {
      if ("error" in each) return [key, { status: "error", ...each.error }] as const;
      evaluated += 1;
      return [key, expressionContent(outcome.expressions[evaluated - 1])] as const;
    });
    const { data } = outcome;
    return { status: "ok", data, expressions: Object.fromEntries(shown), payload: [] };
  };

  const execute = async (message: Message) => {
    const { content } = message;
    const isStored = !isSilent(message) && content.store_history !== false;
    if (isStored) executionCount += 1;
    const count = isStored ? executionCount : executionCount + 1;
    const code = typeof content.code === "string" ? content.code : "";
    publish("execute_input", { code, execution_count: count }, message);
    let answer: Answer;
    try {
      answer = await runCell(message, count, isStored ? `Cell [${count}]` : unstoredName);
    } catch (error) {
      const { name, message: text } = error as Error;
      answer = { status: "error", ename: name, evalue: text, traceback: [`${name}: ${text}`] };
    }
    const base = { execution_count: isStored ? count : executionCount };
    if (answer.status === "ok") {
      const { data, expressions, payload } = answer;
      if (data) publish("execute_result", { ...base, data, metadata: {} }, message);
      const reply = { status: "ok", ...base, user_expressions: expressions, payload };
      sockets.send("shell", "execute_reply", reply, message);
      if (isStored) history().add(count, code, data?.["text/plain"] as string | undefined);
    } else {
      const { ename, evalue, traceback } = answer;
      publish("error", { ename, evalue, traceback }, message);
      const reply = { ...answer, ...base, user_expressions: {}, payload: [] };
      sockets.send("shell", "execute_reply", reply, message);
      if (isStored) history().add(count, code);
      if (content.stop_on_error !== false) {
        await new Promise((resolve) => setTimeout(resolve, abortDelay));
        abortQueued();
      }
    }
  };

  /** Replies "aborted" to all queued execute requests. Comm messages stay in the queue. */
  const abortQueued = () => {
    const comms = queue.filter(({ header }) => header.msg_type !== "execute_request");
    const aborted = queue.filter(({ header }) => header.msg_type === "execute_request");
    queue.splice(0, queue.length, ...comms);
    for (const message of aborted) {
      publishStatus("busy", message);
      sockets.send("shell", "execute_reply", { status: "aborted" }, message);
      publishStatus("idle", message);
    }
  };

  const deliverComm = ({ header, content, metadata, buffers }: Message) =>
    runOnMainThread((id) => ({
      type: "comm",
      id,
      messageType: header.msg_type,
      content,
      metadata,
      buffers,
    }));

  const processQueue = async () => {
    for (let message = queue.shift(); message; message = queue.shift()) {
      current = message;
      publishStatus("busy", message);
      const handled = message.header.msg_type === "execute_request" ? execute(message) : deliverComm(message);
      await handled.catch((error: Error) => log(`A message could not be handled: ${error.message}`));
      publishStatus("idle", message);
      if (isEnding) abortQueued();
    }
    processing = undefined;
  };

  const done = (id: number, outcome: Outcome) => {
    pendingRuns.get(id)?.(outcome);
    pendingRuns.delete(id);
  };

  return {
    add(message) {
      queue.push(message);
      if (isEnding) abortQueued();
      else processing ??= processQueue();
    },
    done,
    async end(outcome) {
      isEnding = true;
      done(lastRun, outcome);
      await processing;
    },
    running: () => (pendingRuns.has(lastRun) ? lastRun : undefined),
    interrupt: () => cancel(),
    parent,
    isShown: (run) => !isSilent(parent(run)),
  };
}
