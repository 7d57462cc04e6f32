import "./bootstrap.ts"; // Before all others: what starts there takes longest.

import { parentPort } from "node:worker_threads";
import { openDebugger } from "../debug/debugger.ts";
import { openInspector } from "../debug/inspector.ts";
import type { DebugRequest } from "../debug/messages.ts";
import { openCells } from "../session/cells.ts";
import { completeness } from "../session/is-complete.ts";
import { type History, openHistory } from "../session/history.ts";
import { typescriptVersion } from "../session/typescript.ts";
import type { FromMain, ToMain } from "./thread-messages.ts";
import { readConnection } from "./connection.ts";
import { checked, program, project, shared } from "./bootstrap.ts";
import { executions } from "./execution-queue.ts";
import { interrupter } from "./interrupt.ts";
import { kernelInfo } from "./kernel-info.ts";
import { endProcess, endWithParent, log, onSigint } from "./process.ts";
import { type Channel, openSockets } from "./sockets.ts";
import type { Content, Message } from "./wire.ts";

declare const __KERNEL_VERSION__: string;

/** The thread that speaks with Jupyter: it answers, whatever the main thread computes. */
const { connectionFile, folder, flags, inputs } = shared;
const main = parentPort!;
const tell = (message: ToMain) => main.postMessage(message);

const cells = openCells(folder, project, program, {
  checked,
  warn: (sentence) => print("stderr", `${sentence}\n`),
});
let opened: History | undefined;
const history = () => {
  opened ??= openHistory();
  return opened;
};
let comms: Record<string, { target_name: string }> = {};

const sockets = openSockets(readConnection(connectionFile), receive);
let debugging: Message | undefined;
const inspector = openInspector();
const debug = openDebugger({
  inspector,
  folder,
  own: new URL("./main.mjs", import.meta.url).href,
  cells,
  expose: (wanted) => void Atomics.store(flags, 2, wanted ? 1 : 0),
  publish: (event) => sockets.publish("debug_event", event, debugging),
});
const queue = executions({ sockets, cells, history, announce: debug.cell, tell });
const interrupt = interrupter(inspector, tell, debug.release, flags);
const info = kernelInfo({ kernel: __KERNEL_VERSION__, typescript: typescriptVersion });

function receive(channel: Channel, message: Message): void {
  const type = message.header.msg_type;
  if (channel === "stdin") {
    if (type === "input_reply") answerInput({ value: String(message.content.value ?? "") });
  } else if (channel === "shell" && (type === "execute_request" || /^comm_(open|msg|close)$/.test(type)))
    queue.add(message);
  else answer(channel, message).catch((error) => log(String(error.stack)));
}

function answerInput(reply: { value: string } | { error: string }): void {
  inputs.postMessage(reply);
  Atomics.store(flags, 1, 1);
  Atomics.notify(flags, 1);
}

async function replyTo(type: string, content: Content): Promise<Content | undefined> {
  const { code = "", cursor_pos = 0 } = content;
  switch (type) {
    case "kernel_info_request":
      return info;
    case "complete_request":
      return cells.complete(code, cursor_pos);
    case "inspect_request":
      return cells.inspect(code, cursor_pos);
    case "is_complete_request":
      return { ...(await completeness(code)) };
    case "history_request":
      return history().reply(content);
    case "comm_info_request": {
      const { target_name } = content;
      const found = Object.entries(comms).filter(
        ([, comm]) => !target_name || comm.target_name === target_name,
      );
      return { status: "ok", comms: Object.fromEntries(found) };
    }
    case "interrupt_request":
      queue.interrupt();
      await interrupt();
      return { status: "ok" };
    case "debug_request":
      return debug.answer(content as DebugRequest);
    case "shutdown_request":
      return { status: "ok", restart: content.restart === true };
    default:
      return undefined;
  }
}

/** Answers what needs no cell; what fails is answered by an error. */
async function answer(channel: Channel, message: Message): Promise<void> {
  const { msg_type: type } = message.header;
  sockets.publish("status", { execution_state: "busy" }, message);
  if (type === "debug_request") debugging = message;
  const reply = await replyTo(type, message.content).catch((error: Error) => ({
    status: "error",
    ename: error.name,
    evalue: error.message,
    traceback: [`${error.name}: ${error.message}`],
  }));
  const answered = type.replace(/_request$/, "_reply");
  if (reply) sockets.send(channel, answered, reply, message);
  if (type === "shutdown_request") sockets.publish("shutdown_reply", reply!, message);
  sockets.publish("status", { execution_state: "idle" }, message);
  if (type === "shutdown_request") await shutDown();
}

async function shutDown(): Promise<void> {
  debug.release();
  await debug.end();
  inspector.close();
  program.end();
  await sockets.close();
  await endProcess(() => tell({ type: "shutdown" }));
}

/** What was printed and not yet sent: what comes within a few milliseconds goes out as one message. */
let printed: { name: string; text: string; run: number | undefined } | undefined;
let flushed = 0;

function flush(): void {
  if (!printed) return;
  flushed = performance.now();
  const { name, text, run } = printed;
  if (queue.audible(run)) sockets.publish("stream", { name, text }, queue.parent(run));
  printed = undefined;
}

function print(name: string, text: string, run?: number): void {
  if (printed?.name === name && printed.run === run) {
    printed.text += text;
    return;
  }
  flush();
  printed = { name, text, run };
  setTimeout(flush, flushed + 10 - performance.now());
}

main.on("message", (message: FromMain) => {
  if (message.type === "stream") return print(message.name, message.text, message.run);
  flush();
  const parent = queue.parent();
  switch (message.type) {
    case "done":
      return queue.done(message.id, message.outcome);
    case "display": {
      const { content, update, run } = message;
      if (!queue.audible(run)) return;
      // An update finds its place by its id, and every client looks out for those of the cell that runs.
      if (update) return sockets.publish("update_display_data", content, parent);
      return sockets.publish("display_data", content, queue.parent(run));
    }
    case "clear": {
      const { wait, run } = message;
      if (queue.audible(run)) sockets.publish("clear_output", { wait }, queue.parent(run));
      return;
    }
    case "comm":
      return sockets.publish(message.kind, message.content, parent, message.metadata, message.buffers);
    case "comms":
      comms = message.open;
      return;
    case "input": {
      if (!parent?.content.allow_stdin)
        return answerInput({ error: "This client gives no input: it does not allow stdin." });
      const { prompt, password } = message;
      return sockets.send("stdin", "input_request", { prompt, password }, parent);
    }
    case "transform": {
      const { id, path, source, identifier } = message;
      cells.module(source, path).then(async (result) => {
        if ("code" in result) await debug.module(identifier, path, result);
        tell({ type: "transformed", id, result });
      });
      return;
    }
    case "modules":
      return cells.watch(message.paths);
    case "check":
      return cells.check(message.on);
  }
});

endWithParent();
sockets.publish("status", { execution_state: "starting" }, undefined);
// What neither the first answer nor the first cell needs comes after them: a thread that hears signals, and esbuild.
setTimeout(() => {
  onSigint(() => {
    queue.interrupt();
    interrupt();
  });
  cells.expression("0 as number");
}, 300);
