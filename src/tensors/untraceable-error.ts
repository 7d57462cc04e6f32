import { captureDeepStack } from "./call-site.ts";

/** A function cannot be compiled; the message says why and what to change. */
export class UntraceableError extends Error {
  override name = "UntraceableError";

  constructor(message: string) {
    super(message);
    captureDeepStack(this);
  }
}
