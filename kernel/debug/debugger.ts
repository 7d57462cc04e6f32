import type { Compiled, Script } from "../protocol/thread-messages.ts";
import type { Content } from "../protocol/wire.ts";
import { type Attachment, attach, type Target } from "./attachment.ts";
import { unwinding } from "./expression.ts";
import type { Inspector } from "./inspector.ts";
import { type DebugRequest, failure, success, thread } from "./messages.ts";
import { exceptionBreakpointFilters, requests, type Surroundings } from "./requests.ts";
import { type Known, naming } from "./scripts.ts";
import { openSources } from "./sources.ts";

/** The debugger of a kernel. Until a client starts it, it does nothing. */
export interface Debugger {
  /** Answers a `debug_request`. */
  answer(request: DebugRequest): Promise<Content>;
  /** Hears of a cell before it runs: its breakpoints are set when this resolves. */
  cell(name: string, cell: Compiled): Promise<void>;
  /** Hears of a local module before it runs. */
  module(identifier: string, file: string, script: Script): Promise<void>;
  /** Ends what stands still, as an interrupt does. */
  release(): void;
  /** Takes the debugger away. */
  end(): Promise<void>;
}

/** What the debugger works with. */
interface Kernel extends Omit<Target, "names">, Omit<Surroundings, "sources"> {
  inspector: Inspector;
  /** Sends the content of a `debug_event`. */
  publish(event: Content): void;
}

/** Opens the debugger of a kernel. */
export function openDebugger({ inspector, folder, own, cells, expose, publish }: Kernel): Debugger {
  const sources = openSources(cells);
  const started = requests({ cells, sources, expose });
  let attaching: Promise<Attachment> | undefined;
  let attached: Attachment | undefined;
  /** The one before has left: only then comes the next. */
  let ended: Promise<void> = Promise.resolve();
  let seq = 0;

  const emit = (event: string, body: object) => {
    seq += 1;
    publish({ type: "event", seq, event, body });
  };

  const start = async () => {
    attaching ??= ended.then(() => attach(inspector, { folder, own, names: cells.names }, emit));
    const mine = attaching;
    try {
      const to = await mine;
      if (attaching === mine) attached = to;
    } catch (error) {
      if (attaching === mine) attaching = undefined;
      throw error;
    }
  };

  const end = async () => {
    const ending = attaching;
    attaching = undefined;
    attached = undefined;
    expose(false);
    if (ending) ended = ending.then((to) => to.detach()).catch(() => {});
    await ended;
  };

  /** What is answered whether or not the debugger was started. */
  const always: Record<string, (given: Content) => Content | Promise<Content>> = {
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
      const ended = attached !== undefined;
      await end();
      if (ended) emit("terminated", {});
      return {};
    },
    debugInfo: () => ({
      isStarted: attached !== undefined,
      ...naming,
      breakpoints: attached?.breakpoints.list() ?? [],
      stoppedThreads: attached?.frames() ? [thread.id] : [],
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
      const modules = (attached?.scripts.modules() ?? []).map((each) => ({ id: each.path, ...each }));
      return { modules, totalModules: modules.length };
    },
    threads: () => ({ threads: [thread] }),
  };

  const bodyOf = (command: string, given: Content): Content | Promise<Content> => {
    if (Object.hasOwn(always, command)) return always[command]!(given);
    if (!Object.hasOwn(started, command)) throw new Error(`The debugger knows no request "${command}".`);
    if (!attached) throw new Error(`The debugger is not started: send "initialize" before "${command}".`);
    return started[command]!(given, attached);
  };

  /** Sets the breakpoints of a script. Where the thread does not answer, it runs without them. */
  const announce = async (add: (to: Attachment) => Known) => {
    const to = await attaching?.catch(() => undefined);
    if (to) await to.breakpoints.bind(add(to)).catch(() => {});
  };

  return {
    async answer(request) {
      try {
        return success(request, await bodyOf(request.command, request.arguments ?? {}));
      } catch (error) {
        const none = request.command === "inspectVariables" ? { variables: [] } : {};
        return failure(request, (error as Error).message, none);
      }
    },
    cell: (name, cell) => announce(({ scripts }) => scripts.addCell(name, cell)),
    module: (identifier, file, script) =>
      announce(({ scripts }) => scripts.addModule(identifier, file, script)),
    release() {
      if (!attached?.frames()) return;
      attached.post("Runtime.evaluate", unwinding()).catch(() => {});
      attached.post("Debugger.resume", { terminateOnResume: true }).catch(() => {});
    },
    end,
  };
}
