import { tf } from "./tfjs.ts";

/*
 * The private parts of tfjs-core that are used here. Tracing must know whether a gradient is being computed, which
 * variables a function creates, and whether a value is read by user code or by a tfjs kernel, and a gradient function may need gradients itself; tfjs
 * has no public hook for any of these. Each change to tfjs lasts until the returned function is called.
 */

interface Engine {
  readonly state: { readonly gradientDepth: number; activeTape: unknown };
  makeVariable(...args: unknown[]): tf.Variable;
}

const engine = () => tf.engine() as unknown as Engine;

/** Whether tfjs is recording operations for a gradient. */
export const isDifferentiating = (): boolean => engine().state.gradientDepth > 0;

/** Calls `body`, which computes gradients, within a gradient function: tfjs would forget the tape that it is following. */
export function withOwnTape<T>(body: () => T): T {
  const { state } = engine();
  const tape = state.activeTape;
  try {
    return body();
  } finally {
    state.activeTape = tape;
  }
}

/** Calls `listener` for each tf.Variable that is created until the returned function is called. */
export function onVariableCreated(listener: (variable: tf.Variable) => void): () => void {
  const patched = engine();
  const { makeVariable } = patched;
  patched.makeVariable = (...args) => {
    const variable = makeVariable.apply(patched, args);
    listener(variable);
    return variable;
  };
  return () => {
    patched.makeVariable = makeVariable;
  };
}

/**
 * Tracks whether the GatherV2 kernel is running. That kernel reads its indices to compare them with their bound, which
 * TensorFlow does as well, so that this read must not count as user code reading a value.
 */
export function watchGatherKernel(): { readonly isRunning: () => boolean; readonly stop: () => void } {
  const kernel = tf.getKernel("GatherV2", tf.getBackend());
  const { kernelFunc } = kernel;
  let running = false;
  kernel.kernelFunc = (parameters) => {
    running = true;
    try {
      return kernelFunc(parameters);
    } finally {
      running = false;
    }
  };
  return {
    isRunning: () => running,
    stop: () => {
      kernel.kernelFunc = kernelFunc;
    },
  };
}
