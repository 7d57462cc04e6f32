import { inspect } from "node:util";

/** The state of a promise that is not fulfilled, as `util.inspect` writes it. A text within a promise has quotes. */
const STATE = /^[^{]*\{\s*<(?:pending|rejected)>/;

/** Whether a promise has a value. Nothing in JavaScript itself says so without waiting. */
export const isFulfilled = (promise: Promise<unknown>): boolean =>
  !STATE.test(inspect(promise, { depth: 0, customInspect: false }));
