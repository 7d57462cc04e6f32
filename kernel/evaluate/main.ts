import { EventEmitter } from "node:events";
import { createRequire, syncBuiltinESMExports } from "node:module";
import path from "node:path";
import timers from "node:timers";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import type { MessagePort, Worker } from "node:worker_threads";
import { toBundle } from "../display/bundle.ts";
import type { MimeBundle } from "../display/mime-bundle.ts";
import { openProjects } from "../session/project.ts";
import { log } from "../shared/log.ts";
import {
  type FromMainThread,
  flag,
  type Outcome,
  type Script,
  type SharedState,
  type ToMainThread,
} from "../shared/thread-messages.ts";
import { guardAsyncHooks } from "./async-hooks.ts";
import { openBlockingRequests } from "./blocking-request.ts";
import { createCellRuntime } from "./cell-runtime.ts";
import { captureStreams, installPrompts, openClientIO } from "./client-io.ts";
import { openComms } from "./comms.ts";
import { openDebuggee } from "./debuggee.ts";
import { captureDescriptors } from "./descriptor-output.ts";
import { captureChildProcesses } from "./inherited-output.ts";
import { bare, chain, pin } from "./intrinsics.ts";
import { installMagics } from "./magics.ts";
import { openModuleLoader, type Transform } from "./module-loader.ts";
import { plainBundle } from "./plain-bundle.ts";
import { announceEnd } from "./process-end.ts";
import { hidePromiseIds } from "./promise-ids.ts";
import { keepResults } from "./results.ts";
import { runCell, type Session } from "./run-cell.ts";
import { bindToCurrentRun, currentRun, withRun } from "./run-context.ts";
import { installStackTraces } from "./stack-traces.ts";
import { openStandardInput } from "./standard-input.ts";
import { tslabLibrary } from "./tslab.ts";
import { installTypeScriptRequire } from "./typescript-require.ts";
import { onUncaughtError } from "./uncaught-errors.ts";
import { createUncaughtMode } from "./uncaught-mode.ts";

const { setImmediate } = timers;
const { exchange, load: loadFlag } = Atomics;
const { isPromise } = types;
const toText = String;

/** The bundle of a value. Primitive values are shown even if a cell has replaced what `toBundle` needs. */
function show(value: unknown): MimeBundle | Promise<MimeBundle> {
  try {
    return toBundle(value);
  } catch (error) {
    if (typeof value === "object" || typeof value === "function") throw error;
    return { "text/plain": toText(value) };
  }
}

/** The main thread's side of its connection to the protocol thread. */
interface MainThreadOptions extends Pick<SharedState, "folder" | "flags"> {
  /** The protocol thread. */
  worker: Worker;
  /** Receives the answers to the requests that the main thread waits for. */
  answers: MessagePort;
}

/** Makes this thread evaluate the cells that the protocol thread sends. */
export function runMainThread({ worker, folder, flags, answers }: MainThreadOptions): void {
  pin(worker);
  // Emits the messages.
  pin(worker, EventEmitter.prototype, ["emit"]);
  const send = (message: FromMainThread) => worker.postMessage(message);

  const exit = announceEnd(send, flags);
  const askProtocolThread = openBlockingRequests(send, answers, flags);
  const clientIO = openClientIO(send, askProtocolThread, flags);
  const comms = openComms(send);
  const traces = installStackTraces(folder);
  /** Callbacks at the end of each cell, which send outputs that are still buffered. */
  const cellEndCallbacks = pin(new Set<() => void>());
  /** The virtual file that cells import from. */
  const cellFile = path.join(folder, "cell.ts");

  const pendingTransforms = pin(new Map<number, (result: Script | { error: string }) => void>());
  let lastTransform = 0;
  const transform: Transform = (file, source, identifier) =>
    new Promise((resolve, reject) => {
      lastTransform += 1;
      pendingTransforms.set(lastTransform, (result) =>
        "error" in result ? reject(new SyntaxError(result.error)) : resolve(result),
      );
      send({ type: "transform", id: lastTransform, path: file, source, identifier });
    });

  const url = pathToFileURL(cellFile).href;
  const runtime = createCellRuntime((specifier) => load(specifier), {
    url,
    filename: cellFile,
    dirname: folder,
    resolve: (specifier: string) => loader.resolve(specifier, cellFile),
  });
  const builtins = { tslab: () => tslabLibrary(clientIO, { node: process.version }) };
  const loader = openModuleLoader(openProjects(), transform, traces.addModule, builtins, runtime);
  installTypeScriptRequire({
    compile(source, file) {
      const compiled = askProtocolThread<Script>({ type: "compile", path: file, source });
      if ("error" in compiled) throw new SyntaxError(compiled.error);
      return compiled;
    },
    register: traces.addModule,
    localFile: loader.localFile,
    evaluated: loader.evaluated,
  });
  const load: Session["load"] = async (specifier, mayHaveTypes) => {
    try {
      return await loader.load(specifier, cellFile, mayHaveTypes);
    } finally {
      send({ type: "modules", paths: loader.files() });
    }
  };

  const uncaughtMode = createUncaughtMode(() => loadFlag(flags, flag.uncaughtMode) === 1);
  const bundle = (value: unknown): MimeBundle | Promise<MimeBundle> => {
    const shown = show(value);
    return isPromise(shown) ? chain(shown as Promise<MimeBundle>, plainBundle) : plainBundle(shown);
  };
  const session: Session = {
    folder,
    runtime,
    traces,
    uncaughtMode,
    load,
    require: createRequire(url),
    bundle,
    keepResult: keepResults(),
    afterTasks: (callback) => void setImmediate(callback),
  };

  const printError = (error: unknown) => clientIO.print("stderr", `${traces.errorText(error).text}\n`);

  /** Calls a function and prints its error, which must not affect the cell's outcome. */
  function attempt(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      printError(error);
    }
  }

  /** The messages that are being handled, cells' runs and comm messages, by their ids; the outcome once it is known. */
  const handled = pin(new Map<number, { terminations: number; outcome: Outcome | undefined }>());
  /** Calls a function at the end of each cell, until the returned function is called. */
  const onCellEnd = (callback: () => void) => {
    const bound = bindToCurrentRun(callback);
    cellEndCallbacks.add(bound);
    return () => cellEndCallbacks.delete(bound);
  };
  /** Calls a function once at the end of the current cell. Others may end before. */
  const onEndOfThisCell = (callback: () => void) => {
    const run = currentRun() ?? 0;
    const remove = onCellEnd(() => {
      const message = handled.get(run);
      if (message && !message.outcome) return;
      remove();
      callback();
    });
  };
  const asyncHooks = guardAsyncHooks();
  hidePromiseIds();
  const terminations = () => loadFlag(flags, flag.terminations);

  /** The run that reads the standard input: the current one if it has not ended, or else the last one. */
  const readingRun = () => {
    const run = currentRun();
    if (run !== undefined && handled.has(run)) return run;
    let last: number | undefined;
    handled.forEach((_, id) => {
      last = id;
    });
    return last;
  };
  const input = openStandardInput({ current: readingRun, isRunning: (run) => handled.has(run) }, (run) =>
    send({ type: "line", run }),
  );

  // A cell may have defined `Object.prototype.outcome`.
  const begin = (id: number) => void handled.set(id, { terminations: terminations(), outcome: undefined });

  /** Reports the outcome of a message. If V8 terminates this function, it is called again. */
  function report(id: number, outcome: Outcome): void {
    try {
      send({ type: "done", id, outcome });
    } catch (error) {
      send({ type: "done", id, outcome: { error: traces.errorText(error) } });
    }
    handled.delete(id);
  }

  function finish(id: number, outcome: Outcome): void {
    const message = handled.get(id);
    if (!message || message.outcome) return;
    // Microtasks that the cell left behind were terminated.
    const isInterrupted = message.terminations !== terminations();
    message.outcome = isInterrupted ? { interrupted: true } : outcome;
    const callbacks: Record<number, () => void> = bare({});
    let count = 0;
    cellEndCallbacks.forEach((callback) => {
      callbacks[count] = callback;
      count += 1;
    });
    for (let index = 0; index < count; index++) attempt(callbacks[index]!);
    report(id, message.outcome);
  }

  /** Ends a message that the protocol thread waits for. */
  function end(id: number): void {
    const message = handled.get(id);
    // Code that had to handle the message may have been terminated.
    if (!message) send({ type: "done", id, outcome: { interrupted: true } });
    // The outcome is already known if a callback at the cell's end was terminated.
    else if (message.outcome) report(id, message.outcome);
    else finish(id, { interrupted: true });
  }

  worker.on("message", (message: ToMainThread) => {
    switch (message.type) {
      case "run": {
        const { id, count, name, cell, expressions } = message;
        begin(id);
        return withRun(id, () => {
          input.cellStarted();
          runCell({ name, count, cell, expressions }, session, (outcome) => finish(id, outcome));
        });
      }
      case "interrupt": {
        const isHandled = exchange(flags, flag.lastInterrupt, message.sequence) >= message.sequence;
        asyncHooks.afterTermination();
        if (isHandled) return;
        runtime.epoch += 1;
        for (let index = 0; index < message.runs.length; index++) end(message.runs[index]!);
        return;
      }
      case "comm": {
        const { id, messageType, content, metadata, buffers } = message;
        begin(id);
        withRun(id, () => attempt(() => comms.receive(messageType, content, metadata, buffers)));
        return finish(id, { data: undefined, expressions: {} });
      }
      case "transformed":
        pendingTransforms.get(message.id)?.(message.result);
        pendingTransforms.delete(message.id);
        return;
      case "line":
        return input.receive(message.line);
      case "shutdown":
        exit(0);
    }
  });
  worker.on("error", (error) => {
    log(error.message);
    exit(1);
  });
  worker.on("exit", (code) => exit(code));

  captureStreams(clientIO);
  captureDescriptors();
  captureChildProcesses(askProtocolThread);
  syncBuiltinESMExports();
  installPrompts(clientIO);
  installMagics(clientIO, onEndOfThisCell);
  onUncaughtError((error, promise) => {
    if (!promise || !uncaughtMode.handleRejection(error, promise)) printError(error);
  });

  // The display library finds the kernel by this symbol.
  Object.defineProperty(globalThis, Symbol.for("allroads.kernel"), {
    value: {
      display: clientIO.display,
      clearOutput: clientIO.clearOutput,
      input: clientIO.input,
      comms,
      debuggee: openDebuggee(runtime, traces.scripts, bundle, asyncHooks.beforeTermination),
      checkTypes: (request: unknown) => send({ type: "check", request }),
      onCellEnd,
    },
  });
  process.argv = process.argv.slice(0, 1);
}
