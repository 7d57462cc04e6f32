import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { toBundle } from "../display/bundle.ts";
import { type MimeBundle, wireData } from "../display/jupyter.ts";
import { log } from "../protocol/process.ts";
import {
  type FromMainThread,
  flag,
  interruptedError,
  type Outcome,
  type Script,
  type ToMainThread,
} from "../protocol/thread-messages.ts";
import { projectOf } from "../session/project.ts";
import { createCellRuntime } from "./cell-runtime.ts";
import { captureStreams, installPrompts, openClientIO } from "./client-io.ts";
import { openComms } from "./comms.ts";
import { openDebuggee } from "./debuggee.ts";
import { openModuleLoader, type Transform } from "./module-loader.ts";
import { runCell, type Session } from "./run-cell.ts";
import { bindToCurrentRun, withRun } from "./run-context.ts";
import { installStackTraces } from "./stack-traces.ts";
import type { MainThreadOptions } from "./start.ts";
import { tslabLibrary } from "./tslab.ts";
import { createUncaughtMode } from "./uncaught-mode.ts";

/** Makes this thread evaluate the cells that the protocol thread sends. */
export function runMainThread({ worker, folder, flags, inputs }: MainThreadOptions): void {
  const send = (message: FromMainThread) => worker.postMessage(message);

  const clientIO = openClientIO(send, inputs, flags);
  const comms = openComms(send);
  const traces = installStackTraces(folder);
  /** Callbacks at the end of each cell, which send outputs that are still buffered. */
  const cellEndCallbacks = new Set<() => void>();
  /** The virtual file that cells import from. */
  const cellFile = path.join(folder, "cell.ts");

  const pendingTransforms = new Map<number, (result: Script | { error: string }) => void>();
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
  const loader = openModuleLoader(projectOf(folder), transform, traces.addModule, builtins, runtime);
  const load: Session["load"] = async (specifier) => {
    try {
      return await loader.load(specifier, cellFile);
    } finally {
      send({ type: "modules", paths: loader.files() });
    }
  };

  const uncaughtMode = createUncaughtMode(() => Atomics.load(flags, flag.uncaughtMode) === 1);
  const toJson = (bundle: MimeBundle): MimeBundle => JSON.parse(JSON.stringify(wireData(bundle)));
  const bundleForDebugger = (value: unknown) => {
    const bundle = toBundle(value);
    return bundle instanceof Promise ? bundle : toJson(bundle);
  };
  const session: Session = {
    folder,
    runtime,
    traces,
    uncaughtMode,
    load,
    require: createRequire(url),
    bundle: async (value) => toJson(await toBundle(value)),
  };

  /** The id of the message that is being handled: a cell's run or a comm message. */
  let current: number | undefined;

  /** Calls a function and prints its error, which must not affect the cell's outcome. */
  function attempt(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      console.error(error);
    }
  }

  function finish(id: number, outcome: Outcome): void {
    if (current !== id) return;
    current = undefined;
    for (const callback of [...cellEndCallbacks]) attempt(callback);
    send({ type: "done", id, outcome });
  }

  worker.on("message", (message: ToMainThread) => {
    switch (message.type) {
      case "run": {
        const { id, name, cell, expressions } = message;
        current = id;
        return withRun(id, () => runCell(name, cell, expressions, session, (outcome) => finish(id, outcome)));
      }
      case "interrupt": {
        const isHandled = Atomics.exchange(flags, flag.lastInterrupt, message.sequence) >= message.sequence;
        if (isHandled) return;
        runtime.epoch += 1;
        if (current !== undefined) finish(current, { status: "error", ...interruptedError });
        return;
      }
      case "comm": {
        const { id, messageType, content, metadata, buffers } = message;
        current = id;
        withRun(id, () => attempt(() => comms.receive(messageType, content, metadata, buffers)));
        return finish(id, { status: "ok", expressions: {}, payload: [] });
      }
      case "transformed":
        pendingTransforms.get(message.id)?.(message.result);
        pendingTransforms.delete(message.id);
        return;
      case "shutdown":
        process.exit(0);
    }
  });
  worker.on("error", (error) => {
    log(error.message);
    process.exit(1);
  });
  worker.on("exit", (code) => process.exit(code));

  captureStreams(send);
  installPrompts(clientIO);
  const printError = (error: unknown) => console.error(traces.errorContent(error).traceback.join("\n"));
  process.on("uncaughtException", printError);
  process.on("unhandledRejection", (error, promise) => {
    if (!uncaughtMode.handleRejection(error, promise)) printError(error);
  });

  // The display library finds the kernel by this symbol.
  Object.defineProperty(globalThis, Symbol.for("allroads.kernel"), {
    value: {
      display: clientIO.display,
      clearOutput: clientIO.clearOutput,
      input: clientIO.input,
      comms,
      debuggee: openDebuggee(runtime, traces.scripts, bundleForDebugger, () =>
        Atomics.load(flags, flag.terminations),
      ),
      checkTypes: (on: boolean) => send({ type: "check", on }),
      onCellEnd(callback: () => void) {
        const bound = bindToCurrentRun(callback);
        cellEndCallbacks.add(bound);
        return () => cellEndCallbacks.delete(bound);
      },
    },
  });
  process.argv = process.argv.slice(0, 1);
}
