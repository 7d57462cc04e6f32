/*
 * Stack traces deep enough to reach user code, which is more than V8's default of 10 frames above a TensorFlow call:
 * the frames of tfjs's operations, gradients and `tidy` lie between.
 */

const FRAMES = 40;

/** A stack trace, which shows where user code called TensorFlow. */
export interface CallSite {
  readonly stack?: string;
}

/** Captures the caller's stack. */
export function captureCallSite(): CallSite {
  const callSite: CallSite = {};
  captureDeepStack(callSite);
  return callSite;
}

/** Sets `target.stack` to the stack of the caller, up to `FRAMES` frames. */
export function captureDeepStack(target: CallSite): void {
  // V8 takes the number of frames from this global only.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(target, captureDeepStack);
  Error.stackTraceLimit = stackTraceLimit;
}

/** ` at file:line` of the first frame that belongs neither to this folder nor to a library; empty if there is none. */
export function describeCallSite({ stack = "" }: CallSite): string {
  const frames = stack.split("\n").slice(1);
  const isLibrary = (frame: string) => /node_modules|tfjs-(core|node)|node:/.test(frame);
  const userFrame = frames
    .slice(frames.findIndex(isLibrary))
    .find((frame) => !isLibrary(frame) && /:\d+\)?$/.test(frame));
  const place = userFrame?.match(/\(?((?:file:\/\/)?[^()\s]+:\d+):\d+\)?$/)?.[1];
  return place === undefined ? "" : ` at ${place.replace(/^file:\/\//, "")}`;
}
