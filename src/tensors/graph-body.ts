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
import { nodeBackend } from "./native.ts";
import { outputReference } from "./operation-outputs.ts";
import type { Graph, Subgraph, TracedConstant, TracedOperation, TracedValue } from "./recorder.ts";
import type { Trace } from "./tracer.ts";

/*
 * A trace's operations as nodes of a graph, and what they call as functions: the condition and body of a loop, and
 * the parts that XLA compiles. Equal functions, as the layers of a network have, are one, and XLA compiles it once.
 */

/** Nodes and functions of a graph, and how its other nodes refer to a value. */
export interface GraphBody {
  readonly nodes: readonly Buffer[];
  readonly functions: readonly Buffer[];
  name(value: TracedValue): string;
}

type Naming = (value: TracedValue) => string;

/** Gives a function, written under whatever name it is given, its place among the graph's, and tells its name. */
type Library = (write: (name: string) => Buffer) => string;

/** The operations and constants of a trace. Inputs are nodes `x<i>`, variables' values nodes `v<i>/read`. */
export function encodeBody(trace: Trace): GraphBody {
  const functions = new Map<string, { name: string; definition: Buffer }>();
  const library: Library = (write) => {
    const content = write("").toString("base64");
    const known = functions.get(content);
    if (known !== undefined) return known.name;
    const name = `function${functions.size}`;
    functions.set(content, { name, definition: write(name) });
    return name;
  };
  const islands = islandsOf(trace);
  const renamed = new Map(
    islands.flatMap(({ number, results }) =>
      results.map(({ ref }, slot) => [ref, `island${number}:${slot}`] as const),
    ),
  );
  const name: Naming = ({ ref }) => renamed.get(ref) ?? (ref.startsWith("v") ? `${ref}/read` : ref);
  const nodes = [
    ...trace.constants.map((constant, index) => constantNode(constant, `c${index}`)),
    ...trace.operations.flatMap((operation, index) =>
      operation.island === undefined ? [operationNode(operation, `n${index}`, name, library)] : [],
    ),
    ...islands.map((island) =>
      node(`island${island.number}`, "StatefulPartitionedCall", island.parameters.map(name), {
        Tin: typesAttribute(island.parameters.map(({ dtype }) => dtype)),
        Tout: typesAttribute(island.results.map(({ dtype }) => dtype)),
        f: functionAttribute(library((own) => writeFunction(own, island, library, true))),
        ...mustCompile,
      }),
    ),
  ];
  return { nodes, functions: [...functions.values()].map(({ definition }) => definition), name };
}

const mustCompile: Attributes = { _XlaMustCompile: booleanAttribute(true) };

const constantNode = (constant: TracedConstant, name: string) =>
  node(name, "Const", [], { dtype: typeAttribute(constant.dtype), value: tensorAttribute(constant) });

/** Operations for which tfjs-node leaves T out, or names the type before a cast: eager TensorFlow infers it. */
const TYPED_BY_INPUT = /^(ExpandDims|Mean)$/;

function operationNode(
  traced: TracedOperation,
  name: string,
  nameOf: Naming,
  library: Library,
  forXla = false,
): Buffer {
  const { operation, attributes, inputs, loop } = traced;
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
  return node(name, operation, inputs.map(nameOf), {
    ...Object.fromEntries(attributes.map((one) => [one.name, operationAttribute(one, types)])),
    ...(TYPED_BY_INPUT.test(operation) ? { T: typeAttribute(inputs[0]!.dtype) } : {}),
  });
}

/** Both functions of a loop take its state and then all that either of them reads of the graph around it. */
function loopAttributes(
  { inputs }: TracedOperation,
  { condition, body }: NonNullable<TracedOperation["loop"]>,
  library: Library,
  forXla: boolean,
): Attributes {
  const state = body.results.length;
  const partsOf = (graph: Subgraph): FunctionParts => {
    const outside = inputs.slice(state).map((value): TracedValue => {
      const place = graph.captured.findIndex(({ ref }) => ref === value.ref);
      return place === -1 ? { ...value, ref: `unused ${value.ref}` } : graph.parameters[state + place]!;
    });
    const results = graph === body ? [...graph.results, ...outside] : graph.results;
    return {
      graph,
      parameters: [...graph.parameters.slice(0, state), ...outside],
      operations: [...graph.operations.keys()],
      results,
    };
  };
  return {
    T: typesAttribute(inputs.map(({ dtype }) => dtype)),
    cond: functionAttribute(library((name) => writeFunction(name, partsOf(condition), library, forXla))),
    body: functionAttribute(library((name) => writeFunction(name, partsOf(body), library, forXla))),
    parallel_iterations: integerAttribute(1),
    // Outside XLA a loop becomes nodes of the graph around it, which write in place what only they hold.
    _lower_using_switch_merge: booleanAttribute(!forXla),
  };
}

/** A part of a trace for XLA. */
interface Island extends FunctionParts {
  readonly number: number;
}

function islandsOf(trace: Trace): Island[] {
  const members = new Map<number, number[]>();
  for (const [index, { island }] of trace.operations.entries()) {
    if (island !== undefined) members.set(island, [...(members.get(island) ?? []), index]);
  }
  const islandOf = (ref: string) =>
    ref.startsWith("n") ? trace.operations[Number(ref.slice(1).split(":")[0])]!.island : undefined;
  const unique = (values: readonly TracedValue[]) => [
    ...new Map(values.map((value) => [value.ref, value])).values(),
  ];
  const readOutside = new Map<number, TracedValue[]>();
  const use = (value: TracedValue, by: number | undefined) => {
    const from = islandOf(value.ref);
    if (from !== undefined && from !== by) readOutside.set(from, [...(readOutside.get(from) ?? []), value]);
  };
  for (const { inputs, island } of trace.operations) for (const value of inputs) use(value, island);
  for (const value of trace.outputs) use(value, undefined);
  for (const { assigned } of trace.variables) if (assigned !== undefined) use(assigned, undefined);
  return [...members].flatMap(([number, operations]) => {
    const results = unique(readOutside.get(number) ?? []);
    const parameters = operations
      .flatMap((index) => trace.operations[index]!.inputs)
      .filter(({ ref }) => !ref.startsWith("c") && islandOf(ref) !== number);
    return results.length === 0
      ? []
      : [{ number, graph: trace, operations, parameters: unique(parameters), results }];
  });
}

/** What becomes a function: some of a graph's operations, what they read from outside, and what is returned. */
interface FunctionParts {
  readonly graph: Graph;
  readonly parameters: readonly TracedValue[];
  /** Places in the graph's operations. */
  readonly operations: readonly number[];
  readonly results: readonly TracedValue[];
}

/** A function with names of its own within, so that equal ones are equal bytes but for `name`. */
function writeFunction(
  name: string,
  { graph, parameters, operations, results }: FunctionParts,
  library: Library,
  forXla: boolean,
): Buffer {
  const places = new Map(parameters.map(({ ref }, index) => [ref, `x${index}`]));
  const own = new Map(operations.map((index, place) => [index, `n${place}`]));
  const constants = new Map<number, string>();
  const within: Naming = ({ ref }) => {
    const parameter = places.get(ref);
    if (parameter !== undefined) return parameter;
    const [index, slot] = ref.slice(1).split(":").map(Number) as [number, number];
    if (ref.startsWith("n"))
      return outputReference(graph.operations[index]!.operation, own.get(index)!, slot);
    if (!constants.has(index)) constants.set(index, `c${constants.size}`);
    return `${constants.get(index)}:output:0`;
  };
  const nodes = operations.map((index) =>
    operationNode(graph.operations[index]!, own.get(index)!, within, library, forXla),
  );
  const returned = Object.fromEntries(results.map((value, index) => [`r${index}`, within(value)]));
  return functionDefinition(
    name,
    parameters.map(({ dtype }, index) => ({ name: `x${index}`, dtype })),
    results.map(({ dtype }, index) => ({ name: `r${index}`, dtype })),
    returned,
    [...[...constants].map(([index, as]) => constantNode(graph.constants[index]!, as)), ...nodes],
    forXla ? mustCompile : {},
  );
}
