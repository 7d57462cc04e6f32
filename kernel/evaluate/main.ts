import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { toBundle } from "../display/bundle.ts";
import { type MimeBundle, wireData } from "../display/jupyter.ts";
import { type FromMain, interrupted, type Outcome, type Script, type ToMain } from "../protocol/thread-messages.ts";
import { log } from "../protocol/process.ts";
import { projectOf } from "../session/project.ts";
import { captureStreams, installPrompts, openChannel } from "./client-io.ts";
import { openComms } from "./comms.ts";
import { openDebuggee } from "./debuggee.ts";
import { openExposure } from "./uncaught-mode.ts";
import { openLoader, type Transform } from "./module-loader.ts";
import { runCell, type Session } from "./run-cell.ts";
import { boundToRun, inRun } from "./run-context.ts";
import type { Started } from "./start.ts";
import { cellTools } from "./cell-runtime.ts";
import { openTraces } from "./stack-traces.ts";
import { tslabLibrary } from "./tslab.ts";

/** Makes this thread the one that cells are evaluated on. `worker` is the one that speaks with Jupyter. */
export function evaluateCells({ worker, folder, flags, inputs }: Started): void {
  const send = (message: FromMain) => worker.postMessage(message);

  const channel = openChannel(send, inputs, flags);
  const comms = openComms(send);
  const traces = openTraces(folder);
  const endings = new Set<() => void>();
  const here = path.join(folder, "cell.ts");

  const waiting = new Map<number, (result: Script | { error: string }) => void>();
  let asked = 0;
  const transform: Transform = (file, source, identifier) =>
    new Promise((resolve, reject) => {
      asked += 1;
      waiting.set(asked, (result) =>
        "error" in result ? reject(new SyntaxError(result.error)) : resolve(result),
      );
      send({ type: "transform", id: asked, path: file, source, identifier });
    });

  const url = pathToFileURL(here).href;
  const tools = cellTools((specifier) => load(specifier), {
    url,
    filename: here,
    dirname: folder,
    resolve: (specifier: string) => loader.resolve(specifier, here),
  });
  const builtins = { tslab: () => tslabLibrary(channel, { node: process.version }) };
  const loader = openLoader(projectOf(folder), transform, traces.module, builtins, tools);
  const load: Session["load"] = async (specifier) => {
    try {
      return await loader.load(specifier, here);
    } finally {
      send({ type: "modules", paths: loader.files() });
    }
  };

  const exposure = openExposure(() => Atomics.load(flags, 2) === 1);
  const plain = (bundle: MimeBundle): MimeBundle => JSON.parse(JSON.stringify(wireData(bundle)));
  const plainNow = (value: unknown) => {
    const bundle = toBundle(value);
    return bundle instanceof Promise ? bundle : plain(bundle);
  };
  const session: Session = {
    folder,
    tools,
    traces,
    exposure,
    load,
    require: createRequire(url),
    bundle: async (value) => plain(await toBundle(value)),
  };

  let current: number | undefined;

  /** A display that cannot be sent must not take the cell's outcome with it. */
  function attempt(flush: () => void): void {
    try {
      flush();
    } catch (error) {
      console.error(error);
    }
  }

  function finish(id: number, outcome: Outcome): void {
    if (current !== id) return;
    current = undefined;
    for (const flush of [...endings]) attempt(flush);
    send({ type: "done", id, outcome });
  }

  worker.on("message", (message: ToMain) => {
    switch (message.type) {
      case "run": {
        const { id, name, cell, expressions } = message;
        current = id;
        return inRun(id, () => runCell(name, cell, expressions, session, (outcome) => finish(id, outcome)));
      }
      case "interrupt": {
        const heard = Atomics.exchange(flags, 0, message.sequence) >= message.sequence;
        if (heard) return;
        tools.epoch += 1;
        if (current !== undefined) finish(current, { status: "error", ...interrupted });
        return;
      }
      case "comm": {
        const { id, kind, content, metadata, buffers } = message;
        current = id;
        inRun(id, () => attempt(() => comms.receive(kind, content, metadata, buffers)));
        return finish(id, { status: "ok", expressions: {}, payload: [] });
      }
      case "transformed":
        waiting.get(message.id)?.(message.result);
        waiting.delete(message.id);
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
  installPrompts(channel);
  const report = (error: unknown) => console.error(traces.content(error).traceback.join("\n"));
  process.on("uncaughtException", report);
  process.on("unhandledRejection", (error, promise) => {
    if (!exposure.take(error, promise)) report(error);
  });

  Object.defineProperty(globalThis, Symbol.for("allroads.kernel"), {
    value: {
      display: channel.display,
      clearOutput: channel.clearOutput,
      input: channel.input,
      comms,
      debuggee: openDebuggee(tools, traces.scripts, plainNow, () => Atomics.load(flags, 3)),
      checkTypes: (on: boolean) => send({ type: "check", on }),
      onCellEnd(flush: () => void) {
        const ending = boundToRun(flush);
        endings.add(ending);
        return () => endings.delete(ending);
      },
    },
  });
  process.argv = [process.argv[0]!];
}
