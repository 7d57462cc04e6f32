import { describeArguments, replaceTensors } from "./arguments.ts";
import { type GraphSession, loadGraph } from "./graph-session.ts";
import { unflatten } from "./nested-tensors.ts";
import {
  checkNotDisposed,
  disposeSession,
  pullVariables,
  pushVariables,
  runOnVariables,
} from "./session-variables.ts";
import type { tf } from "./tfjs.ts";
import { traceDifference } from "./trace-difference.ts";
import { asXlaCluster, isTracing, type Trace, trace } from "./tracer.ts";
import { UntraceableError } from "./untraceable-error.ts";

export { pullVariables } from "./session-variables.ts";
export { after, asXlaCluster, fused, whileLoop } from "./tracer.ts";
export { UntraceableError } from "./untraceable-error.ts";

/** Options of `compile`. */
export interface CompileOptions {
  /** Name in error messages, default the function's own name. */
  readonly name?: string;
  /** Number of specialisations to keep, least recently used first out; default 8. */
  readonly cacheSize?: number;
  /** Whether XLA compiles the whole graph, default false. Slower to start, faster if operations are small. */
  readonly jit?: boolean;
  /** Whether a function that cannot be traced throws (default) or runs eagerly. */
  readonly fallback?: "throw" | "eager";
  /** Whether to trace again at calls 2, 16, 128, … to find values that must not be frozen; default true. */
  readonly check?: boolean;
}

/** A compiled function. */
export type Compiled<A extends readonly unknown[], R> = ((...args: A) => R) & {
  /** Copies the values that calls have assigned to variables to their tf.Variables, for eager code to read. */
  pull(): void;
  /** Makes the next call use the tf.Variables' values. Assigning a tf.Variable has the same effect. */
  push(): void;
  /** Frees the sessions after `pull`. A later call compiles again. */
  dispose(): void;
  /** Number of specialisations in the cache. */
  readonly size: number;
};

interface Specialisation {
  readonly trace: Trace;
  readonly session: GraphSession;
  calls: number;
}

/**
 * The equivalent of Python's `tf.function`: a function with the arguments and results of `fn`, which is traced into one
 * TensorFlow graph for each combination of shapes and dtypes and then runs as one native call.
 *
 * Arguments and results are tensors in nested arrays and plain objects. Tensor arguments are fed to the graph. Each new
 * value of any other argument (number, string, boolean) makes a new specialisation; if a number takes more than
 * `cacheSize` values, the call throws, because it should be a scalar tensor. `tf.Variable`s, passed or not, live in the
 * graph's session; compiled functions share them, and eager code sees their values after `pull`. This includes the
 * variables of an optimiser. Gradients can be computed inside `fn`, but not through the compiled function.
 *
 * Everything else that `fn` reads is frozen by the trace: numbers and tensors of its closure, random numbers made in
 * JavaScript, the branch taken. To find values that change, `fn` is traced again at calls 2, 16, 128, … of a
 * specialisation and the traces are compared. A difference throws an error with the old and new value and the line that
 * reads it. A step counter, a learning rate or fresh random numbers are thus found at the second call, before it returns.
 *
 * Throws an `UntraceableError` that names the operation if `fn` reads a value, draws random numbers by a TensorFlow
 * operation, or has results whose shape depends on values. With `fallback: "eager"` such a specialisation runs `fn`
 * itself instead.
 */
export function compile<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: CompileOptions = {},
): Compiled<A, R> {
  const {
    name = fn.name || "the compiled function",
    cacheSize = 8,
    jit = false,
    fallback,
    check = true,
  } = options;
  const cache = new Map<string, Specialisation | "eager">();
  const numbersSeen = new Map<string, Set<string>>();

  const callTraced = (args: A): R => (jit ? asXlaCluster(() => fn(...args)) : fn(...args));
  const retrace = (args: A, inputs: readonly tf.Tensor[]): Trace =>
    trace((standIns) => {
      const next = standIns.values();
      return callTraced(replaceTensors(args, () => next.next().value) as A);
    }, inputs);

  const specialise = (args: A, inputs: readonly tf.Tensor[]): Specialisation | "eager" => {
    try {
      const traced = retrace(args, inputs);
      return { trace: traced, session: loadGraph(traced), calls: 0 };
    } catch (error) {
      if (fallback === "eager" && error instanceof UntraceableError) return "eager";
      throw error;
    }
  };

  /**
   * At calls 2, 16, 128, … traces `fn` again and compares. If the traces differ, throws or, at the second call with
   * `fallback: "eager"`, returns true; at later calls earlier results may have been wrong already.
   */
  const mustRunEagerly = (known: Specialisation, args: A, inputs: readonly tf.Tensor[]): boolean => {
    if (!check || !Number.isInteger(Math.log2(known.calls / 2) / 3)) return false;
    const found = traceDifference(known.trace, retrace(args, inputs));
    if (found === undefined) return false;
    if (fallback === "eager" && known.calls === 2) return true;
    throw new UntraceableError(
      `${name} cannot be compiled as it is: ${found} since it was traced. A compiled function keeps what it was ` +
        "traced with, so pass what changes as an argument, a scalar tensor for a number (tf.scalar), or hold it in a tf.Variable.",
    );
  };

  const checkNumberOfValues = (key: string, pattern: string) => {
    const seen = numbersSeen.get(pattern) ?? new Set();
    numbersSeen.set(pattern, seen.add(key));
    if (seen.size <= cacheSize || fallback === "eager") return;
    const [one, other] = [...seen].slice(-2);
    throw new UntraceableError(
      `${name} was called with more than ${cacheSize} values of a JavaScript number, each of which is compiled anew ` +
        `(arguments ${one}, then ${other}): pass numbers that change as scalar tensors (tf.scalar).`,
    );
  };

  const runEagerly = (args: A): R => {
    pullVariables();
    return fn(...args);
  };

  const call = (...args: A): R => {
    if (isTracing()) return callTraced(args);
    const { key, pattern, inputs } = describeArguments(args);
    if (!cache.has(key)) checkNumberOfValues(key, pattern);
    const known = cache.get(key) ?? specialise(args, inputs);
    cache.delete(key);
    cache.set(key, known);
    while (cache.size > cacheSize) evict(cache);
    if (known === "eager") return runEagerly(args);
    checkNotDisposed(known.session);
    known.calls += 1;
    if (mustRunEagerly(known, args, inputs)) {
      disposeSession(known.session);
      cache.set(key, "eager");
      return runEagerly(args);
    }
    const outputs = runOnVariables(known.session, inputs);
    return unflatten(known.trace.resultStructure, outputs) as R;
  };
  const variables = () =>
    [...cache.values()].flatMap((one) =>
      one === "eager" ? [] : one.session.variables.map(({ variable }) => variable),
    );
  const methods = {
    pull: () => pullVariables(variables()),
    push: () => pushVariables(variables()),
    dispose: () => {
      while (cache.size > 0) evict(cache);
      numbersSeen.clear();
    },
  };
  return Object.defineProperty(Object.assign(call, methods), "size", { get: () => cache.size }) as Compiled<
    A,
    R
  >;
}

/** Removes the least recently used specialisation. */
function evict(cache: Map<string, Specialisation | "eager">) {
  const [entry] = cache;
  if (entry === undefined) return;
  const [key, oldest] = entry;
  cache.delete(key);
  if (oldest !== "eager") disposeSession(oldest.session);
}
