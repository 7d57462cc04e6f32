import { type AbstractTensors, createAbstractTensors, isAbstract } from "./abstract-tensors.ts";
import { nodeBackend, onDataCreated } from "./native-binding.ts";
import { flatten, unflatten } from "./nested-tensors.ts";
import { createRecorder, type Graph, type Recorder, standIn, type TracedValue } from "./recorder.ts";
import { tf } from "./tfjs.ts";
import { isDifferentiating, onVariableCreated, watchGatherKernel } from "./tfjs-internals.ts";
import { UntraceableError } from "./untraceable-error.ts";

/*
 * Traces a function of tensors. Every tfjs operation ends in a call of the native binding's `executeOp`, with
 * TensorFlow's own names of operations and attributes. During a trace these calls compute nothing: they are recorded as
 * nodes of a graph, and their results are abstract tensors.
 */

/** The graph of a function for one combination of input shapes and dtypes. */
export interface Trace extends Graph {
  readonly inputs: readonly TracedValue[];
  readonly variables: readonly { variable: tf.Variable; value: TracedValue; assigned?: TracedValue }[];
  /** The tensors of the function's result. */
  readonly outputs: readonly TracedValue[];
  /** The result, with each tensor replaced by its index in `outputs`. */
  readonly resultStructure: unknown;
}

let recorder: Recorder | undefined;
let xlaCluster: number | undefined;
let xlaClusters = 0;

/** Whether a function is being traced. */
export const isTracing = (): boolean => recorder !== undefined;

/**
 * Runs `body`. In a compiled function its operations become one cluster that XLA compiles into as few kernels as
 * possible, if `size`, the number of elements that they process, is at least 2^18; below that the overhead outweighs the
 * gain. Meant for chains of element-wise operations. Nested clusters belong to the outer one.
 */
export function fused<T>(size: number, body: () => T): T {
  return isTracing() && size >= 2 ** 18 ? asXlaCluster(body) : body();
}

/** `fused` for any size. `body` may contain loops. */
export function asXlaCluster<T>(body: () => T): T {
  if (xlaCluster !== undefined) return body();
  xlaCluster = xlaClusters++;
  try {
    return body();
  } finally {
    xlaCluster = undefined;
  }
}

/** Whether operations belong to a cluster that XLA compiles at present. */
export const isXlaCluster = (): boolean => xlaCluster !== undefined;

/**
 * `tensor`, which a compiled function uses only once it has computed `earlier`. TensorFlow runs operations as soon as
 * their inputs exist, and keeps one result for equal ones: with an order between them, what is large need not exist at
 * the same time. Outside compiled functions, and in a cluster of XLA's, it is `tensor` itself. Has no gradient.
 */
export function after<T extends tf.Tensor>(tensor: T, earlier: tf.Tensor): T {
  if (recorder === undefined || xlaCluster !== undefined) return tensor;
  return recorder.after(tensor, earlier) as T;
}

/**
 * `tf.while_loop` of Python: repeats `body` on `state` while `condition` returns true, and returns the last state.
 * `state` is tensors in nested arrays and plain objects; `condition` returns a bool scalar. In a compiled function it is
 * one loop of the graph for any number of iterations; elsewhere it is a loop in JavaScript.
 *
 * The shapes and dtypes of the state must not change. In a compiled function a loop has no gradient and cannot assign
 * variables; both throw an `UntraceableError`.
 */
export function whileLoop<S>(condition: (state: S) => tf.Tensor, body: (state: S) => S, state: S): S {
  return recorder === undefined
    ? runLoop(condition, body, state)
    : traceLoop(recorder, condition, body, state);
}

function runLoop<S>(condition: (state: S) => tf.Tensor, body: (state: S) => S, state: S): S {
  let current = state;
  while (tf.tidy(() => condition(current).dataSync()[0])) {
    const next = tf.tidy(() => body(current) as tf.TensorContainer) as S;
    const kept = new Set([...flatten(state).tensors, ...flatten(next).tensors]);
    tf.dispose(flatten(current).tensors.filter((tensor) => !kept.has(tensor)));
    current = next;
  }
  return current;
}

function traceLoop<S>(
  active: Recorder,
  condition: (state: S) => tf.Tensor,
  body: (state: S) => S,
  state: S,
): S {
  if (isDifferentiating()) {
    throw new UntraceableError(
      "A loop within a compiled function has no gradient: differentiate inside its body.",
    );
  }
  const { structure, tensors } = flatten(state);
  const test = active.subgraph(tensors, (standIns) => [condition(unflatten(structure, standIns) as S)]);
  const step = active.subgraph(
    tensors,
    (standIns) => flatten(body(unflatten(structure, standIns) as S)).tensors,
  );
  for (const [index, before] of tensors.entries()) {
    const after = step.tensors[index];
    const describe = (tensor?: tf.Tensor) => (tensor ? `${tensor.dtype}[${tensor.shape}]` : "nothing");
    if (describe(before) === describe(after) && step.tensors.length === tensors.length) continue;
    throw new UntraceableError(
      `A loop's body turns part ${index} of its state, ${describe(before)}, into ${describe(after)}: keep its shape and type.`,
    );
  }
  return unflatten(structure, active.loop(test.graph, step.graph, tensors, step.tensors)) as S;
}

/**
 * Traces `body` on stand-ins for `inputs`. Variables that it assigns get their old values back. Throws an `UntraceableError`
 * that names the operation if a value is read, a shape depends on values, or an operation draws random numbers or keeps
 * state.
 */
export function trace(body: (inputs: tf.Tensor[]) => unknown, inputs: readonly tf.Tensor[]): Trace {
  const before = new Set(allVariables());
  const first = traceOnce(body, inputs);
  const created = allVariables().filter((variable) => !before.has(variable));
  if (created.length === 0) return first;
  // A function may create variables when it first runs, as an optimiser does, but not each time.
  const afterFirst = new Set(allVariables());
  const second = traceOnce(body, inputs);
  const again = allVariables().find((variable) => !afterFirst.has(variable));
  if (again === undefined) return second;
  throw new UntraceableError(
    `The function makes a new tf.Variable, ${again.name}, each time it is called: make it once, outside.`,
  );
}

const allVariables = (): tf.Variable[] => Object.values(tf.engine().registeredVariables);

function traceOnce(body: (inputs: tf.Tensor[]) => unknown, inputs: readonly tf.Tensor[]): Trace {
  const backend = nodeBackend();
  const { binding } = backend;
  const variables = allVariables();
  const saved = variables.map(saveValue);
  const abstractTensors = createAbstractTensors(binding);
  const survivors = watchSurvivors(abstractTensors);
  const stopObserving = onVariableCreated((variable) => saved.push(saveValue(variable)));
  const gatherKernel = watchGatherKernel();
  try {
    let traced: Trace | undefined;
    tf.tidy(() => {
      const standIns = inputs.map((input) => standIn(abstractTensors, input));
      for (const variable of variables) variable.assign(standIn(abstractTensors, variable));
      const active = createRecorder({
        binding,
        abstractTensors,
        inputs: standIns,
        variables,
        xlaCluster: () => xlaCluster,
        isKernelReading: gatherKernel.isRunning,
      });
      recorder = active;
      backend.binding = active.binding;
      xlaClusters = 0;
      traced = recordedTrace(active, variables, body(standIns));
    });
    return traced!;
  } finally {
    recorder = undefined;
    backend.binding = binding;
    gatherKernel.stop();
    stopObserving();
    for (const { variable, value } of saved) {
      if (!variable.isDisposed) variable.assign(value);
      value.dispose();
    }
    survivors.compute();
  }
}

/** The trace of a function that has just returned `result`. */
function recordedTrace(active: Recorder, variables: readonly tf.Variable[], result: unknown): Trace {
  const { structure, tensors } = flatten(result);
  const results = tensors.map((tensor) => ({ tensor, value: active.valueOf(tensor, "the result") }));
  const assigned = new Map(variables.map((variable) => [variable, active.assigned(variable)]));
  // Disposes tensors that the function has kept with tf.keep for its caller.
  for (const { tensor, value } of results) {
    if (value.ref.startsWith("n") && !(tensor instanceof tf.Variable)) tensor.dispose();
  }
  return {
    ...active.graph,
    inputs: active.inputs,
    variables: active.variables.map((one) => ({ ...one, assigned: assigned.get(one.variable) })),
    outputs: results.map(({ value }) => value),
    resultStructure: structure,
  };
}

const saveValue = (variable: tf.Variable) => ({ variable, value: tf.keep(tf.clone(variable)) });

/**
 * Observes the abstract tensors that are created until `compute` is called. It gives those that still exist their
 * values: those of variables that the traced function has made, and what it has kept.
 */
function watchSurvivors(abstractTensors: AbstractTensors): { readonly compute: () => void } {
  const { tensorMap } = nodeBackend();
  const created: [dataId: object, info: { id: number }][] = [];
  const stop = onDataCreated((dataId, info) => {
    if (isAbstract(info.id)) created.push([dataId, info]);
  });
  return {
    compute: () => {
      stop();
      const surviving = created.filter(([dataId]) => tensorMap.has(dataId));
      const values = abstractTensors.evaluate(surviving.map(([, { id }]) => id));
      for (const [index, [, info]] of surviving.entries()) info.id = values[index]!.id;
    },
  };
}
