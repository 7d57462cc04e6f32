import type { tf } from "./backend.ts";
import { type ConstantTensor, dataType, type OperationAttribute } from "./graph-def.ts";
import { type Binding, copy, nodeBackend } from "./native.ts";

/*
 * Writes down what is asked of the native binding, as graphs: one of the function that is traced, and within it
 * one for each condition and body of a loop.
 */

/** What cannot become part of a graph, and what to do about it. */
export class UntraceableError extends Error {
  override name = "UntraceableError";
}

/**
 * A value within a graph: input or parameter i is `x<i>`, variable i `v<i>`, constant i `c<i>`, and output j of
 * operation i `n<i>:<j>`.
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

/** One call into TensorFlow, or a loop. */
export interface TracedOperation {
  readonly operation: string;
  readonly attributes: readonly OperationAttribute[];
  readonly inputs: readonly TracedValue[];
  readonly place: Error;
  /** The part of the function, if any, that XLA is to compile as one. */
  readonly island?: number;
  /** Where this is a loop, which takes its state and then what both graphs read from outside. */
  readonly loop?: { readonly condition: Subgraph; readonly body: Subgraph };
}

/** Operations and the constants that they read. */
export interface Graph {
  readonly constants: readonly TracedConstant[];
  readonly operations: readonly TracedOperation[];
}

/** A graph within another. */
export interface Subgraph extends Graph {
  /** The loop's state, and then a stand-in for each value of `captured`. */
  readonly parameters: readonly TracedValue[];
  /** What it reads of the graph around it. */
  readonly captured: readonly TracedValue[];
  readonly results: readonly TracedValue[];
}

/** A graph being written. */
interface Scope {
  readonly parent?: Scope;
  readonly values: Map<number, TracedValue>;
  readonly constants: TracedConstant[];
  readonly operations: TracedOperation[];
  readonly parameters: TracedValue[];
  readonly captured: TracedValue[];
}

const RANDOM = /^(Random|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|Stateful)/;
const VALUE_SHAPED = /^(Where|Unique|ListDiff|NonMaxSuppression|StringSplit|StringNGrams)/;
const STATEFUL = /Summary|^(Decode|Encode)/;

/** tfjs-node's gather reads its indices to compare them with their bound, which TensorFlow does itself as well. */
const KERNEL_OWN_CHECK = /kernels[\\/]GatherV2\./;

/** A binding that records, and what it has recorded. */
export interface Recorder {
  readonly binding: Binding;
  readonly inputs: readonly TracedValue[];
  readonly graph: Graph;
  /** The variables that were used, in their order as `v<i>`. */
  readonly variables: readonly { variable: tf.Variable; value: TracedValue }[];
  /** The value of a tensor in the graph being written; a constant where it is of none. */
  valueOf(tensor: tf.Tensor, reader: string): TracedValue;
  /** The value that a variable has been given, if it has been. */
  assigned(variable: tf.Variable): TracedValue | undefined;
  /** Writes what `body` does on copies of `state` as a graph of its own, and returns its results. */
  within(
    state: readonly tf.Tensor[],
    body: (state: tf.Tensor[]) => tf.Tensor[],
  ): { graph: Subgraph; tensors: tf.Tensor[] };
  /** Adds a loop to the graph being written; its results are copies of `results`. */
  loop(
    condition: Subgraph,
    body: Subgraph,
    state: readonly tf.Tensor[],
    results: readonly tf.Tensor[],
  ): tf.Tensor[];
}

/**
 * A recorder of what happens on `binding` to `standIns`, the inputs, and to `all` variables. `island` tells which
 * part for XLA an operation belongs to.
 */
export function record(
  binding: Binding,
  standIns: readonly tf.Tensor[],
  all: readonly tf.Variable[],
  island: () => number | undefined,
): Recorder {
  const { getInputTensorIds } = nodeBackend();
  const idOf = (tensor: tf.Tensor) => getInputTensorIds.call(nodeBackend(), [tensor])[0]!;
  const pending = new Map<number, ConstantTensor>();
  const variableOf = new Map(all.map((variable) => [idOf(variable), variable]));
  const used: { variable: tf.Variable; value: TracedValue }[] = [];
  const left = new Set<number>();
  const root = emptyScope();
  let scope = root;

  const described = (tensor: tf.Tensor, ref: string, origin: string): TracedValue => ({
    ref,
    dtype: dataType[tensor.dtype as keyof typeof dataType],
    shape: [...tensor.shape],
    varies: true,
    origin,
  });
  const parameter = (tensor: tf.Tensor, index: number) => {
    const value = described(tensor, `x${index}`, `input ${index}`);
    scope.parameters.push(value);
    scope.values.set(idOf(tensor), value);
  };
  for (const [index, tensor] of standIns.entries()) parameter(tensor, index);

  const variableAt = (id: number): TracedValue | undefined => {
    const variable = variableOf.get(id);
    if (variable === undefined) return undefined;
    const value = described(variable, `v${used.length}`, `the variable ${variable.name}`);
    used.push({ variable, value });
    root.values.set(id, value);
    return value;
  };
  const known = (id: number, at: Scope): TracedValue | undefined => {
    const own = at.values.get(id);
    if (own !== undefined) return own;
    if (at.parent === undefined) return variableAt(id);
    const outer = known(id, at.parent);
    // Constants are written again where they are read, which costs a loop less than to carry them.
    if (outer === undefined || outer.ref.startsWith("c")) return undefined;
    const value = { ...outer, ref: `x${at.parameters.length}` };
    at.parameters.push(value);
    at.captured.push(outer);
    at.values.set(id, value);
    return value;
  };
  const constant = (id: number, reader: string, place: Error): TracedValue => {
    const found = pending.get(id) ?? captured(binding, id, reader);
    const value = {
      ref: `c${scope.constants.length}`,
      dtype: found.dtype,
      shape: found.shape,
      varies: false,
      origin: "a constant",
    };
    scope.constants.push({ ...found, reader, place });
    scope.values.set(id, value);
    return value;
  };
  const valueAt = (id: number, reader: string, place: Error): TracedValue => {
    const found = known(id, scope);
    if (found !== undefined) return found;
    if (!left.has(id)) return constant(id, reader, place);
    throw new UntraceableError(
      `${reader} reads a tensor that was made in a loop's condition or body: return it as part of the loop's state.`,
    );
  };
  const push = (operation: Omit<TracedOperation, "island">, results: Parameters<typeof register>[0]) => {
    register(results, operation);
    scope.operations.push({ ...operation, island: scope.parent === undefined ? island() : undefined });
  };
  const register = (
    results: readonly { id: number; dtype: number; shape: readonly number[] }[],
    { operation, inputs, loop }: Omit<TracedOperation, "island">,
  ) => {
    const varies = loop !== undefined || inputs.some((value) => value.varies);
    for (const [slot, { id, dtype, shape }] of results.entries()) {
      const ref = `n${scope.operations.length}:${slot}`;
      scope.values.set(id, { ref, dtype, shape: [...shape], varies, origin: operation });
    }
  };

  const executeOp: Binding["executeOp"] = (operation, attributes, ids, count) => {
    refuse(operation);
    const place = new Error();
    const inputs = ids.map((id) => valueAt(id, operation, place));
    const results = binding.executeOp(operation, attributes, ids, count);
    push({ operation, attributes: structuredClone(attributes), inputs, place }, results);
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
    const origin = originOf(id, scope, variableOf);
    if (origin === undefined || KERNEL_OWN_CHECK.test(new Error().stack ?? "")) {
      return binding.tensorDataSync(id);
    }
    throw new UntraceableError(
      `A compiled function read the value of ${origin} (data, dataSync, array or print) while it was traced, but ` +
        "values exist only when it runs: return the tensor and read it outside, or choose with tf.where.",
    );
  };
  const overridden = Object.fromEntries(
    Object.entries({ executeOp, createTensor, tensorDataSync }).map(([name, value]) => [name, { value }]),
  );
  const recording = Object.create(binding, overridden) as Binding;
  const unrecorded = (tensors: readonly tf.Tensor[]) => {
    nodeBackend().binding = binding;
    const copies = tensors.map(copy);
    nodeBackend().binding = recording;
    return copies;
  };

  return {
    binding: recording,
    inputs: root.parameters,
    graph: root,
    variables: used,
    valueOf: (tensor, reader) => valueAt(idOf(tensor), reader, new Error()),
    assigned: (variable) => {
      if (variable.isDisposed || variableOf.get(idOf(variable)) === variable) return undefined;
      valueAt([...variableOf].find(([, other]) => other === variable)![0], "an assignment", new Error());
      return valueAt(idOf(variable), "an assignment", new Error());
    },
    within: (state, body) => {
      const before = all.map((variable) => variable.dataId);
      const inner = emptyScope(scope);
      scope = inner;
      try {
        const standing = unrecorded(state);
        for (const [index, tensor] of standing.entries()) parameter(tensor, index);
        const tensors = body(standing);
        const results = tensors.map((tensor) => valueAt(idOf(tensor), "the loop's result", new Error()));
        const changed = all.find((variable, index) => variable.dataId !== before[index]);
        if (changed === undefined) return { graph: { ...inner, results }, tensors };
        throw new UntraceableError(
          `A loop assigns the variable ${changed.name}: carry its value in the loop's state and assign it after the loop.`,
        );
      } finally {
        for (const id of inner.values.keys()) if (known(id, inner.parent!) === undefined) left.add(id);
        scope = inner.parent!;
      }
    },
    loop: (condition, body, state, results) => {
      const place = new Error();
      const outside = [...condition.captured, ...body.captured];
      const inputs = [
        ...state.map((tensor) => valueAt(idOf(tensor), "a loop", place)),
        ...new Map(outside.map((value) => [value.ref, value])).values(),
      ];
      const copies = unrecorded(results);
      const outputs = copies.map((tensor) => ({
        id: idOf(tensor),
        dtype: dataType[tensor.dtype as keyof typeof dataType],
        shape: tensor.shape,
      }));
      push(
        { operation: "StatelessWhile", attributes: [], inputs, place, loop: { condition, body } },
        outputs,
      );
      return copies;
    },
  };
}

const emptyScope = (parent?: Scope): Scope => ({
  parent,
  values: new Map(),
  constants: [],
  operations: [],
  parameters: [],
  captured: [],
});

/** What a tensor comes from, where its value depends on an input or a variable. */
function originOf(id: number, scope: Scope, variables: ReadonlyMap<number, tf.Variable>): string | undefined {
  const variable = variables.get(id);
  if (variable !== undefined) return `the variable ${variable.name}`;
  const own = scope.values.get(id);
  if (own !== undefined) return own.varies ? own.origin : undefined;
  return scope.parent && originOf(id, scope.parent, variables);
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
