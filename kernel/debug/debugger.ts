import { readFileSync } from "node:fs";
import path from "node:path";
import type { Compiled, Script } from "../protocol/bridge.ts";
import type { Content } from "../protocol/wire.ts";
import type { Cells } from "../session/cells.ts";
import { emit as compile } from "../session/emit.ts";
import type { Mapped } from "../session/places.ts";
import { type Attachment, attach } from "./attachment.ts";
import { debuggee } from "./expression.ts";
import { type DebugRequest, failure, success, thread } from "./messages.ts";
import { cellPath, keepScripts, naming } from "./scripts.ts";
import { steps } from "./stops.ts";

/** The debugger of a kernel. Until a client starts it, it only keeps what was compiled. */
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
export interface Surroundings {
  /** The notebook's folder. */
  folder: string;
  /** The kernel's script on the cells' thread, as the engine names it. */
  own: string;
  cells: Pick<Cells, "names" | "declare" | "expression">;
  /** Says whether the errors of cells are to look uncaught. */
  expose(wanted: boolean): void;
  /** Sends the content of a `debug_event`. */
  publish(event: Content): void;
}

const exceptionBreakpointFilters = [
  { filter: "uncaught", label: "Uncaught errors", default: false },
  { filter: "all", label: "All errors, also those that are caught", default: false },
];

const isName = (text: unknown): text is string =>
  typeof text === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);

/** TypeScript as JavaScript: an expression where it is one. Throws a sentence where it is neither. */
async function javaScript(source: string): Promise<string> {
  const expression = await compile(`(${source}\n)`, "expression.ts");
  const emitted = "faults" in expression ? await compile(source, "expression.ts") : expression;
  if ("faults" in emitted) throw new SyntaxError(emitted.faults[0]!.text);
  return emitted.code;
}

/** Opens the debugger of a kernel. */
export function openDebugger({ folder, own, cells, expose, publish }: Surroundings): Debugger {
  const scripts = keepScripts(folder, own);
  /** Cells as clients know them, run or not, by their paths. */
  const dumped = new Map<string, { content: string; draft: Mapped | undefined }>();
  let attached: Attachment | undefined;
  let listed: ReturnType<Attachment["session"]> | undefined;
  let seq = 0;

  const emit = (event: string, body: object) => {
    seq += 1;
    publish({ type: "event", seq, event, body });
  };

  const end = async () => {
    const ending = attached;
    attached = undefined;
    expose(false);
    await ending?.detach();
  };

  const frameOf = ({ frames }: Attachment, id: unknown) => {
    const frame = frames()?.[Number(id) - 1];
    if (!frame) throw new Error(`There is no frame ${id}: the program does not stand still there any more.`);
    return frame;
  };
  /** The frame that a request is about; undefined where it is about the session. */
  const callOf = (to: Attachment, id: unknown) => (to.frames() && id ? frameOf(to, id).call : undefined);

  /** What can be asked whether or not the debugger was started. */
  const always: Record<string, (given: Content) => Content | Promise<Content>> = {
    async initialize() {
      attached ??= await attach(own, scripts, cells.names, emit);
      return {
        supportsConfigurationDoneRequest: true,
        supportsModulesRequest: true,
        exceptionBreakpointFilters,
      };
    },
    async disconnect() {
      if (attached) emit("terminated", {});
      await end();
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
    async dumpCell({ code }) {
      const content = String(code ?? "");
      const prepared = await cells.expression(content);
      const sourcePath = cellPath(content);
      dumped.set(sourcePath, { content, draft: "cell" in prepared ? prepared.cell : undefined });
      return { sourcePath };
    },
    source({ source, sourceReference }) {
      const file = String(source?.path ?? sourceReference ?? "");
      const cell = dumped.get(file)?.content ?? scripts.of(file).at(-1)?.source;
      if (cell === undefined && !path.isAbsolute(file)) throw new Error(`There is no source ${file}.`);
      return { content: cell ?? readFileSync(file, "utf8"), mimeType: "text/typescript" };
    },
    modules() {
      const modules = scripts.modules().map((module) => ({ id: module.path, ...module }));
      return { modules, totalModules: modules.length };
    },
    threads: () => ({ threads: [thread] }),
  };

  const started: Record<string, (given: Content, to: Attachment) => Content | Promise<Content>> = {
    attach() {
      emit("initialized", {});
      return {};
    },
    configurationDone: () => ({}),
    async setBreakpoints({ source, breakpoints = [] }, to) {
      const file = String(source?.path);
      const lines = breakpoints.map(({ line }: Content) => Number(line));
      return {
        breakpoints: await to.breakpoints.set(file, lines, scripts.of(file), dumped.get(file)?.draft),
      };
    },
    async setExceptionBreakpoints({ filters = [] }, to) {
      const state = ["all", "uncaught"].find((filter) => filters.includes(filter)) ?? "none";
      expose(state === "uncaught");
      await to.post("Debugger.setPauseOnExceptions", { state });
      return {};
    },
    stackTrace({ startFrame = 0, levels = 0 }, to) {
      const frames = (to.frames() ?? []).map(({ function: name, line, column, ...where }, index) => ({
        id: index + 1,
        name,
        line,
        column,
        source: { name: where.name, path: where.path, sourceReference: 0 },
      }));
      const shown = frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined);
      return { stackFrames: shown, totalFrames: frames.length };
    },
    scopes: async ({ frameId }, to) => ({ scopes: await to.scopes(frameOf(to, frameId)) }),
    variables: async ({ variablesReference, start, count }, to) => ({
      variables: await to.variables(Number(variablesReference), { start, count }),
    }),
    async inspectVariables(_, to) {
      // Clients ask at each message of a cell: one question at a time is enough.
      listed ??= to.session().finally(() => {
        listed = undefined;
      });
      return { variables: await listed };
    },
    async richInspectVariables({ variableName, frameId }, to) {
      if (!isName(variableName)) return { data: {}, metadata: {} };
      const wrap = (expression: string) => `${debuggee}.bundle(${expression})`;
      return { data: JSON.parse(await to.ask(variableName, wrap, callOf(to, frameId))), metadata: {} };
    },
    async evaluate({ expression, frameId }, to) {
      return to.evaluate(await javaScript(String(expression ?? "")), callOf(to, frameId));
    },
    async copyToGlobals({ srcVariableName, dstVariableName, srcFrameId }, to) {
      if (!isName(srcVariableName) || !isName(dstVariableName))
        throw new Error("A variable's name is made of letters, digits, $ and _: give two such names.");
      const wrap = (expression: string) => `${debuggee}.define("${dstVariableName}", ${expression})`;
      await to.ask(srcVariableName, wrap, frameOf(to, srcFrameId).call);
      cells.declare(dstVariableName);
      return {};
    },
    async continue(_, to) {
      await to.continue();
      return { allThreadsContinued: true };
    },
    async pause(_, to) {
      await to.pause();
      return {};
    },
  };
  for (const command of Object.keys(steps) as (keyof typeof steps)[])
    started[command] = async (_, to) => {
      await to.step(command);
      return {};
    };

  const bodyOf = (command: string, given: Content): Content | Promise<Content> => {
    if (Object.hasOwn(always, command)) return always[command]!(given);
    if (!Object.hasOwn(started, command)) throw new Error(`The debugger knows no request "${command}".`);
    if (!attached) throw new Error(`Start the debugger before "${command}": it is not attached.`);
    return started[command]!(given, attached);
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
    async cell(name, cell) {
      const known = scripts.addCell(name, cell);
      await attached?.breakpoints.bind(known).catch(() => {});
    },
    async module(identifier, file, script) {
      const known = scripts.addModule(identifier, file, script);
      await attached?.breakpoints.bind(known).catch(() => {});
    },
    release() {
      if (attached?.frames()) attached.post("Debugger.resume", { terminateOnResume: true }).catch(() => {});
    },
    end,
  };
}
