import { type AsyncHook, createHook } from "node:async_hooks";
import { apply, pin } from "./intrinsics.ts";
import { clearAsyncIds } from "./uncaught-errors.ts";

/** Node's internal state of async hooks, in memory that it shares with JavaScript. */
interface AsyncWrap {
  clearAsyncIdStack(): void;
  async_hook_fields: Uint32Array;
  constants: { kTotals: number; kCheck: number };
}

/**
 * Keeps Node from aborting the process when V8 terminates code while async hooks are in use.
 *
 * Node keeps a stack of the ids of the running callbacks. Code that V8 terminates does not remove its ids. While there
 * are hooks, Node checks the stack at the end of each callback, and aborts the process if it finds an id that does not
 * belong there. So the checks are turned off until the terminated code is gone, and the stack is cleared then. To clear
 * it before is not enough: V8 ends the code only at its next function call or iteration, and until then it can add ids.
 */
export interface AsyncHooksGuard {
  /** Must be called before a termination. */
  beforeTermination(): void;
  /** Must be called in a callback that is not terminated. */
  afterTermination(): void;
}

/** For Node up to 22, where `AsyncLocalStorage` is based on hooks: the checks have switches of their own. */
function guardByFields(wrap: AsyncWrap): AsyncHooksGuard {
  const { async_hook_fields: fields, constants } = wrap;
  const saved = { kTotals: 0, kCheck: 0 };
  const turnOff = (name: keyof typeof saved) => {
    saved[name] += fields[constants[name]]!;
    fields[constants[name]] = 0;
  };
  const turnOn = (name: keyof typeof saved) => {
    fields[constants[name]]! += saved[name];
    saved[name] = 0;
  };
  return {
    beforeTermination() {
      turnOff("kTotals");
      turnOff("kCheck");
    },
    afterTermination() {
      wrap.clearAsyncIdStack();
      turnOn("kTotals");
      turnOn("kCheck");
    },
  };
}

/** For later versions, where that state is not accessible: the hooks that cells and packages use are disabled. */
function guardByHooks(): AsyncHooksGuard {
  const noHook = createHook({});
  const prototype = Object.getPrototypeOf(noHook) as AsyncHook;
  const { enable, disable } = prototype;
  const enabled = pin(new Set<AsyncHook>());
  prototype.enable = function () {
    enabled.add(this);
    return apply(enable, this, []);
  };
  prototype.disable = function () {
    enabled.delete(this);
    return apply(disable, this, []);
  };
  return {
    beforeTermination() {
      enabled.forEach((hook) => void apply(disable, hook, []));
      // Makes Node count the enabled hooks again: it does not count those that are disabled within a hook's call.
      apply(enable, noHook, []);
      apply(disable, noHook, []);
    },
    afterTermination() {
      if (enabled.size > 0) clearAsyncIds(() => enabled.forEach((hook) => void apply(enable, hook, [])));
    },
  };
}

/** Creates the guard for this version of Node. */
function createGuard(): AsyncHooksGuard {
  try {
    const { binding } = process as unknown as { binding(name: string): AsyncWrap };
    return guardByFields(binding.call(process, "async_wrap"));
  } catch {
    return guardByHooks();
  }
}

/** Creates the guard. `afterTermination` has no effect unless `beforeTermination` was called before it. */
export function guardAsyncHooks(): AsyncHooksGuard {
  const guard = createGuard();
  let isTerminating = false;
  return {
    beforeTermination() {
      isTerminating = true;
      guard.beforeTermination();
    },
    afterTermination() {
      if (isTerminating) guard.afterTermination();
      isTerminating = false;
    },
  };
}
