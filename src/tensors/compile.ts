import { describeArguments, replaceTensors } from "./arguments.ts";
import type { tf } from "./backend.ts";
import { fill } from "./nested.ts";
import { loadProgram, type Program } from "./program.ts";
import { UntraceableError } from "./recorder.ts";
import {
  disposeProgram,
  pullVariables,
  pushVariables,
  refuseDisposed,
  runOnVariables,
} from "./session-variables.ts";
import { difference } from "./trace-check.ts";
import { asIsland, isTracing, type Trace, trace } from "./tracer.ts";

export { UntraceableError } from "./recorder.ts";
export { pullVariables } from "./session-variables.ts";
export { fused, whileLoop } from "./tracer.ts";

/** How to compile a function. */
export interface CompileOptions {
  /** For messages; the function's own name unless told. */
  readonly name?: string;
  /** The most specialisations that are kept, those used last; 8 unless told. */
  readonly cacheSize?: number;
  /** Whether XLA compiles the whole computation: slower to start, faster where operations are small. */
  readonly jit?: boolean;
  /** What to do with a function that cannot be traced: throw, or run it as it is. */
  readonly fallback?: "throw" | "eager";
  /** Whether to trace again at calls 2, 16, 128, … to find numbers that were frozen; on unless told. */
  readonly check?: boolean;
}

/** A compiled function. */
export type Compiled<A extends readonly unknown[], R> = ((...args: A) => R) & {
  /** Brings the variables that calls have changed to their tf.Variables, for eager code to read. */
  pull(): void;
  /** Makes the tf.Variables' values those of the next call. Assigning one does so by itself. */
  push(): void;
  /** Frees the sessions; variables keep the values that calls gave them. A later call compiles anew. */
  dispose(): void;
  /** How many specialisations are held. */
  readonly size: number;
};

interface Specialisation {
  readonly trace: Trace;
  readonly program: Program;
  calls: number;
}

/**
 * What `tf.function` is to Python: `fn` with the same arguments and results, traced into one TensorFlow graph
 * per combination of shapes and types and from then on run by one native call.
 *
 * Arguments and results are tensors, in nested arrays and plain objects. Tensor arguments are fed to the graph.
 * Every other argument (numbers, strings, booleans) is part of the specialisation: each new value is traced
 * anew, and more than `cacheSize` numbers in one place are refused, since they should be scalar tensors.
 * `tf.Variable`s, passed or not, live in the graph's session; functions share them, and eager code sees their
 * values after `pull`. An optimiser's own variables and counters in variables are treated like any other. The
 * result is not differentiable from outside; gradients inside are traced like all else.
 *
 * All else that `fn` reads is frozen when it is traced: numbers and tensors of its closure, random numbers made
 * in JavaScript, the path taken. To catch what changes, `fn` is traced again at its second, sixteenth, 128th …
 * call of a specialisation and compared, constant by constant: what differs throws, named with its value before
 * and now and the line that reads it. A step counter, a learning rate or fresh random numbers are found so at
 * the second call, before it returns anything.
 *
 * Throws an `UntraceableError` that names the operation where `fn` reads a value, draws random numbers by a
 * TensorFlow operation or has results whose shape depends on values; with `fallback: "eager"` such a
 * specialisation runs uncompiled instead.
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

  const retrace = (args: A, inputs: readonly tf.Tensor[]): Trace =>
    trace((standIns) => {
      const next = standIns.values();
      return fn(...(replaceTensors(args, () => next.next().value) as A));
    }, inputs);

  const specialise = (args: A, inputs: readonly tf.Tensor[]): Specialisation | "eager" => {
    try {
      const traced = retrace(args, inputs);
      return { trace: traced, program: loadProgram(traced, jit), calls: 0 };
    } catch (error) {
      if (fallback === "eager" && error instanceof UntraceableError) return "eager";
      throw error;
    }
  };

  /**
   * Compares `fn` as it is now with its trace at calls 2, 16, 128 and so on. Where they differ it throws, or tells to
   * run `fn` as it is: only at the second call, before any result can have been wrong.
   */
  const mustRunEagerly = (known: Specialisation, args: A, inputs: readonly tf.Tensor[]): boolean => {
    if (!check || !Number.isInteger(Math.log2(known.calls / 2) / 3)) return false;
    const found = difference(known.trace, retrace(args, inputs));
    if (found === undefined) return false;
    if (fallback === "eager" && known.calls === 2) return true;
    throw new UntraceableError(
      `${name} cannot be compiled as it is: ${found} since it was traced. A compiled function keeps what it was ` +
        "traced with, so pass what changes as an argument, a scalar tensor for a number (tf.scalar), or hold it in a tf.Variable.",
    );
  };

  const refuseManyNumbers = (key: string, pattern: string) => {
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
    if (isTracing()) return jit ? asIsland(() => fn(...args)) : fn(...args);
    const { key, pattern, inputs } = describeArguments(args);
    if (!cache.has(key)) refuseManyNumbers(key, pattern);
    const known = cache.get(key) ?? specialise(args, inputs);
    cache.delete(key);
    cache.set(key, known);
    while (cache.size > cacheSize) evict(cache);
    if (known === "eager") return runEagerly(args);
    refuseDisposed(known.program);
    known.calls += 1;
    if (mustRunEagerly(known, args, inputs)) {
      disposeProgram(known.program);
      cache.set(key, "eager");
      return runEagerly(args);
    }
    const outputs = runOnVariables(known.program, inputs);
    return fill(known.trace.result, outputs) as R;
  };
  const variables = () =>
    [...cache.values()].flatMap((one) =>
      one === "eager" ? [] : one.program.variables.map(({ variable }) => variable),
    );
  const own = {
    pull: () => pullVariables(variables()),
    push: () => pushVariables(variables()),
    dispose: () => {
      while (cache.size > 0) evict(cache);
      numbersSeen.clear();
    },
  };
  return Object.defineProperty(Object.assign(call, own), "size", { get: () => cache.size }) as Compiled<A, R>;
}

function evict(cache: Map<string, Specialisation | "eager">) {
  const [key, oldest] = [...cache][0]!;
  cache.delete(key);
  if (oldest !== "eager") disposeProgram(oldest.program);
}
