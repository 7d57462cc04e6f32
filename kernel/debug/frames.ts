import type { Debugger, Runtime } from "node:inspector";
import { interruptedError } from "../shared/thread-messages.ts";
import type { Scripts, UserLocation } from "./scripts.ts";

/** The parameters of V8's `Debugger.paused` event. */
export type PausedEvent = Debugger.PausedEventDataType;

/** A stack frame in user code. Awaiting async functions have no `call`, because V8 does not keep their variables. */
export interface Frame extends UserLocation {
  function: string;
  call?: Debugger.CallFrame;
}

function functionName(call: Debugger.CallFrame, { script }: UserLocation, { isInWrapper }: Scripts): string {
  if (call.functionName) return call.functionName;
  const start = call.functionLocation;
  if (!script || !start) return "(anonymous)";
  const [line, column] = [start.lineNumber, start.columnNumber ?? 0];
  // The top level of a cell is the function that the kernel wraps it in; that of a module starts at 0:0.
  const isTopLevel =
    script.source === undefined ? line + column === 0 : isInWrapper(script.url, line, column);
  return isTopLevel ? script.name : "(anonymous)";
}

const locationOf = ({ url, location }: Debugger.CallFrame, scripts: Scripts) =>
  scripts.locate(url, location.lineNumber, location.columnNumber ?? 0);

function asyncFrames(trace: Runtime.StackTrace | undefined, scripts: Scripts): Frame[] {
  if (!trace) return [];
  const frames = trace.callFrames.flatMap((call): Frame[] => {
    const location = scripts.locate(call.url, call.lineNumber, call.columnNumber);
    const name = call.functionName || location?.script?.name || "(anonymous)";
    return location ? [{ ...location, function: `async ${name}` }] : [];
  });
  return [...frames, ...asyncFrames(trace.parent, scripts)];
}

/** The stack frames in user code, i.e. cells, modules and packages but not the kernel or Node itself. */
export function userFrames({ callFrames, asyncStackTrace }: PausedEvent, scripts: Scripts): Frame[] {
  const frames = callFrames.flatMap((call): Frame[] => {
    const location = locationOf(call, scripts);
    return location ? [{ ...location, function: functionName(call, location, scripts), call }] : [];
  });
  return [...frames, ...asyncFrames(asyncStackTrace, scripts)];
}

/** The position at which execution is paused, or was when a step began. */
export interface PausePosition {
  url: string;
  /** The source line, from 1. */
  line: number;
  /** The location in the script. */
  location: Debugger.Location;
  /** The number of stack frames. */
  depth: number;
}

/** The position of the topmost stack frame; undefined if it is not in user code. */
export function pausePosition({ callFrames }: PausedEvent, scripts: Scripts): PausePosition | undefined {
  const [top] = callFrames;
  const source = top && locationOf(top, scripts);
  return source && { url: top.url, line: source.line, location: top.location, depth: callFrames.length };
}

/** Whether `to` is later than `from` in the same line and stack frame. */
function isSameLine(from: PausePosition, to: PausePosition): boolean {
  const [a, b] = [from.location, to.location];
  const isLater =
    a.lineNumber < b.lineNumber ||
    (a.lineNumber === b.lineNumber && (a.columnNumber ?? 0) < (b.columnNumber ?? 0));
  return from.depth === to.depth && from.url === to.url && from.line === to.line && isLater;
}

/** Whether a frame is the top level of a cell, at its return. */
function isEndOfCell(call: Debugger.CallFrame, { isInWrapper }: Scripts): boolean {
  const start = call.functionLocation;
  return (
    call.returnValue !== undefined &&
    start !== undefined &&
    isInWrapper(call.url, start.lineNumber, start.columnNumber ?? 0)
  );
}

const isErrorReason = (reason: string) => /exception|promiseRejection/i.test(reason);

/** The first line of an error's description. */
const errorText = ({ data }: PausedEvent): string =>
  String((data as Runtime.RemoteObject | undefined)?.description ?? "")
    .split("\n", 1)
    .join();

/** Whether an error was thrown by the kernel to end an interrupted cell. */
const isInterrupt = (event: PausedEvent, scripts: Scripts) =>
  errorText(event).endsWith(interruptedError.evalue) && !pausePosition(event, scripts);

/** A step or pause that was requested and has not stopped execution yet. */
export interface PendingStop {
  kind: "step" | "pause";
  /** The inspector method that continues it if execution stops outside of user code. */
  method: string;
  /** The position at which a "step in" began. Stops in the same line and frame are skipped, to reach the callee. */
  from?: PausePosition | undefined;
}

/**
 * The body of the `stopped` event for a pause of V8. Undefined if execution must continue because the pause is within a
 * step, in code added by the kernel, or without any user code on the stack.
 */
export function stopReason(
  event: PausedEvent,
  pending: PendingStop | undefined,
  scripts: Scripts,
): { reason: string; description?: string; text?: string } | undefined {
  const { reason, hitBreakpoints = [], callFrames } = event;
  if (!callFrames.some((call) => locationOf(call, scripts))) return undefined;
  if (isErrorReason(reason)) {
    if (isInterrupt(event, scripts)) return undefined;
    return { reason: "exception", description: "Paused on an error", text: errorText(event) };
  }
  if (hitBreakpoints.length > 0) return { reason: "breakpoint" };
  if (!pending) return { reason: "breakpoint", description: "Paused at a debugger statement" };
  const [top] = callFrames;
  const position = pausePosition(event, scripts);
  if (!top || !position || isEndOfCell(top, scripts)) return undefined;
  return pending.from && isSameLine(pending.from, position) ? undefined : { reason: pending.kind };
}

const localScopes = new Set<string>(["local", "block", "catch", "eval", "with"]);
const closureScopes = new Set<string>(["closure", "module", "script"]);

/** The scopes of a frame: its local variables, and those of enclosing functions. Global variables are left out. */
export function scopesOf(call: Debugger.CallFrame): { name: string; objects: Runtime.RemoteObject[] }[] {
  const objectsOf = (types: ReadonlySet<string>) =>
    call.scopeChain.filter(({ type }) => types.has(type)).map(({ object }) => object);
  const scopes = [
    { name: "Locals", objects: objectsOf(localScopes) },
    { name: "Closure", objects: objectsOf(closureScopes) },
  ];
  return scopes.filter(({ objects }) => objects.length > 0);
}

/** Whether a local variable was added by the kernel when it rewrote a cell. */
export const isKernelVariable = (name: string): boolean => /^__(cell$|of_|value$)/.test(name);
