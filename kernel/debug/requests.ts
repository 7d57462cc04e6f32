import type { Content } from "../protocol/wire.ts";
import type { Cells } from "../session/cells.ts";
import { isIdentifier } from "../session/identifier.ts";
import type { Attachment } from "./attachment.ts";
import { debuggee, javaScript } from "./expression.ts";
import type { Frame } from "./frames.ts";
import type { Sources } from "./sources.ts";
import type { Asking } from "./stops.ts";

/** Answers a request with the body of its reply, or throws a sentence. */
export type Handler = (given: Content, to: Attachment) => Content | Promise<Content>;

/** What requests work with besides the debugger itself. */
export interface Surroundings {
  cells: Pick<Cells, "declare" | "expression" | "names">;
  sources: Sources;
  /** Says whether the errors of cells are to look uncaught. */
  expose(wanted: boolean): void;
}

/** The kinds of errors that can stop the program. */
export const exceptionBreakpointFilters = [
  { filter: "uncaught", label: "Uncaught errors", default: false },
  { filter: "all", label: "All errors, also those that are caught", default: false },
];

const named = (text: unknown): string => {
  if (typeof text === "string" && isIdentifier(text)) return text;
  throw new Error(`"${text}" is not the name of a variable: give one.`);
};

function frameOf({ frames }: Attachment, id: unknown): Frame {
  const frame = frames()?.[Number(id) - 1];
  if (!frame) throw new Error(`There is no frame ${id}: ask for the stack while the program stands still.`);
  return frame;
}

/** The frame that a request is about; undefined where it is about the session. */
const callOf = (to: Attachment, id: unknown) => (to.frames() && id ? frameOf(to, id).call : undefined);

const stackFrame = ({ function: name, line, column, name: source, path }: Frame, index: number): Content => ({
  id: index + 1,
  name,
  line,
  column,
  source: { name: source, path, sourceReference: 0 },
});

/** The answers of a debugger that was started, by command. */
export function requests({ cells, sources, expose }: Surroundings): Record<string, Handler> {
  let listed: ReturnType<Attachment["session"]> | undefined;

  const going =
    (asking: Asking): Handler =>
    async (_, to) => {
      await to.go(asking);
      return { allThreadsContinued: true };
    };

  return {
    configurationDone: () => ({}),
    async setBreakpoints({ source, breakpoints = [] }, { breakpoints: all, scripts }) {
      const file = String(source?.path);
      const lines = breakpoints.map(({ line }: Content) => Number(line));
      return { breakpoints: await all.set(file, lines, scripts.of(file), sources.draft(file)) };
    },
    async setExceptionBreakpoints({ filters = [] }, { post }) {
      const state = ["all", "uncaught"].find((filter) => filters.includes(filter)) ?? "none";
      expose(state === "uncaught");
      await post("Debugger.setPauseOnExceptions", { state });
      return {};
    },
    stackTrace({ startFrame = 0, levels = 0 }, { frames }) {
      const stack = (frames() ?? []).map(stackFrame);
      const end = levels > 0 ? startFrame + levels : stack.length;
      return { stackFrames: stack.slice(startFrame, end), totalFrames: stack.length };
    },
    scopes: async ({ frameId }, to) => ({ scopes: await to.scopes(frameOf(to, frameId)) }),
    variables: async ({ variablesReference, start, count }, { variables }) => ({
      variables: await variables(Number(variablesReference), { start, count }),
    }),
    async inspectVariables(_, { session }) {
      // Clients ask at each message of a cell: one question at a time is enough.
      listed ??= session().finally(() => {
        listed = undefined;
      });
      return { variables: await listed };
    },
    async richInspectVariables({ variableName, frameId }, to) {
      const wrap = (expression: string) => `${debuggee}.bundle(${expression})`;
      const bundle = await to.ask(named(variableName), wrap, callOf(to, frameId));
      return { data: JSON.parse(bundle), metadata: {} };
    },
    evaluate: async ({ expression, frameId }, to) =>
      to.evaluate(await javaScript(String(expression ?? "")), callOf(to, frameId)),
    async copyToGlobals({ srcVariableName, dstVariableName, srcFrameId }, to) {
      const name = named(dstVariableName);
      const wrap = (expression: string) => `${debuggee}.define("${name}", ${expression})`;
      await to.ask(named(srcVariableName), wrap, frameOf(to, srcFrameId).call);
      cells.declare(name);
      return {};
    },
    continue: going("continue"),
    next: going("next"),
    stepIn: going("stepIn"),
    stepOut: going("stepOut"),
    pause: going("pause"),
  };
}
