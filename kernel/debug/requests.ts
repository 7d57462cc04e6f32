import type { Cells } from "../session/cells.ts";
import { isIdentifier } from "../session/identifier.ts";
import type { Content } from "../shared/content.ts";
import type { Attachment } from "./attachment.ts";
import { compileExpression, debuggee } from "./expression.ts";
import type { Frame } from "./frames.ts";
import type { Sources } from "./sources.ts";
import type { ExecutionCommand } from "./stops.ts";

/** Handles a request: returns the body of the response, or throws an error with its message. */
export type RequestHandler = (args: Content, attachment: Attachment) => Content | Promise<Content>;

export interface RequestDeps {
  cells: Pick<Cells, "declare" | "prepareExpression" | "names">;
  sources: Sources;
  /** Turns uncaught mode on or off for the following cells. */
  setUncaughtMode(enabled: boolean): void;
}

export const exceptionBreakpointFilters = [
  { filter: "uncaught", label: "Uncaught errors", default: false },
  { filter: "all", label: "All errors, including caught ones", default: false },
];

/** @throws if a value is not an identifier */
const variableName = (value: unknown): string => {
  if (typeof value === "string" && isIdentifier(value)) return value;
  throw new Error(`"${value}" is not a variable name: pass an identifier.`);
};

function frameOf({ frames }: Attachment, id: unknown): Frame {
  const frame = frames()?.[Number(id) - 1];
  if (!frame)
    throw new Error(
      `There is no frame ${id}: use a frame of a stackTrace requested during the current stop.`,
    );
  return frame;
}

/** The call frame with an id; undefined, for global evaluation, if there is no id or execution is not paused. */
const callOf = (attachment: Attachment, id: unknown) =>
  attachment.frames() && id ? frameOf(attachment, id).call : undefined;

const stackFrame = ({ function: name, line, column, name: source, path }: Frame, index: number): Content => ({
  id: index + 1,
  name,
  line,
  column,
  source: { name: source, path, sourceReference: 0 },
});

/** The handlers of the requests that need an attached debugger, by command. */
export function requestHandlers({
  cells,
  sources,
  setUncaughtMode,
}: RequestDeps): Record<string, RequestHandler> {
  let pendingVariables: ReturnType<Attachment["sessionVariables"]> | undefined;

  const execute =
    (command: ExecutionCommand): RequestHandler =>
    async (_, attachment) => {
      await attachment.execute(command);
      return { allThreadsContinued: true };
    };

  return {
    configurationDone: () => ({}),
    async setBreakpoints({ source, breakpoints: requested = [] }, { breakpoints, scripts }) {
      const file = String(source?.path);
      const lines = requested.map(({ line }: Content) => Number(line));
      return { breakpoints: await breakpoints.set(file, lines, scripts.bySource(file), sources.draft(file)) };
    },
    async setExceptionBreakpoints({ filters = [] }, { post }) {
      const state = ["all", "uncaught"].find((filter) => filters.includes(filter)) ?? "none";
      setUncaughtMode(state === "uncaught");
      await post("Debugger.setPauseOnExceptions", { state });
      return {};
    },
    stackTrace({ startFrame = 0, levels = 0 }, { frames }) {
      const stack = (frames() ?? []).map(stackFrame);
      const end = levels > 0 ? startFrame + levels : stack.length;
      return { stackFrames: stack.slice(startFrame, end), totalFrames: stack.length };
    },
    scopes: async ({ frameId }, attachment) => ({
      scopes: await attachment.scopes(frameOf(attachment, frameId)),
    }),
    variables: async ({ variablesReference, start, count }, { variables }) => ({
      variables: await variables(Number(variablesReference), { start, count }),
    }),
    async inspectVariables(_, { sessionVariables }) {
      // Clients send this for each message of a cell. Concurrent requests share one answer.
      pendingVariables ??= sessionVariables().finally(() => {
        pendingVariables = undefined;
      });
      return { variables: await pendingVariables };
    },
    async richInspectVariables({ variableName: name, frameId }, attachment) {
      const wrap = (expression: string) => `${debuggee}.bundle(${expression})`;
      const call = callOf(attachment, frameId);
      const bundle = await attachment.evaluateWrapped(variableName(name), wrap, call);
      return { data: JSON.parse(bundle), metadata: {} };
    },
    evaluate: async ({ expression, frameId }, attachment) =>
      attachment.evaluate(await compileExpression(String(expression ?? "")), callOf(attachment, frameId)),
    async copyToGlobals({ srcVariableName, dstVariableName, srcFrameId }, attachment) {
      const name = variableName(dstVariableName);
      const wrap = (expression: string) => `${debuggee}.define("${name}", ${expression})`;
      const { call } = frameOf(attachment, srcFrameId);
      await attachment.evaluateWrapped(variableName(srcVariableName), wrap, call);
      cells.declare(name);
      return {};
    },
    continue: execute("continue"),
    next: execute("next"),
    stepIn: execute("stepIn"),
    stepOut: execute("stepOut"),
    pause: execute("pause"),
  };
}
