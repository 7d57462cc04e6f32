import type { Cells, Prepared } from "../session/cells.ts";
import type { History } from "../session/history.ts";
import { type Compiled, interrupted, type Outcome, type ToMain } from "./thread-messages.ts";
import { log } from "./process.ts";
import type { Sockets } from "./sockets.ts";
import { type Content, isObject, type Message } from "./wire.ts";

/** What the queue of executions works with. */
export interface Surroundings {
  sockets: Sockets;
  cells: Cells;
  history: () => History;
  /** Hears of each cell before it runs. */
  announce(name: string, cell: Compiled): Promise<void>;
  tell(message: ToMain): void;
}

/** The cells that wait and the one that runs. */
export interface Executions {
  /** Takes an `execute_request` or a comm message: they are dealt with one after the other. */
  add(message: Message): void;
  /** The main thread has finished. */
  done(id: number, outcome: Outcome): void;
  /** Ends the present cell where it is still being checked. */
  interrupt(): void;
  /** The request to which the output of a run belongs; without one, that which runs, or ran last. */
  parent(run?: number): Message | undefined;
  /** Whether what a run, or the present one, gives is shown. */
  audible(run?: number): boolean;
}

/** Of so many runs it is known to whom their late output goes; that of others goes where the present one's does. */
const remembered = 1000;

/** A cell that asks about a name, as in IPython. */
const question = /^\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)\?\s*$/u;

/** Runs requests one after the other, as the protocol's section on execution says. */
export function executions({ sockets, cells, history, announce, tell }: Surroundings): Executions {
  const waiting: Message[] = [];
  const running = new Map<number, (outcome: Outcome) => void>();
  const requests = new Map<number, Message>();
  let present: Message | undefined;
  let busy = false;
  let stop = () => {};
  let count = 0;
  let last = 0;

  const parent = (run?: number) => requests.get(run ?? -1) ?? present;
  const isSilent = (message: Message | undefined) => message?.content.silent === true;
  const publish = (type: string, content: Content, message: Message) => {
    if (type === "status" || !isSilent(message)) sockets.publish(type, content, message);
  };
  const onMain = (message: (id: number) => ToMain): Promise<Outcome> => {
    last += 1;
    const id = last;
    // Of the request itself only that is kept which an answer needs.
    if (present) requests.set(id, { ...present, content: { silent: present.content.silent }, buffers: [] });
    requests.delete(id - remembered);
    return new Promise((resolve) => {
      running.set(id, resolve);
      tell(message(id));
    });
  };

  /** The cells that wait. */
  function* upcoming(): Iterable<string> {
    for (const { content } of waiting) if (typeof content.code === "string") yield content.code;
  }

  const expressionsOf = async (message: Message): Promise<Record<string, Prepared>> => {
    const { user_expressions: given } = message.content;
    const asked = Object.entries(isObject(given) ? given : {});
    const prepared = asked.map(async ([name, source]) => [name, await cells.expression(source)] as const);
    return Object.fromEntries(await Promise.all(prepared));
  };

  /** Answers `name?`: a page about it. */
  const page = async (name: string): Promise<Outcome> => {
    const { found, data } = await cells.inspect(name, name.length);
    const about = found ? data : { "text/plain": `Nothing is known of "${name}".` };
    return { status: "ok", expressions: {}, payload: [{ source: "page", data: about, start: 0 }] };
  };

  const compute = async (message: Message, shown: number, name: string): Promise<Outcome> => {
    const { code: source = "" } = message.content;
    if (typeof source !== "string") throw new TypeError('The "code" of an execute_request must be a string.');
    const asked = question.exec(source)?.[1];
    if (asked) return page(asked);
    let ended = false;
    const stopped = new Promise<Prepared>((resolve) => {
      stop = () => {
        ended = true;
        resolve({ error: interrupted });
      };
    });
    const preparing = cells.prepare(source, shown, () => ended, upcoming);
    const prepared = await Promise.race([preparing, stopped]);
    if ("error" in prepared) return { status: "error", ...prepared.error };
    const found = Object.entries(await expressionsOf(message));
    if (ended) return { status: "error", ...interrupted };
    const expressions = Object.fromEntries(
      found.map(([key, value]) => [key, "cell" in value ? value.cell : value.error]),
    );
    await announce(name, prepared.cell);
    return onMain((id) => ({ type: "run", id, count: shown, name, cell: prepared.cell, expressions }));
  };

  const execute = async (message: Message) => {
    const { content } = message;
    const stored = !isSilent(message) && content.store_history !== false;
    if (stored) count += 1;
    const shown = stored ? count : count + 1;
    const code = typeof content.code === "string" ? content.code : "";
    publish("execute_input", { code, execution_count: shown }, message);
    let outcome: Outcome;
    try {
      outcome = await compute(message, shown, stored ? `Cell [${shown}]` : "Cell [ ]");
    } catch (error) {
      const { name, message: text } = error as Error;
      outcome = { status: "error", ename: name, evalue: text, traceback: [`${name}: ${text}`] };
    }
    const base = { execution_count: stored ? shown : count };
    if (outcome.status === "ok") {
      const { result, expressions, payload } = outcome;
      if (result) publish("execute_result", { ...base, ...result }, message);
      const reply = { status: "ok", ...base, user_expressions: expressions, payload };
      sockets.send("shell", "execute_reply", reply, message);
      if (stored) history().add(shown, code, result?.data["text/plain"] as string | undefined);
    } else {
      const { ename, evalue, traceback } = outcome;
      publish("error", { ename, evalue, traceback }, message);
      const reply = { ...outcome, ...base, user_expressions: {}, payload: [] };
      sockets.send("shell", "execute_reply", reply, message);
      if (stored) history().add(shown, code);
      // Requests that were sent with this one may still lie in the socket.
      if (content.stop_on_error !== false) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        abortAll();
      }
    }
  };

  /** Answers what waits without running it. Comm messages are still delivered. */
  const abortAll = () => {
    const comms = waiting.filter(({ header }) => header.msg_type !== "execute_request");
    const aborted = waiting.filter(({ header }) => header.msg_type === "execute_request");
    waiting.splice(0, waiting.length, ...comms);
    for (const message of aborted) {
      sockets.publish("status", { execution_state: "busy" }, message);
      sockets.send("shell", "execute_reply", { status: "aborted", execution_count: count }, message);
      sockets.publish("status", { execution_state: "idle" }, message);
    }
  };

  const deliver = ({ header, content, metadata, buffers }: Message) =>
    onMain((id) => ({ type: "comm", id, kind: header.msg_type, content, metadata, buffers }));

  const next = async () => {
    if (busy) return;
    busy = true;
    for (let message = waiting.shift(); message; message = waiting.shift()) {
      present = message;
      sockets.publish("status", { execution_state: "busy" }, message);
      const dealt = message.header.msg_type === "execute_request" ? execute(message) : deliver(message);
      await dealt.catch((error: Error) => log(`A message was not dealt with: ${error.message}`));
      sockets.publish("status", { execution_state: "idle" }, message);
    }
    busy = false;
  };

  return {
    add(message) {
      waiting.push(message);
      next();
    },
    done(id, outcome) {
      running.get(id)?.(outcome);
      running.delete(id);
    },
    interrupt: () => stop(),
    parent,
    audible: (run) => !isSilent(parent(run)),
  };
}
