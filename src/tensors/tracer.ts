import { tf } from "./backend.ts";
import { type ConstantTensor, dataType, type OperationAttribute } from "./graph-def.ts";

/*
 * Records what a function of tensors asks of TensorFlow. Every tfjs operation ends in a call of the native
 * binding's `executeOp`, with TensorFlow's own names of operations and attributes: while a trace is on, those
 * calls still compute and are also written down, as nodes of a graph.
 */

/** What cannot become part of a graph, and what to do about it. */
export class UntraceableError extends Error {
  override name = "UntraceableError";
}

/**
 * A value within a trace: input i is `x<i>`, variable i `v<i>`, constant i `c<i>`, and output j of operation i
 * `n<i>:<j>`.
 */
export interface TracedValue {
  readonly ref: string;
  readonly dtype: number;
  readonly shape: readonly number[];
  /** Whether it depends on an input or a variable. */
  readonly varies: boolean;
  /** The operation that made it, for messages. */
  readonly origin: string;
}

/** A number, or an array of them, that the function made or found outside: frozen into the graph. */
export interface TracedConstant extends ConstantTensor {
  /** The operation that first read it. */
  readonly reader: string;
  readonly place: Error;
}

/** One call into TensorFlow. */
export interface TracedOperation {
  readonly operation: string;
  readonly attributes: readonly OperationAttribute[];
  readonly inputs: readonly TracedValue[];
  readonly place: Error;
  /** The part of the function, if any, that XLA is to compile as one. */
  readonly island: number | undefined;
}

/** A function's graph for one set of input shapes. */
export interface Trace {
  readonly inputs: readonly TracedValue[];
  readonly variables: readonly { variable: tf.Variable; value: TracedValue; assigned?: TracedValue }[];
  readonly constants: readonly TracedConstant[];
  readonly operations: readonly TracedOperation[];
  /** The tensors in the function's result, in the order of `leaves`. */
  readonly outputs: readonly TracedValue[];
  /** The result, with each tensor replaced by its place in `outputs`. */
  readonly result: unknown;
}

/** What is used of tfjs-node's native binding. */
export interface Binding {
  executeOp(
    name: string,
    attributes: OperationAttribute[],
    inputs: number[],
    outputs: number,
  ): { id: number; dtype: number; shape: number[] }[];
  createTensor(shape: number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
  readonly [constant: `TF_${string}`]: number;
}

/** What is used of tfjs-node's backend. */
export interface NodeBackend {
  binding: Binding;
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  executeSingleOutput(name: string, attributes: OperationAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  runSavedModel(
    session: number,
    inputs: readonly tf.Tensor[],
    infos: readonly { name: string }[],
    outputs: readonly string[],
  ): tf.Tensor[];
}

/** The TensorFlow backend that `tf` computes on. */
export const nodeBackend = (): NodeBackend => tf.backend() as unknown as NodeBackend;

const RANDOM = /^(Random|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|Stateful)/;
const VALUE_SHAPED = /^(Where|Unique|ListDiff|NonMaxSuppression|StringSplit|StringNGrams)/;
const STATEFUL = /Summary|^(Decode|Encode)/;

/** tfjs-node's gather reads its indices to compare them with their bound, which TensorFlow does itself as well. */
const KERNEL_OWN_CHECK = /kernels[\\/]GatherV2\./;

let tracing = false;
let island: number | undefined;
let islands = 0;

/** Whether a function is being traced. */
export const isTracing = (): boolean => tracing;

/**
 * Runs `body`, and while tracing marks it as one part, which XLA compiles to as few kernels as it can. That pays
 * for chains of element-wise operations on many numbers, so that nothing is marked where `size`, how many they
 * are, is below 2^18. Parts within a part belong to it.
 */
export function fused<T>(size: number, body: () => T): T {
  return tracing && size >= 2 ** 18 ? asIsland(body) : body();
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
      const recorder = record(
        binding,
        standIns,
        saved.map(({ variable }) => variable),
      );
      backend.binding = recorder.binding;
      Error.stackTraceLimit = 40;
      tracing = true;
      islands = 0;
      const { result, tensors } = leaves(body(standIns));
      found = { ...recorder.finish(tensors), result };
      // Tensors that the function kept for its caller have no caller here.
      for (const [index, { ref }] of found.outputs.entries()) {
        if (ref.startsWith("n") && !(tensors[index] instanceof tf.Variable)) tensors[index]!.dispose();
      }
    });
    return found!;
  } finally {
    tracing = false;
    Error.stackTraceLimit = depth;
    backend.binding = binding;
    for (const { variable, value } of saved) {
      if (!variable.isDisposed) variable.assign(value);
      value.dispose();
    }
    restoreNew();
  }
}

/** A tensor of the same numbers that shares nothing with its original, the native handle included. */
function copy(tensor: tf.Tensor): tf.Tensor {
  const { binding } = nodeBackend();
  const dtype = dataType[tensor.dtype as keyof typeof dataType];
  const type = { name: "T", type: binding.TF_ATTR_TYPE, value: dtype };
  return nodeBackend().executeSingleOutput("Identity", [type], [tensor]);
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

/** The tensors in nested arrays and plain objects, and the same nesting with their places in them. */
export function leaves(container: unknown): { result: unknown; tensors: tf.Tensor[] } {
  const tensors: tf.Tensor[] = [];
  const walk = (value: unknown): unknown => {
    if (value instanceof tf.Tensor) return tensors.push(value) - 1;
    if (value === undefined || value === null) return value;
    if (Array.isArray(value)) return value.map(walk);
    if (Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]));
    }
    const found = value instanceof Promise ? "a promise" : `${typeof value} ${String(value)}`;
    throw new UntraceableError(
      `A compiled function must return tensors, in arrays or objects, but its result holds ${found}: ` +
        "return only tensors, without await, and compute the rest outside.",
    );
  };
  return { result: walk(container), tensors };
}

function record(binding: Binding, standIns: readonly tf.Tensor[], all: readonly tf.Variable[]) {
  const { getInputTensorIds } = nodeBackend();
  const idOf = (tensor: tf.Tensor) => getInputTensorIds.call(nodeBackend(), [tensor])[0]!;
  const values = new Map<number, TracedValue>();
  const pending = new Map<number, ConstantTensor>();
  const variableOf = new Map(all.map((variable) => [idOf(variable), variable]));
  const used: { variable: tf.Variable; value: TracedValue }[] = [];
  const constants: TracedConstant[] = [];
  const operations: TracedOperation[] = [];
  const described = (tensor: tf.Tensor, ref: string, origin: string): TracedValue => ({
    ref,
    dtype: dataType[tensor.dtype as keyof typeof dataType],
    shape: [...tensor.shape],
    varies: true,
    origin,
  });
  const inputs = standIns.map((tensor, index) => {
    const value = described(tensor, `x${index}`, `input ${index}`);
    values.set(idOf(tensor), value);
    return value;
  });

  const constant = (id: number, reader: string, place: Error): TracedValue => {
    const found = pending.get(id) ?? captured(binding, id, reader);
    const value = {
      ref: `c${constants.length}`,
      dtype: found.dtype,
      shape: found.shape,
      varies: false,
      origin: "a constant",
    };
    constants.push({ ...found, reader, place });
    return value;
  };
  const valueAt = (id: number, reader: string, place: Error): TracedValue => {
    const known = values.get(id);
    if (known !== undefined) return known;
    const variable = variableOf.get(id);
    const value =
      variable === undefined
        ? constant(id, reader, place)
        : described(variable, `v${used.length}`, `the variable ${variable.name}`);
    if (variable !== undefined) used.push({ variable, value });
    values.set(id, value);
    return value;
  };

  const executeOp: Binding["executeOp"] = (operation, attributes, ids, count) => {
    refuse(operation);
    const place = new Error();
    const from = ids.map((id) => valueAt(id, operation, place));
    const results = binding.executeOp(operation, attributes, ids, count);
    const varies = from.some((value) => value.varies);
    for (const [slot, { id, dtype, shape }] of results.entries()) {
      const ref = `n${operations.length}:${slot}`;
      values.set(id, { ref, dtype, shape: [...shape], varies, origin: operation });
    }
    operations.push({ operation, attributes: structuredClone(attributes), inputs: from, place, island });
    return results;
  };
  const createTensor: Binding["createTensor"] = (shape, dtype, data) => {
    const id = binding.createTensor(shape, dtype, data);
    if (ArrayBuffer.isView(data)) {
      pending.set(id, { dtype, shape: [...shape], data: (data as Float32Array).slice() });
    }
    return id;
  };
  const tensorDataSync: Binding["tensorDataSync"] = (id) => {
    const value = values.get(id);
    const from = variableOf.has(id) ? `the variable ${variableOf.get(id)!.name}` : value?.origin;
    const dependent = variableOf.has(id) || value?.varies === true;
    if (!dependent || KERNEL_OWN_CHECK.test(new Error().stack ?? "")) return binding.tensorDataSync(id);
    throw new UntraceableError(
      `A compiled function read the value of ${from} (data, dataSync, array or print) while it was traced, but ` +
        "values exist only when it runs: return the tensor and read it outside, or choose with tf.where.",
    );
  };
  const overridden = Object.fromEntries(
    Object.entries({ executeOp, createTensor, tensorDataSync }).map(([name, value]) => [name, { value }]),
  );

  const finish = (tensors: readonly tf.Tensor[]): Omit<Trace, "result"> => {
    const place = new Error();
    const outputs = tensors.map((tensor) => valueAt(idOf(tensor), "the result", place));
    const assigned = all.flatMap((variable) => {
      if (variable.isDisposed || variableOf.get(idOf(variable)) === variable) return [];
      const own = [...variableOf].find(([, other]) => other === variable)![0];
      const value = valueAt(own, "an assignment", place);
      return [{ value, assigned: valueAt(idOf(variable), "an assignment", place) }];
    });
    return {
      inputs,
      constants,
      operations,
      outputs,
      variables: used.map(({ variable, value }) => ({
        variable,
        value,
        assigned: assigned.find((one) => one.value === value)?.assigned,
      })),
    };
  };
  return { binding: Object.create(binding, overridden) as Binding, finish };
}

function refuse(operation: string) {
  const reason = RANDOM.test(operation)
    ? "draws random numbers, which a compiled function must be given: draw them outside and pass them as a tensor"
    : VALUE_SHAPED.test(operation)
      ? "has a result whose shape depends on values: use a mask of fixed shape (tf.where) instead"
      : STATEFUL.test(operation)
        ? "reads or writes something outside the graph: call it outside"
        : undefined;
  if (reason === undefined) return;
  throw new UntraceableError(
    `${operation} cannot be compiled: it ${reason}, or compile with { fallback: "eager" }.`,
  );
}

/** The numbers of a tensor from outside the function. */
function captured(binding: Binding, id: number, reader: string): ConstantTensor {
  const data = binding.tensorDataSync(id);
  const dtype =
    data instanceof Float32Array
      ? dataType.float32
      : data instanceof Int32Array
        ? dataType.int32
        : dataType.bool;
  const type = { name: "T", type: binding.TF_ATTR_TYPE, value: dtype };
  if (!ArrayBuffer.isView(data)) {
    throw new UntraceableError(`${reader} reads text, which cannot be compiled: keep text outside.`);
  }
  // The binding tells a tensor's shape only as an operation's result.
  const same = binding.executeOp("Identity", [type], [id], 1)[0]!;
  binding.deleteTensor(same.id);
  return { dtype, shape: same.shape, data };
}
