import { type AbstractTensors, isAbstract } from "./abstract-tensors.ts";
import { type CallSite, captureCallSite } from "./call-site.ts";
import { type ConstantTensor, dataType, type OperationAttribute } from "./graph-def.ts";
import { type Binding, nodeBackend, tensorId, tensorType } from "./native-binding.ts";
import type { tf } from "./tfjs.ts";
import { UntraceableError } from "./untraceable-error.ts";

/*
 * Records the calls to the native binding as graphs: one for the traced function, and within it one for the condition
 * and one for the body of each loop.
 */

/**
 * A value in a graph. `ref` is `x<i>` for input or parameter i, `v<i>` for variable i, `c<i>` for constant i, and
 * `n<i>:<j>` for output j of operation i.
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

/** A tensor that the function made from JavaScript numbers or found outside, frozen into the graph. */
export interface TracedConstant extends ConstantTensor {
  /** The operation that first read it. */
  readonly reader: string;
  readonly callSite: CallSite;
}

/** One TensorFlow operation, or a loop. */
export interface TracedOperation {
  readonly operation: string;
  readonly attributes: readonly OperationAttribute[];
  readonly inputs: readonly TracedValue[];
  readonly callSite: CallSite;
  /** A value that must be computed before it. */
  readonly after?: TracedValue;
  /** The number of the cluster of operations that XLA compiles together, if any. */
  readonly xlaCluster?: number;
  /** Set for a loop, whose inputs are its state and then the values that its graphs read from outside. */
  readonly loop?: { readonly condition: Subgraph; readonly body: Subgraph };
}

/** Operations and the constants that they read. */
export interface Graph {
  readonly constants: readonly TracedConstant[];
  readonly operations: readonly TracedOperation[];
}

/** The condition or body of a loop. */
export interface Subgraph extends Graph {
  /** The loop's state, then one parameter for each value of `captured`. */
  readonly parameters: readonly TracedValue[];
  /** Values of the enclosing graph that it reads. */
  readonly captured: readonly TracedValue[];
  readonly results: readonly TracedValue[];
}

/** A graph that is being recorded. */
interface Scope {
  readonly parent?: Scope;
  /** Values by tensor id. */
  readonly values: Map<number, TracedValue>;
  readonly constants: TracedConstant[];
  readonly operations: TracedOperation[];
  readonly parameters: TracedValue[];
  readonly captured: TracedValue[];
}

const RANDOM = /^(Random|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|Stateful)/;
const VALUE_SHAPED = /^(Where|Unique|ListDiff|NonMaxSuppression|StringSplit|StringNGrams)/;
const STATEFUL = /Summary|^(Decode|Encode)/;

/** What `createRecorder` needs. */
export interface RecorderOptions {
  /** The binding that computes. */
  readonly binding: Binding;
  readonly abstractTensors: AbstractTensors;
  /** Abstract tensors. */
  readonly inputs: readonly tf.Tensor[];
  /** All variables that exist, each with an abstract tensor of its own. */
  readonly variables: readonly tf.Variable[];
  /** The XLA cluster to which operations belong at present. */
  readonly xlaCluster: () => number | undefined;
  /** Whether a tfjs kernel reads values for a check of its own at present. */
  readonly isKernelReading: () => boolean;
}

/** A binding that records. */
export interface Recorder {
  readonly binding: Binding;
  readonly inputs: readonly TracedValue[];
  readonly graph: Graph;
  /** The variables that were used; the one at index i is `v<i>`. */
  readonly variables: readonly { variable: tf.Variable; value: TracedValue }[];
  /** The value of a tensor in the present graph. A tensor that is not recorded becomes a constant. */
  valueOf(tensor: tf.Tensor, reader: string): TracedValue;
  /** The value assigned to a variable, if any. */
  assigned(variable: tf.Variable): TracedValue | undefined;
  /** `tensor`, to be used only once `earlier` has been computed. */
  after(tensor: tf.Tensor, earlier: tf.Tensor): tf.Tensor;
  /** Records `body` on stand-ins for `state` as a graph of its own; returns the graph and the body's results. */
  subgraph(
    state: readonly tf.Tensor[],
    body: (state: tf.Tensor[]) => tf.Tensor[],
  ): { graph: Subgraph; tensors: tf.Tensor[] };
  /** Adds a loop to the present graph. Returns the loop's results, which have the types of `results`. */
  loop(
    condition: Subgraph,
    body: Subgraph,
    state: readonly tf.Tensor[],
    results: readonly tf.Tensor[],
  ): tf.Tensor[];
}

/** Wraps a binding so that its operations are recorded as a graph instead of run. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { binding, abstractTensors, variables, xlaCluster, isKernelReading } = options;
  const initialIds = new Map(variables.map((variable) => [variable, tensorId(variable)]));
  const variableOfId = new Map([...initialIds].map(([variable, id]) => [id, variable]));
  const used: { variable: tf.Variable; value: TracedValue }[] = [];
  /** Tensors of loop conditions and bodies that have ended. */
  const outOfScope = new Set<number>();
  const root = emptyScope();
  let scope = root;

  const describe = (tensor: tf.Tensor, ref: string, origin: string): TracedValue => ({
    ref,
    dtype: tensorType(tensor),
    shape: [...tensor.shape],
    varies: true,
    origin,
  });
  const addParameter = (tensor: tf.Tensor, index: number) => {
    const value = describe(tensor, `x${index}`, `input ${index}`);
    scope.parameters.push(value);
    scope.values.set(tensorId(tensor), value);
  };
  for (const [index, tensor] of options.inputs.entries()) addParameter(tensor, index);

  const addVariable = (id: number): TracedValue | undefined => {
    const variable = variableOfId.get(id);
    if (variable === undefined) return undefined;
    const value = describe(variable, `v${used.length}`, `the variable ${variable.name}`);
    used.push({ variable, value });
    root.values.set(id, value);
    return value;
  };
  const known = (id: number, at: Scope): TracedValue | undefined => {
    const own = at.values.get(id);
    if (own !== undefined) return own;
    if (at.parent === undefined) return addVariable(id);
    const outer = known(id, at.parent);
    // A loop repeats the constants that it reads: cheaper than carrying them in its state.
    if (outer === undefined || outer.ref.startsWith("c")) return undefined;
    const value = { ...outer, ref: `x${at.parameters.length}` };
    at.parameters.push(value);
    at.captured.push(outer);
    at.values.set(id, value);
    return value;
  };
  const addConstant = (id: number, reader: string, callSite: CallSite): TracedValue => {
    const found = abstractTensors.kept(id) ?? readTensor(binding, id, reader);
    const value = {
      ref: `c${scope.constants.length}`,
      dtype: found.dtype,
      shape: found.shape,
      varies: false,
      origin: "a constant",
    };
    scope.constants.push({ ...found, reader, callSite });
    scope.values.set(id, value);
    return value;
  };
  const valueAt = (id: number, reader: string, callSite: CallSite): TracedValue => {
    const found = known(id, scope);
    if (found !== undefined) return found;
    if (!outOfScope.has(id)) return addConstant(id, reader, callSite);
    throw new UntraceableError(
      `${reader} reads a tensor that was made in a loop's condition or body: return it as part of the loop's state.`,
    );
  };
  const addOperation = (
    traced: Omit<TracedOperation, "xlaCluster">,
    results: readonly { id: number; dtype: number; shape: readonly number[] }[],
  ) => {
    const { operation, inputs, loop, after } = traced;
    const varies = loop !== undefined || inputs.some((value) => value.varies) || after?.varies === true;
    for (const [slot, { id, dtype, shape }] of results.entries()) {
      const ref = `n${scope.operations.length}:${slot}`;
      scope.values.set(id, { ref, dtype, shape: [...shape], varies, origin: operation });
    }
    scope.operations.push({ ...traced, xlaCluster: xlaCluster() });
  };

  const executeOp: Binding["executeOp"] = (operation, attributes, ids, count) => {
    checkTraceable(operation);
    const callSite = captureCallSite();
    const inputs = ids.map((id) => valueAt(id, operation, callSite));
    const own = attributes.map(copyOf);
    const results = abstractTensors.outputsOf({ operation, attributes: own, ids: [...ids], inputs, count });
    addOperation({ operation, attributes: own, inputs, callSite }, results);
    return results;
  };
  const createTensor: Binding["createTensor"] = (shape, dtype, data) => {
    const id = binding.createTensor(shape, dtype, data);
    if (ArrayBuffer.isView(data)) {
      abstractTensors.keep(id, { dtype, shape: [...shape], data: (data as Float32Array).slice() });
    }
    return id;
  };
  const tensorDataSync: Binding["tensorDataSync"] = (id) => {
    const origin = varyingOrigin(id, scope, variableOfId);
    if (origin === undefined) return isAbstract(id) ? abstractTensors.read(id) : binding.tensorDataSync(id);
    // No values for the kernel to check.
    if (isKernelReading()) return new Int32Array();
    throw new UntraceableError(
      `A compiled function read the value of ${origin} (data, dataSync, array or print) while it was traced, but ` +
        "values exist only when it runs: return the tensor and read it outside, or choose with tf.where.",
    );
  };
  const overridden = Object.fromEntries(
    Object.entries({ executeOp, createTensor, tensorDataSync }).map(([name, value]) => [name, { value }]),
  );
  const recording = Object.create(binding, overridden) as Binding;

  return {
    binding: recording,
    inputs: root.parameters,
    graph: root,
    variables: used,
    valueOf: (tensor, reader) => valueAt(tensorId(tensor), reader, captureCallSite()),
    assigned: (variable) => {
      const initialId = initialIds.get(variable);
      if (initialId === undefined || variable.isDisposed || tensorId(variable) === initialId)
        return undefined;
      valueAt(initialId, "an assignment", captureCallSite());
      return valueAt(tensorId(variable), "an assignment", captureCallSite());
    },
    after: (tensor, earlier) => {
      const callSite = captureCallSite();
      const value = valueAt(tensorId(tensor), "an order", callSite);
      const before = valueAt(tensorId(earlier), "an order", callSite);
      const result = standIn(abstractTensors, tensor);
      const type = { name: "T", type: binding.TF_ATTR_TYPE, value: value.dtype };
      addOperation({ operation: "Identity", attributes: [type], inputs: [value], after: before, callSite }, [
        { id: tensorId(result), dtype: value.dtype, shape: value.shape },
      ]);
      return result;
    },
    subgraph: (state, body) => {
      const before = variables.map((variable) => variable.dataId);
      const outer = scope;
      const inner = emptyScope(outer);
      scope = inner;
      try {
        const standIns = state.map((tensor) => standIn(abstractTensors, tensor));
        for (const [index, tensor] of standIns.entries()) addParameter(tensor, index);
        const tensors = body(standIns);
        const results = tensors.map((tensor) =>
          valueAt(tensorId(tensor), "the loop's result", captureCallSite()),
        );
        const changed = variables.find((variable, index) => variable.dataId !== before[index]);
        if (changed === undefined) return { graph: { ...inner, results }, tensors };
        throw new UntraceableError(
          `A loop assigns the variable ${changed.name}: carry its value in the loop's state and assign it after the loop.`,
        );
      } finally {
        for (const id of inner.values.keys()) if (known(id, outer) === undefined) outOfScope.add(id);
        scope = outer;
      }
    },
    loop: (condition, body, state, results) => {
      const callSite = captureCallSite();
      const captured = [...condition.captured, ...body.captured];
      const inputs = [
        ...state.map((tensor) => valueAt(tensorId(tensor), "a loop", callSite)),
        ...new Map(captured.map((value) => [value.ref, value])).values(),
      ];
      const outputs = results.map((tensor) => standIn(abstractTensors, tensor));
      addOperation(
        { operation: "StatelessWhile", attributes: [], inputs, callSite, loop: { condition, body } },
        outputs.map((tensor) => ({ id: tensorId(tensor), dtype: tensorType(tensor), shape: tensor.shape })),
      );
      return outputs;
    },
  };
}

/** An abstract tensor of the type of `tensor`; if it is asked for its values, it has those of `tensor`. */
export function standIn(abstractTensors: AbstractTensors, tensor: tf.Tensor): tf.Tensor {
  const { shape } = tensor;
  return nodeBackend().createOutputTensor(
    abstractTensors.alias(tensorId(tensor), { dtype: tensorType(tensor), shape }),
  );
}

/** A copy of an attribute. Few have a list as their value. */
const copyOf = (attribute: OperationAttribute): OperationAttribute =>
  typeof attribute.value === "object"
    ? { ...attribute, value: structuredClone(attribute.value) }
    : { ...attribute };

const emptyScope = (parent?: Scope): Scope => ({
  parent,
  values: new Map(),
  constants: [],
  operations: [],
  parameters: [],
  captured: [],
});

/** The origin of a tensor whose value depends on an input or a variable; undefined for any other tensor. */
function varyingOrigin(
  id: number,
  scope: Scope,
  variables: ReadonlyMap<number, tf.Variable>,
): string | undefined {
  const variable = variables.get(id);
  if (variable !== undefined) return `the variable ${variable.name}`;
  const own = scope.values.get(id);
  if (own !== undefined) return own.varies ? own.origin : undefined;
  return scope.parent && varyingOrigin(id, scope.parent, variables);
}

function checkTraceable(operation: string) {
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

/** The values of a tensor that was made before the trace. */
function readTensor(binding: Binding, id: number, reader: string): ConstantTensor {
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
  // The binding reports a tensor's shape only for the results of operations.
  const [same] = binding.executeOp("Identity", [type], [id], 1);
  if (same === undefined) throw new Error("TensorFlow's Identity returned no tensor.");
  binding.deleteTensor(same.id);
  return { dtype, shape: same.shape, data };
}
