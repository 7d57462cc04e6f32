import type { Content } from "../shared/content.ts";
import type { CompiledCell, Script } from "../shared/thread-messages.ts";
import { type Attachment, attach, type DebugTarget } from "./attachment.ts";
import { terminationRequest } from "./expression.ts";
import type { Inspector } from "./inspector.ts";
import { type DebugRequest, failure, mainThread, success } from "./messages.ts";
import { exceptionBreakpointFilters, type RequestDeps, requestHandlers } from "./requests.ts";
import { cellNaming, type DebugScript } from "./scripts.ts";
import { openSources } from "./sources.ts";

/** The debugger of a kernel. It is inactive until a client starts it. */
export interface Debugger {
  /** Returns the content of a `debug_reply`. */
  handleRequest(request: DebugRequest): Promise<Content>;
  /** Sets the breakpoints of a cell. Must be awaited before the cell runs. */
  beforeCell(name: string, cell: CompiledCell): Promise<void>;
  /** Sets the breakpoints of a local module. Must be awaited before the module is evaluated. */
  beforeModule(identifier: string, file: string, script: Script): Promise<void>;
  /** If the main thread is paused, terminates what it runs. */
  endPause(): void;
  /** Detaches the debugger. */
  end(): Promise<void>;
}

interface DebuggerDeps extends Omit<DebugTarget, "names">, Omit<RequestDeps, "sources"> {
  inspector: Inspector;
  /** Publishes the content of a `debug_event`. */
  publish(event: Content): void;
}

export function openDebugger({
  inspector,
  folder,
  kernelScript,
  cells,
  setUncaughtMode,
  publish,
}: DebuggerDeps): Debugger {
  const sources = openSources(cells);
  /** The handlers of requests that need an attached debugger. */
  const attachedHandlers = requestHandlers({ cells, sources, setUncaughtMode });
  let attaching: Promise<Attachment> | undefined;
  let attached: Attachment | undefined;
  /** Resolves once the previous attachment is detached. */
  let detached: Promise<void> = Promise.resolve();
  let seq = 0;

  const emit = (event: string, body: object) => {
    seq += 1;
    publish({ type: "event", seq, event, body });
  };

  const start = async () => {
    attaching ??= detached.then(() => attach(inspector, { folder, kernelScript, names: cells.names }, emit));
    const promise = attaching;
    try {
      const attachment = await promise;
      // Not if the debugger was ended, or ended and started again, meanwhile.
      if (attaching === promise) attached = attachment;
    } catch (error) {
      if (attaching === promise) attaching = undefined;
      throw error;
    }
  };

  const end = async () => {
    const ending = attaching;
    attaching = undefined;
    attached = undefined;
    setUncaughtMode(false);
    if (ending) detached = ending.then((attachment) => attachment.detach()).catch(() => {});
    await detached;
  };

  /** The handlers of requests that are answered even if the debugger is not attached. */
  const handlers: Record<string, (args: Content) => Content | Promise<Content>> = {
    async initialize() {
      await start();
      return {
        supportsConfigurationDoneRequest: true,
        supportsModulesRequest: true,
        exceptionBreakpointFilters,
      };
    },
    async attach() {
      await start();
      emit("initialized", {});
      return {};
    },
    async disconnect() {
      const wasAttached = attached !== undefined;
      await end();
      if (wasAttached) emit("terminated", {});
      return {};
    },
    debugInfo: () => ({
      isStarted: attached !== undefined,
      ...cellNaming,
      breakpoints: attached?.breakpoints.list() ?? [],
      stoppedThreads: attached?.frames() ? [mainThread.id] : [],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    }),
    dumpCell: async ({ code }) => ({ sourcePath: await sources.dump(String(code ?? "")) }),
    source: ({ source }) => ({
      content: sources.text(String(source?.path ?? ""), attached?.scripts),
      mimeType: "text/typescript",
    }),
    modules() {
      const modules = (attached?.scripts.modules() ?? []).map((module) => ({ id: module.path, ...module }));
      return { modules, totalModules: modules.length };
    },
    threads: () => ({ threads: [mainThread] }),
  };

  const responseBody = (command: string, args: Content): Content | Promise<Content> => {
    const handler = Object.hasOwn(handlers, command) ? handlers[command] : undefined;
    if (handler) return handler(args);
    const attachedHandler = Object.hasOwn(attachedHandlers, command) ? attachedHandlers[command] : undefined;
    if (!attachedHandler) throw new Error(`The debugger does not support the request "${command}".`);
    if (!attached) throw new Error(`The debugger is not started: send "initialize" before "${command}".`);
    return attachedHandler(args, attached);
  };

  /** Registers a script and sets its breakpoints. If the main thread does not respond, it runs without them. */
  const bindBreakpoints = async (register: (attachment: Attachment) => DebugScript) => {
    const attachment = await attaching?.catch(() => undefined);
    if (attachment) await attachment.breakpoints.bind(register(attachment)).catch(() => {});
  };

  return {
    async handleRequest(request) {
      try {
        return success(request, await responseBody(request.command, request.arguments ?? {}));
      } catch (error) {
        // JupyterLab reads the variables even if the request failed.
        const body = request.command === "inspectVariables" ? { variables: [] } : {};
        return failure(request, (error as Error).message, body);
      }
    },
    beforeCell: (name, cell) => bindBreakpoints(({ scripts }) => scripts.addCell(name, cell)),
    beforeModule: (identifier, file, script) =>
      bindBreakpoints(({ scripts }) => scripts.addModule(identifier, file, script)),
    endPause() {
      if (!attached?.frames()) return;
      attached.post("Runtime.evaluate", terminationRequest).catch(() => {});
      attached.post("Debugger.resume", { terminateOnResume: true }).catch(() => {});
    },
    end,
  };
}
