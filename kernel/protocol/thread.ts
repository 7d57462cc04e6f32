import "./bootstrap.ts"; // Must be first: it starts the type checker.

import { parentPort } from "node:worker_threads";
import { openDebugger } from "../debug/debugger.ts";
import { openInspector } from "../debug/inspector.ts";
import type { DebugRequest } from "../debug/messages.ts";
import { openCells } from "../session/cells.ts";
import { type History, openHistory } from "../session/history.ts";
import { typescriptVersion } from "../session/typescript.ts";
import { openWorkspaceBuilds } from "../session/workspace-builds.ts";
import type { Content } from "../shared/content.ts";
import { log } from "../shared/log.ts";
import { type FromMainThread, flag, type ToMainThread } from "../shared/thread-messages.ts";
import { program, project, shared, strictness } from "./bootstrap.ts";
import { openChildOutput } from "./child-output.ts";
import { endProcesses, interruptProcesses } from "./child-processes.ts";
import { connectReply, readConnection } from "./connection.ts";
import { openUserInput } from "./input.ts";
import { createInterrupter } from "./interrupt.ts";
import { kernelInfo } from "./kernel-info.ts";
import { watchMemory } from "./memory-watch.ts";
import { openPrinter } from "./printer.ts";
import { endProcess, endWithParent, onSigint } from "./process.ts";
import { openRuns } from "./runs.ts";
import { openShells } from "./shells.ts";
import { type Channel, openSockets } from "./sockets.ts";
import { openUsage } from "./usage.ts";
import type { Message } from "./wire.ts";

declare const __KERNEL_VERSION__: string;

// The protocol thread handles all Jupyter messages, so that the kernel responds while the main thread runs a cell.

/** Delay of what neither the first reply nor the first cell needs, in ms. */
const deferral = 300;

const { connectionFile, folder, flags, answers } = shared;
if (!parentPort) throw new Error("The protocol thread must run as a worker of evaluate/start.ts.");
const main = parentPort;
const post = (message: ToMainThread) => main.postMessage(message);

const builds = openWorkspaceBuilds(folder, (text) => {
  print("stdout", text);
  flush();
});
const cells = openCells(folder, project, program, {
  strictness,
  warn: (message) => print("stderr", `${message}\n`),
  refresh: builds.refresh,
});
let openedHistory: History | undefined;
const history = () => {
  openedHistory ??= openHistory();
  return openedHistory;
};
let openComms: Record<string, { target_name: string }> = {};

const connection = readConnection(connectionFile);
const sockets = openSockets(connection, receive);
let lastDebugRequest: Message | undefined;
const inspector = openInspector();
const debug = openDebugger({
  inspector,
  folder,
  kernelScript: new URL("./main.mjs", import.meta.url).href,
  cells,
  setUncaughtMode: (enabled) => void Atomics.store(flags, flag.uncaughtMode, enabled ? 1 : 0),
  publish: (event) => sockets.publish("debug_event", event, lastDebugRequest),
});
const runs = openRuns(() => settled(), post);
const shells = openShells({ sockets, cells, runs, history, beforeRun: debug.beforeCell }, (id) =>
  Object.hasOwn(openComms, String(id)),
);
const input = openUserInput({ sockets, runs, answer, post });
const usage = openUsage();
const { print, flush, taken } = openPrinter({
  publish: (name, text, run) => {
    if (runs.isShown(run)) sockets.publish("stream", { name, text }, runs.parent(run));
  },
  isBusy: sockets.isBusy,
  flags,
});
/** Publishes a note of the kernel, at once, in the cell that has started last. */
const note = (text: string) => {
  print("stderr", `${text}\n`, runs.pending().at(-1));
  flush();
};
const postInterrupt = (sequence: number) => post({ type: "interrupt", sequence, runs: runs.pending() });
const onDelay = () =>
  note(
    "The interrupt takes effect when the native function or child process that the cell waits for ends. To end it now, restart the kernel.",
  );
const interrupter = createInterrupter(inspector, postInterrupt, debug.endPause, flags, onDelay);
const { settled } = interrupter;
watchMemory(inspector, () => runs.pending().length > 0, note);
const childOutput = openChildOutput(print, sockets.isBusy);
const info = kernelInfo({ kernel: __KERNEL_VERSION__, typescript: typescriptVersion });

function receive(channel: Channel, message: Message): void {
  const type = message.header.msg_type;
  if (channel === "stdin") {
    if (type === "input_reply") input.receive(String(message.content.value ?? ""));
  } else if (channel === "shell" && (type === "execute_request" || /^comm_(open|msg|close)$/.test(type)))
    shells.add(message);
  else handleRequest(channel, message).catch((error) => log(String(error.stack)));
}

/** Answers the request that the main thread waits for. */
function answer(reply: object): void {
  answers.postMessage(reply);
  Atomics.store(flags, flag.answered, 1);
  Atomics.notify(flags, flag.answered);
}

/** The content of the reply to a request; undefined if its type is unknown. */
async function replyTo(type: string, content: Content): Promise<Content | undefined> {
  const { code = "", cursor_pos = 0 } = content;
  switch (type) {
    case "kernel_info_request":
      return info;
    case "complete_request":
      return cells.complete(code, cursor_pos);
    case "inspect_request":
      return cells.inspect(code, cursor_pos, content.detail_level);
    case "is_complete_request":
      return { ...(await cells.isComplete(code)) };
    case "history_request":
      return history().reply(content);
    case "comm_info_request": {
      const { target_name } = content;
      const matching = Object.entries(openComms).filter(
        ([, comm]) => !target_name || comm.target_name === target_name,
      );
      return { status: "ok", comms: Object.fromEntries(matching) };
    }
    case "connect_request":
      return connectReply(connection);
    case "usage_request":
      return usage();
    case "create_subshell_request":
      return shells.create();
    case "delete_subshell_request":
      return shells.delete(content);
    case "list_subshell_request":
      return shells.list();
    case "interrupt_request":
      await interrupt();
      return { status: "ok" };
    case "debug_request":
      return debug.handleRequest(content as DebugRequest);
    case "shutdown_request":
      return { status: "ok", restart: content.restart === true };
    default:
      return undefined;
  }
}

/** Replies to a request that is not queued. If handling it fails, the reply has the status "error". */
async function handleRequest(channel: Channel, message: Message): Promise<void> {
  const { msg_type: type } = message.header;
  sockets.publish("status", { execution_state: "busy" }, message);
  if (type === "debug_request") lastDebugRequest = message;
  const reply = await replyTo(type, message.content).catch((error: Error) => ({
    status: "error",
    ename: error.name,
    evalue: error.message,
    traceback: [`${error.name}: ${error.message}`],
  }));
  const replyType = type.replace(/_request$/, "_reply");
  if (reply) sockets.send(channel, replyType, reply, message);
  if (reply && type === "shutdown_request") sockets.publish(replyType, reply, message);
  sockets.publish("status", { execution_state: "idle" }, message);
  if (type === "shutdown_request") await shutDown();
}

/** Interrupts the running cells, and the processes that cells have started. */
async function interrupt(): Promise<void> {
  shells.interrupt();
  await Promise.all([interruptProcesses(), interrupter.interrupt()]);
}

/** Tells the clients that a cell ends this process, once they have all of its output. */
async function tellEnd({ reason, failed, run }: Extract<FromMainThread, { type: "end" }>): Promise<void> {
  const error = { ename: "KernelEnded", evalue: reason, excerpt: "", text: reason };
  if (!failed) print("stderr", `${reason}\n`, run);
  flush();
  await shells.end(failed ? { error } : { data: undefined, expressions: {} });
  program.end();
  await Promise.all([sockets.close(), endProcesses()]);
  Atomics.store(flags, flag.endTold, 1);
  Atomics.notify(flags, flag.endTold);
}

async function shutDown(): Promise<void> {
  debug.endPause();
  await debug.end();
  inspector.close();
  program.end();
  await Promise.all([sockets.close(), endProcesses()]);
  await endProcess(() => post({ type: "shutdown" }));
}

main.on("message", (message: FromMainThread) => {
  if (message.type === "stream") {
    print(message.name, message.text, message.run);
    return taken(message.size);
  }
  // Other messages must not overtake printed text.
  flush();
  switch (message.type) {
    case "done": {
      const { id, outcome } = message;
      if (!childOutput.isOpen()) return runs.done(id, outcome);
      return void childOutput.settled().then(() => {
        flush();
        runs.done(id, outcome);
      });
    }
    case "settle":
      return void childOutput.settled().then(() => answer({}));
    case "output":
      childOutput.open(message).then(answer, (error: Error) => answer({ error: error.message }));
      return;
    case "display": {
      const { content, update, run, size } = message;
      taken(size);
      if (!runs.isShown(run)) return;
      // Clients match updates by display id. The parent is the current cell, whose messages every client handles.
      if (update) return sockets.publish("update_display_data", content, runs.parent());
      return sockets.publish("display_data", content, runs.parent(run));
    }
    case "clear": {
      const { wait, run } = message;
      if (runs.isShown(run)) sockets.publish("clear_output", { wait }, runs.parent(run));
      return;
    }
    case "comm": {
      const { messageType, content, metadata, buffers, run } = message;
      return sockets.publish(messageType, content, runs.parent(run), metadata, buffers);
    }
    case "comms":
      openComms = message.open;
      return;
    case "input":
      return input.ask(message.prompt, message.password, message.run);
    case "line":
      return input.askLine(message.run);
    case "transform": {
      const { id, path, source, identifier } = message;
      cells.compileModule(source, path, "esm").then(async (result) => {
        if ("code" in result) await debug.beforeModule(identifier, path, result);
        post({ type: "transformed", id, result });
      });
      return;
    }
    case "compile":
      cells.compileModule(message.source, message.path, "cjs").then(answer);
      return;
    case "end":
      return void tellEnd(message);
    case "modules":
      return cells.watchFiles(message.paths);
    case "check":
      return cells.setStrictness(message.request);
  }
});

endWithParent(endProcesses);
sockets.publish("status", { execution_state: "starting" }, undefined);
setTimeout(() => {
  onSigint(interrupt);
  // Loads esbuild.
  cells.prepareExpression("0 as number");
}, deferral);
