import type { Debugger, Runtime } from "node:inspector";
import { interrupted } from "../protocol/thread-messages.ts";
import type { Located, Scripts } from "./scripts.ts";

/** What the engine tells when it stops. */
export type Paused = Debugger.PausedEventDataType;

/** A frame of the stack that is shown. Those of waiting async functions have no `call`: their variables are not kept. */
export interface Frame extends Located {
  function: string;
  call?: Debugger.CallFrame;
}

function functionName(call: Debugger.CallFrame, { known }: Located, { isAdded }: Scripts): string {
  if (call.functionName) return call.functionName;
  const start = call.functionLocation;
  if (!known || !start) return "(anonymous)";
  const [line, column] = [start.lineNumber, start.columnNumber ?? 0];
  // What a cell does outside of its functions is in the one that the kernel puts around it; a module has none.
  const outermost = known.source === undefined ? line + column === 0 : isAdded(known.url, line, column);
  return outermost ? known.name : "(anonymous)";
}

/** The place where a frame stands. */
const placeOf = ({ url, location }: Debugger.CallFrame, scripts: Scripts) =>
  scripts.locate(url, location.lineNumber, location.columnNumber ?? 0);

function asyncFrames(trace: Runtime.StackTrace | undefined, scripts: Scripts): Frame[] {
  if (!trace) return [];
  const own = trace.callFrames.flatMap((call): Frame[] => {
    const located = scripts.locate(call.url, call.lineNumber, call.columnNumber);
    const name = call.functionName || located?.known?.name || "(anonymous)";
    return located ? [{ ...located, function: `async ${name}` }] : [];
  });
  return [...own, ...asyncFrames(trace.parent, scripts)];
}

/** The frames of those who wrote cells, modules and packages: not the kernel's, nor Node's own. */
export function framesOf({ callFrames, asyncStackTrace }: Paused, scripts: Scripts): Frame[] {
  const now = callFrames.flatMap((call): Frame[] => {
    const located = placeOf(call, scripts);
    return located ? [{ ...located, function: functionName(call, located, scripts), call }] : [];
  });
  return [...now, ...asyncFrames(asyncStackTrace, scripts)];
}

/** Where the program stands, or stood when a step began. */
export interface Standing {
  url: string;
  /** The line of the source, from 1. */
  line: number;
  /** The place in the script, as the engine counts. */
  at: Debugger.Location;
  /** How many frames there are. */
  depth: number;
}

/** Where the program stands. undefined where nobody wrote what it does there. */
export function standingOf({ callFrames }: Paused, scripts: Scripts): Standing | undefined {
  const [top] = callFrames;
  const located = top && placeOf(top, scripts);
  return located && { url: top.url, line: located.line, at: top.location, depth: callFrames.length };
}

/** Whether one has only come to another call of the same line. */
function sameLine(a: Standing, b: Standing): boolean {
  const further =
    a.at.lineNumber < b.at.lineNumber ||
    (a.at.lineNumber === b.at.lineNumber && (a.at.columnNumber ?? 0) < (b.at.columnNumber ?? 0));
  return a.depth === b.depth && a.url === b.url && a.line === b.line && further;
}

/** Whether a cell itself, not a function of it, is about to return its value: it has nothing more to do. */
function isEndOfCell(call: Debugger.CallFrame, { isAdded }: Scripts): boolean {
  const start = call.functionLocation;
  return (
    call.returnValue !== undefined &&
    start !== undefined &&
    isAdded(call.url, start.lineNumber, start.columnNumber ?? 0)
  );
}

const isError = (reason: string) => /exception|promiseRejection/i.test(reason);

/** What an error says, in one line. */
const errorText = ({ data }: Paused): string =>
  String((data as Runtime.RemoteObject | undefined)?.description ?? "").split("\n")[0]!;

/** Whether an error is the one by which the kernel ends a cell that was interrupted. */
const isInterrupt = (paused: Paused, scripts: Scripts) =>
  errorText(paused).endsWith(interrupted.evalue) && !placeOf(paused.callFrames[0]!, scripts);

/** What was asked of the program: where it is to stop next. */
export interface Asked {
  kind: "step" | "pause";
  /** The engine's method for it, which is repeated while the program stops in code that nobody wrote. */
  method: string;
  /** Where a step into a call began: it has not ended before the call. */
  from?: Standing | undefined;
}

/**
 * Why the program stands still, as the client is told; undefined where it is to go on: in the midst of a step,
 * in code that the kernel added, or where nothing can be shown.
 */
export function stopOf(
  paused: Paused,
  asked: Asked | undefined,
  scripts: Scripts,
): { reason: string; description?: string; text?: string } | undefined {
  const { reason, hitBreakpoints = [], callFrames } = paused;
  if (!callFrames.some((call) => placeOf(call, scripts))) return undefined;
  if (isError(reason)) {
    if (isInterrupt(paused, scripts)) return undefined;
    return { reason: "exception", description: "Paused on an error", text: errorText(paused) };
  }
  if (hitBreakpoints.length > 0) return { reason: "breakpoint" };
  if (!asked) return { reason: "breakpoint", description: "Paused at a debugger statement" };
  const here = standingOf(paused, scripts);
  if (!here || isEndOfCell(callFrames[0]!, scripts)) return undefined;
  return asked.from && sameLine(asked.from, here) ? undefined : { reason: asked.kind };
}

/** The scopes of a frame that are shown: what functions and blocks declare, and what they close over. */
export function scopesOf(call: Debugger.CallFrame): { name: string; objects: Runtime.RemoteObject[] }[] {
  const those = (types: Set<string>) =>
    call.scopeChain.filter(({ type }) => types.has(type)).map(({ object }) => object);
  const locals = { name: "Locals", objects: those(new Set(["local", "block", "catch", "eval", "with"])) };
  const outer = { name: "Closure", objects: those(new Set(["closure", "module", "script"])) };
  return [locals, outer].filter(({ objects }) => objects.length > 0);
}

/** Whether a name of a scope is one that the kernel made. */
export const isKernels = (name: string): boolean => /^__(cell$|of_|value$)/.test(name);
