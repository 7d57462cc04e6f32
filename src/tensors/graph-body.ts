import {
  type Attributes,
  booleanAttribute,
  functionAttribute,
  functionDefinition,
  node,
  operationAttribute,
  tensorAttribute,
  typeAttribute,
  typesAttribute,
} from "./graph-def.ts";
import { outputReference } from "./operation-outputs.ts";
import { nodeBackend, type Trace, type TracedOperation, type TracedValue } from "./tracer.ts";

/*
 * A trace's operations as nodes of a graph. Those of an island are the body of a function that XLA compiles as
 * one; equal islands, as the layers of a network have, share a function, and XLA compiles it once.
 */

/** Nodes and functions of a graph, and how its other nodes refer to a value. */
export interface GraphBody {
  readonly nodes: readonly Buffer[];
  readonly functions: readonly Buffer[];
  name(value: TracedValue): string;
}

/** The operations and constants of a trace. Inputs are nodes `x<i>`, variables' values nodes `v<i>/read`. */
export function encodeBody(trace: Trace): GraphBody {
  const islands = islandsOf(trace);
  const call = new Map<string, string>();
  const name = ({ ref }: TracedValue) => call.get(ref) ?? (ref.startsWith("v") ? `${ref}/read` : ref);
  for (const { number, results } of islands) {
    for (const [slot, { ref }] of results.entries()) call.set(ref, `island${number}:${slot}`);
  }
  const bodies = new Map<string, { name: string; definition: Buffer }>();
  const calls = islands.map((island) => {
    const content = islandFunction(trace, island, "island").toString("base64");
    const known = bodies.get(content);
    const own = known?.name ?? `body${bodies.size}`;
    if (known === undefined) {
      bodies.set(content, { name: own, definition: islandFunction(trace, island, own) });
    }
    return node(`island${island.number}`, "StatefulPartitionedCall", island.parameters.map(name), {
      Tin: typesAttribute(island.parameters.map(({ dtype }) => dtype)),
      Tout: typesAttribute(island.results.map(({ dtype }) => dtype)),
      f: functionAttribute(own),
      ...mustCompile,
    });
  });
  return {
    nodes: [
      ...trace.constants.map((constant, index) =>
        node(`c${index}`, "Const", [], {
          dtype: typeAttribute(constant.dtype),
          value: tensorAttribute(constant),
        }),
      ),
      ...trace.operations.flatMap((operation, index) =>
        operation.island === undefined ? [operationNode(operation, `n${index}`, name)] : [],
      ),
      ...calls,
    ],
    functions: [...bodies.values()].map(({ definition }) => definition),
    name,
  };
}

const mustCompile: Attributes = { _XlaMustCompile: booleanAttribute(true) };

/** Operations for which tfjs-node leaves T out, or names the type before a cast: eager TensorFlow infers it. */
const TYPED_BY_INPUT = /^(ExpandDims|Mean)$/;

function operationNode(
  { operation, attributes, inputs }: TracedOperation,
  name: string,
  nameOf: (value: TracedValue) => string,
): Buffer {
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

interface Island {
  readonly number: number;
  readonly operations: readonly { operation: TracedOperation; index: number }[];
  /** What it reads from outside, constants apart. */
  readonly parameters: readonly TracedValue[];
  /** What is read of it outside. */
  readonly results: readonly TracedValue[];
}

function islandsOf(trace: Trace): Island[] {
  const members = new Map<number, { operation: TracedOperation; index: number }[]>();
  for (const [index, operation] of trace.operations.entries()) {
    if (operation.island === undefined) continue;
    const own = members.get(operation.island) ?? [];
    members.set(operation.island, own);
    own.push({ operation, index });
  }
  const islandOf = (ref: string) =>
    ref.startsWith("n") ? trace.operations[Number(ref.slice(1).split(":")[0])]!.island : undefined;
  const unique = (values: readonly TracedValue[]) => [
    ...new Map(values.map((value) => [value.ref, value])).values(),
  ];
  const assigned = trace.variables.flatMap((one) => (one.assigned === undefined ? [] : [one.assigned]));
  const read = new Map<number, TracedValue[]>();
  const use = (value: TracedValue, by: number | undefined) => {
    const from = islandOf(value.ref);
    if (from !== undefined && from !== by) read.set(from, [...(read.get(from) ?? []), value]);
  };
  for (const { inputs, island } of trace.operations) for (const value of inputs) use(value, island);
  for (const value of [...trace.outputs, ...assigned]) use(value, undefined);
  return [...members].flatMap(([number, operations]) => {
    const results = unique(read.get(number) ?? []);
    const outside = operations
      .flatMap(({ operation }) => operation.inputs)
      .filter(({ ref }) => !ref.startsWith("c") && islandOf(ref) !== number);
    return results.length === 0 ? [] : [{ number, operations, parameters: unique(outside), results }];
  });
}

/** An island as a function, with names of its own, so that equal ones are equal bytes. */
function islandFunction(trace: Trace, { operations, parameters, results }: Island, name: string): Buffer {
  const place = new Map(operations.map(({ index }, own) => [index, own]));
  const parameter = new Map(parameters.map(({ ref }, index) => [ref, `x${index}`]));
  const constants = new Map<string, string>();
  for (const { operation } of operations) {
    for (const { ref } of operation.inputs) {
      if (ref.startsWith("c") && !constants.has(ref)) constants.set(ref, `c${constants.size}`);
    }
  }
  const within = ({ ref }: TracedValue): string => {
    const outside = parameter.get(ref);
    if (outside !== undefined) return outside;
    const constant = constants.get(ref);
    if (constant !== undefined) return `${constant}:output:0`;
    const [index, slot] = ref.slice(1).split(":").map(Number) as [number, number];
    return outputReference(trace.operations[index]!.operation, `n${place.get(index)}`, slot);
  };
  return functionDefinition(
    name,
    parameters.map(({ dtype }, index) => ({ name: `x${index}`, dtype })),
    results.map(({ dtype }, index) => ({ name: `r${index}`, dtype })),
    Object.fromEntries(results.map((value, index) => [`r${index}`, within(value)])),
    [
      ...[...constants].map(([ref, own]) => {
        const constant = trace.constants[Number(ref.slice(1))]!;
        return node(own, "Const", [], {
          dtype: typeAttribute(constant.dtype),
          value: tensorAttribute(constant),
        });
      }),
      ...operations.map(({ operation }, index) => operationNode(operation, `n${index}`, within)),
    ],
    mustCompile,
  );
}
