import {
  type Attributes,
  booleanAttribute,
  functionAttribute,
  functionDefinition,
  integerAttribute,
  node,
  operationAttribute,
  tensorAttribute,
  typeAttribute,
  typesAttribute,
} from "./graph-def.ts";
import { nodeBackend } from "./native-binding.ts";
import { outputReference } from "./operation-outputs.ts";
import type { Graph, Subgraph, TracedConstant, TracedOperation, TracedValue } from "./recorder.ts";
import type { Trace } from "./tracer.ts";

/*
 * Encodes the operations of a trace as nodes of a graph, and loop conditions, loop bodies and XLA clusters as functions.
 * Equal functions, for example those of a network's layers, are stored once, so that XLA compiles them once.
 */

/** Encoded nodes and functions, and the name by which other nodes refer to a value. */
export interface GraphBody {
  readonly nodes: readonly Buffer[];
  readonly functions: readonly Buffer[];
  name(value: TracedValue): string;
}

type Naming = (value: TracedValue) => string;

/** Adds the function that `write` encodes under a given name, unless it is known already; returns its name. */
type FunctionLibrary = (write: (name: string) => Buffer) => string;

/** Encodes the operations and constants of a trace. Inputs are the nodes `x<i>`, variables' values `v<i>/read`. */
export function encodeBody(trace: Trace): GraphBody {
  const functions = new Map<string, { name: string; definition: Buffer }>();
  const library: FunctionLibrary = (write) => {
    const content = write("").toString("base64");
    const known = functions.get(content);
    if (known !== undefined) return known.name;
    const name = `function${functions.size}`;
    functions.set(content, { name, definition: write(name) });
    return name;
  };
  const assigned = trace.variables.flatMap((one) => one.assigned ?? []);
  const operations = [...trace.operations.entries()];
  const clusters = xlaClusters(trace, operations, [...trace.outputs, ...assigned]);
  const clusterOutputs = namesOfOutputs(clusters, (cluster, slot) => `${cluster}:${slot}`);
  const name: Naming = ({ ref }) => clusterOutputs.get(ref) ?? (ref.startsWith("v") ? `${ref}/read` : ref);
  const nodes = [
    ...trace.constants.map((constant, index) => constantNode(constant, `c${index}`)),
    ...operations.flatMap(([index, operation]) =>
      operation.xlaCluster === undefined ? [operationNode(operation, `n${index}`, name, library)] : [],
    ),
    ...clusters.map((cluster) => clusterNode(cluster, name, library)),
  ];
  return { nodes, functions: [...functions.values()].map(({ definition }) => definition), name };
}

const mustCompile: Attributes = { _XlaMustCompile: booleanAttribute(true) };

const constantNode = (constant: TracedConstant, name: string) =>
  node(name, "Const", [], { dtype: typeAttribute(constant.dtype), value: tensorAttribute(constant) });

/** Operations whose T tfjs-node omits or takes before a cast. Eager TensorFlow infers it from the first input. */
const TYPED_BY_INPUT = /^(ExpandDims|Mean)$/;

function operationNode(
  traced: TracedOperation,
  name: string,
  nameOf: Naming,
  library: FunctionLibrary,
  forXla = false,
): Buffer {
  const { operation, attributes, inputs, loop, after } = traced;
  if (loop !== undefined) {
    return node(name, operation, inputs.map(nameOf), loopAttributes(traced, loop, library, forXla));
  }
  const { binding } = nodeBackend();
  const types = {
    string: binding.TF_ATTR_STRING,
    int: binding.TF_ATTR_INT,
    float: binding.TF_ATTR_FLOAT,
    bool: binding.TF_ATTR_BOOL,
    type: binding.TF_ATTR_TYPE,
    shape: binding.TF_ATTR_SHAPE,
  };
  const [first] = inputs;
  const order = after === undefined ? [] : [`^${nameOf(after).split(":")[0]}`];
  return node(name, operation, [...inputs.map(nameOf), ...order], {
    ...Object.fromEntries(attributes.map((one) => [one.name, operationAttribute(one, types)])),
    ...(first !== undefined && TYPED_BY_INPUT.test(operation) ? { T: typeAttribute(first.dtype) } : {}),
  });
}

/** The condition and body of a loop take the same parameters: the state, then all values that either captures. */
function loopAttributes(
  { inputs }: TracedOperation,
  { condition, body }: NonNullable<TracedOperation["loop"]>,
  library: FunctionLibrary,
  forXla: boolean,
): Attributes {
  const stateSize = body.results.length;
  const partsOf = (graph: Subgraph): FunctionParts => {
    const captured = graph.parameters.slice(stateSize);
    const parameterOf = new Map(graph.captured.map(({ ref }, index) => [ref, captured[index]!]));
    const outside = inputs
      .slice(stateSize)
      .map((value): TracedValue => parameterOf.get(value.ref) ?? { ...value, ref: `unused ${value.ref}` });
    const results = graph === body ? [...graph.results, ...outside] : graph.results;
    return {
      graph,
      parameters: [...graph.parameters.slice(0, stateSize), ...outside],
      operations: [...graph.operations.entries()],
      results,
    };
  };
  return {
    T: typesAttribute(inputs.map(({ dtype }) => dtype)),
    cond: functionAttribute(library((name) => writeFunction(name, partsOf(condition), library, forXla))),
    body: functionAttribute(library((name) => writeFunction(name, partsOf(body), library, forXla))),
    parallel_iterations: integerAttribute(1),
    // Outside XLA, TensorFlow lowers a loop to nodes of the enclosing graph, which can update buffers in place.
    _lower_using_switch_merge: booleanAttribute(!forXla),
  };
}

/** Operations that XLA compiles together. */
interface XlaCluster extends FunctionParts {
  /** The name of the node that runs them. */
  readonly name: string;
}

/** The clusters among the operations of a graph whose results are `returned`. */
function xlaClusters(
  graph: Graph,
  operations: readonly IndexedOperation[],
  returned: readonly TracedValue[],
): XlaCluster[] {
  const members = new Map<number, IndexedOperation[]>();
  for (const [index, operation] of operations) {
    const { xlaCluster } = operation;
    if (xlaCluster === undefined) continue;
    members.set(xlaCluster, [...(members.get(xlaCluster) ?? []), [index, operation]]);
  }
  const clusterOf = (ref: string) =>
    ref.startsWith("n") ? graph.operations[Number(ref.slice(1).split(":")[0])]?.xlaCluster : undefined;
  const unique = (values: readonly TracedValue[]) => [
    ...new Map(values.map((value) => [value.ref, value])).values(),
  ];
  const readOutside = new Map<number, TracedValue[]>();
  const addUse = (value: TracedValue, user: number | undefined) => {
    const producer = clusterOf(value.ref);
    if (producer === undefined || producer === user) return;
    readOutside.set(producer, [...(readOutside.get(producer) ?? []), value]);
  };
  for (const [, { inputs, after, xlaCluster }] of operations)
    for (const value of after ? [...inputs, after] : inputs) addUse(value, xlaCluster);
  for (const value of returned) addUse(value, undefined);
  return [...members].flatMap(([number, own]) => {
    const results = unique(readOutside.get(number) ?? []);
    const parameters = own
      .flatMap(([, { inputs }]) => inputs)
      .filter(({ ref }) => !ref.startsWith("c") && clusterOf(ref) !== number);
    return results.length === 0
      ? []
      : [{ name: `cluster${number}`, graph, operations: own, parameters: unique(parameters), results }];
  });
}

/** The names of clusters' results, by the values' refs. */
function namesOfOutputs(
  clusters: readonly XlaCluster[],
  naming: (cluster: string, slot: number) => string,
): ReadonlyMap<string, string> {
  return new Map(
    clusters.flatMap(({ name, results }) =>
      results.map(({ ref }, slot) => [ref, naming(name, slot)] as const),
    ),
  );
}

/** A call of the function that contains a cluster's operations. */
function clusterNode(cluster: XlaCluster, nameOf: Naming, library: FunctionLibrary): Buffer {
  const { name, parameters, results } = cluster;
  return node(name, "StatefulPartitionedCall", parameters.map(nameOf), {
    Tin: typesAttribute(parameters.map(({ dtype }) => dtype)),
    Tout: typesAttribute(results.map(({ dtype }) => dtype)),
    f: functionAttribute(library((own) => writeFunction(own, cluster, library, true))),
    ...mustCompile,
  });
}

/** An operation with its index in its graph. */
type IndexedOperation = readonly [index: number, operation: TracedOperation];

/** The contents of a function: some operations of a graph, the values that they read from outside, and the results. */
interface FunctionParts {
  readonly graph: Graph;
  readonly parameters: readonly TracedValue[];
  readonly operations: readonly IndexedOperation[];
  readonly results: readonly TracedValue[];
}

/**
 * Encodes a function. Names inside are its own, so that equal functions are equal bytes except for `name`. With `forXla`
 * XLA compiles the whole function; otherwise only the clusters among its operations.
 */
function writeFunction(
  name: string,
  { graph, parameters, operations, results }: FunctionParts,
  library: FunctionLibrary,
  forXla: boolean,
): Buffer {
  const parameterNames = new Map(parameters.map(({ ref }, index) => [ref, `x${index}`]));
  const producers = new Map(
    operations.map(([index, { operation }], place) => [index, { operation, name: `n${place}` }]),
  );
  const clusters = forXla ? [] : xlaClusters(graph, operations, results);
  const clusterOutputs = namesOfOutputs(clusters, (cluster, slot) => `${cluster}:output:${slot}`);
  const constants = new Map<number, { constant: TracedConstant; name: string }>();
  const naming: Naming = ({ ref }) => {
    const named = parameterNames.get(ref) ?? clusterOutputs.get(ref);
    if (named !== undefined) return named;
    const [index = NaN, slot = NaN] = ref.slice(1).split(":").map(Number);
    const producer = ref.startsWith("n") ? producers.get(index) : undefined;
    if (producer !== undefined) return outputReference(producer.operation, producer.name, slot);
    const constant = ref.startsWith("c") ? graph.constants[index] : undefined;
    if (constant === undefined)
      throw new Error(`The value ${ref} is not part of the function that reads it.`);
    const known = constants.get(index) ?? { constant, name: `c${constants.size}` };
    constants.set(index, known);
    return `${known.name}:output:0`;
  };
  const nodes = [
    ...operations.flatMap(([, operation], place) =>
      forXla || operation.xlaCluster === undefined
        ? [operationNode(operation, `n${place}`, naming, library, forXla)]
        : [],
    ),
    ...clusters.map((cluster) => clusterNode(cluster, naming, library)),
  ];
  const returned = Object.fromEntries(results.map((value, index) => [`r${index}`, naming(value)]));
  return functionDefinition(
    name,
    parameters.map(({ dtype }, index) => ({ name: `x${index}`, dtype })),
    results.map(({ dtype }, index) => ({ name: `r${index}`, dtype })),
    returned,
    [...[...constants.values()].map((one) => constantNode(one.constant, one.name)), ...nodes],
    forXla ? mustCompile : {},
  );
}
