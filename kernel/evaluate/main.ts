import { EventEmitter } from "node:events";
import { createRequire, syncBuiltinESMExports } from "node:module";
import path from "node:path";
import timers from "node:timers";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import { toBundle } from "../display/bundle.ts";
import type { MimeBundle } from "../display/jupyter.ts";
import { log } from "../protocol/process.ts";
import {
  type FromMainThread,
  flag,
  type Outcome,
  type Script,
  type ToMainThread,
} from "../protocol/thread-messages.ts";
import { openProjects } from "../session/project.ts";
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
import { keepResults } from "./results.ts";
import { runCell, type Session } from "./run-cell.ts";
import { bindToCurrentRun, withRun } from "./run-context.ts";
import { installStackTraces } from "./stack-traces.ts";
import { openStandardInput } from "./standard-input.ts";
import type { MainThreadOptions } from "./start.ts";
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

  /** The message that is being handled, a cell's run or a comm message, and its outcome once that is known. */
  let current: { id: number; terminations: number; outcome?: Outcome } | undefined;
  /** Calls a function at the end of each cell, until the returned function is called. */
  const onCellEnd = (callback: () => void) => {
    const bound = bindToCurrentRun(callback);
    cellEndCallbacks.add(bound);
    return () => cellEndCallbacks.delete(bound);
  };
  const asyncHooks = guardAsyncHooks();
  const terminations = () => loadFlag(flags, flag.terminations);

  const input = openStandardInput(
    () => current !== undefined,
    () => send({ type: "line" }),
  );

  const begin = (id: number) => {
    current = { id, terminations: terminations(), outcome: undefined };
  };

  /** Reports the outcome of the current message. If V8 terminates this function, it is called again. */
  function report(outcome: Outcome): void {
    if (!current) return;
    const { id } = current;
    try {
      send({ type: "done", id, outcome });
    } catch (error) {
      send({ type: "done", id, outcome: { error: traces.errorText(error) } });
    }
    current = undefined;
  }

  function finish(id: number, outcome: Outcome): void {
    if (current?.id !== id || current.outcome) return;
    // Microtasks that the cell left behind were terminated.
    const isInterrupted = current.terminations !== terminations();
    current.outcome = isInterrupted ? { interrupted: true } : outcome;
    const callbacks: Record<number, () => void> = bare({});
    let count = 0;
    cellEndCallbacks.forEach((callback) => {
      callbacks[count] = callback;
      count += 1;
    });
    for (let index = 0; index < count; index++) attempt(callbacks[index]!);
    report(current.outcome);
  }

  /** Ends the current message, or the one that the protocol thread waits for, which may have been terminated. */
  function interrupt(pending: number | undefined): void {
    // The outcome is already known if a callback at the cell's end was terminated.
    if (current?.outcome) report(current.outcome);
    else if (current) finish(current.id, { interrupted: true });
    else if (pending !== undefined) send({ type: "done", id: pending, outcome: { interrupted: true } });
  }

  worker.on("message", (message: ToMainThread) => {
    switch (message.type) {
      case "run": {
        const { id, count, name, cell, expressions } = message;
        begin(id);
        input.cellStarted();
        return withRun(id, () =>
          runCell({ name, count, cell, expressions }, session, (outcome) => finish(id, outcome)),
        );
      }
      case "interrupt": {
        const isHandled = exchange(flags, flag.lastInterrupt, message.sequence) >= message.sequence;
        asyncHooks.afterTermination();
        if (isHandled) return;
        runtime.epoch += 1;
        return interrupt(message.run);
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
  installMagics(clientIO, (callback) => {
    const remove = onCellEnd(() => {
      remove();
      callback();
    });
  });
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
