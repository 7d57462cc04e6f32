import { tf } from "./backend.ts";
import { copy, nodeBackend } from "./native.ts";
import { fill, leaves } from "./nested.ts";
import { type Graph, type Recorder, record, type TracedValue, UntraceableError } from "./recorder.ts";

/*
 * Records what a function of tensors asks of TensorFlow. Every tfjs operation ends in a call of the native
 * binding's `executeOp`, with TensorFlow's own names of operations and attributes: while a trace is on, those
 * calls still compute and are also written down, as nodes of a graph.
 */

/** A function's graph for one set of input shapes. */
export interface Trace extends Graph {
  readonly inputs: readonly TracedValue[];
  readonly variables: readonly { variable: tf.Variable; value: TracedValue; assigned?: TracedValue }[];
  /** The tensors in the function's result, in the order of `leaves`. */
  readonly outputs: readonly TracedValue[];
  /** The result, with each tensor replaced by its place in `outputs`. */
  readonly result: unknown;
}

let recorder: Recorder | undefined;
let island: number | undefined;
let islands = 0;

/** Whether a function is being traced. */
export const isTracing = (): boolean => recorder !== undefined;

/**
 * Runs `body`, and while tracing marks it as one part, which XLA compiles to as few kernels as it can. That pays
 * for chains of element-wise operations on many numbers, so that nothing is marked where `size`, how many they
 * are, is below 2^18. Parts within a part belong to it.
 */
export function fused<T>(size: number, body: () => T): T {
  return isTracing() && size >= 2 ** 18 ? asIsland(body) : body();
}

/** `fused` for any size. */
export function asIsland<T>(body: () => T): T {
  if (island !== undefined) return body();
  island = islands++;
  try {
    return body();
  } finally {
    island = undefined;
  }
}

/**
 * `tf.while_loop` of Python: repeats `body` on `state`, tensors in nested arrays and plain objects, for as long as
 * `condition`, a bool scalar, holds of it, and returns the last state. Within a compiled function it is one loop of
 * the graph, however often it goes round; elsewhere it is a loop in JavaScript.
 *
 * Shapes and types must stay as they are. Within a compiled function a loop has no gradient and can assign no
 * variable; it throws an `UntraceableError` where it would need one.
 */
export function whileLoop<S>(condition: (state: S) => tf.Tensor, body: (state: S) => S, state: S): S {
  return recorder === undefined
    ? loopEagerly(condition, body, state)
    : traceLoop(recorder, condition, body, state);
}

function loopEagerly<S>(condition: (state: S) => tf.Tensor, body: (state: S) => S, state: S): S {
  let current = state;
  while (tf.tidy(() => condition(current).dataSync()[0])) {
    const next = tf.tidy(() => body(current) as tf.TensorContainer) as S;
    const kept = new Set([...leaves(state).tensors, ...leaves(next).tensors]);
    tf.dispose(leaves(current).tensors.filter((tensor) => !kept.has(tensor)));
    current = next;
  }
  return current;
}

function traceLoop<S>(own: Recorder, condition: (state: S) => tf.Tensor, body: (state: S) => S, state: S): S {
  if ((tf.engine() as unknown as { state: { gradientDepth: number } }).state.gradientDepth > 0) {
    throw new UntraceableError(
      "A loop within a compiled function has no gradient: differentiate inside its body.",
    );
  }
  const { result, tensors } = leaves(state);
  const test = own.within(tensors, (standIns) => [condition(fill(result, standIns) as S)]);
  const step = own.within(tensors, (standIns) => leaves(body(fill(result, standIns) as S)).tensors);
  for (const [index, before] of tensors.entries()) {
    const after = step.tensors[index];
    const describe = (tensor?: tf.Tensor) => (tensor ? `${tensor.dtype}[${tensor.shape}]` : "nothing");
    if (describe(before) === describe(after) && step.tensors.length === tensors.length) continue;
    throw new UntraceableError(
      `A loop's body turns part ${index} of its state, ${describe(before)}, into ${describe(after)}: keep its shape and type.`,
    );
  }
  return fill(result, own.loop(test.graph, step.graph, tensors, step.tensors)) as S;
}

/**
 * Runs `body` on copies of `inputs` and returns what it asked of TensorFlow. Variables that it assigned have
 * their old values again afterwards. Throws an `UntraceableError` that names the operation where a value is
 * read, a shape depends on values, or an operation draws random numbers or keeps a state of its own.
 */
export function trace(body: (inputs: tf.Tensor[]) => unknown, inputs: readonly tf.Tensor[]): Trace {
  const known = new Set(Object.values(tf.engine().registeredVariables));
  const first = traceOnce(body, inputs);
  const created = variables().filter((variable) => !known.has(variable));
  if (created.length === 0) return first;
  const all = new Set(variables());
  const second = traceOnce(body, inputs);
  const again = variables().find((variable) => !all.has(variable));
  if (again === undefined) return second;
  throw new UntraceableError(
    `The function makes a new tf.Variable, ${again.name}, each time it is called: make it once, outside.`,
  );
}

const variables = (): tf.Variable[] => Object.values(tf.engine().registeredVariables);

function traceOnce(body: (inputs: tf.Tensor[]) => unknown, inputs: readonly tf.Tensor[]): Trace {
  const backend = nodeBackend();
  const { binding } = backend;
  const saved = variables().map((variable) => ({ variable, value: tf.keep(tf.clone(variable)) }));
  const restoreNew = keepInitialValues();
  const depth = Error.stackTraceLimit;
  try {
    let found: Trace | undefined;
    tf.tidy(() => {
      const standIns = inputs.map(copy);
      for (const { variable } of saved) variable.assign(copy(variable));
      const all = saved.map(({ variable }) => variable);
      const own = record(binding, standIns, all, () => island);
      recorder = own;
      backend.binding = own.binding;
      Error.stackTraceLimit = 40;
      islands = 0;
      const { result, tensors } = leaves(body(standIns));
      const outputs = tensors.map((tensor) => own.valueOf(tensor, "the result"));
      const assigned = new Map(all.map((variable) => [variable, own.assigned(variable)]));
      found = {
        ...own.graph,
        inputs: own.inputs,
        variables: own.variables.map((one) => ({ ...one, assigned: assigned.get(one.variable) })),
        outputs,
        result,
      };
      // Tensors that the function kept for its caller have no caller here.
      for (const [index, { ref }] of found.outputs.entries()) {
        if (ref.startsWith("n") && !(tensors[index] instanceof tf.Variable)) tensors[index]!.dispose();
      }
    });
    return found!;
  } finally {
    recorder = undefined;
    Error.stackTraceLimit = depth;
    backend.binding = binding;
    for (const { variable, value } of saved) {
      if (!variable.isDisposed) variable.assign(value);
      value.dispose();
    }
    restoreNew();
  }
}

/** Keeps the first value of every variable that is made from here on; the function returned puts them back. */
function keepInitialValues(): () => void {
  const engine = tf.engine() as unknown as { makeVariable: (...parts: unknown[]) => tf.Variable };
  const made: { variable: tf.Variable; value: tf.Tensor }[] = [];
  const { makeVariable } = engine;
  engine.makeVariable = (...parts) => {
    const variable = makeVariable.apply(engine, parts);
    made.push({ variable, value: tf.keep(tf.clone(variable)) });
    return variable;
  };
  return () => {
    engine.makeVariable = makeVariable;
    for (const { variable, value } of made) {
      if (!variable.isDisposed) variable.assign(value);
      value.dispose();
    }
  };
}
