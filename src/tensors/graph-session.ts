import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { encodeBody } from "./graph-body.ts";
import {
  dataType,
  GRAPH_TAG,
  node,
  savedModel,
  shapeAttribute,
  tensorAttribute,
  textAttribute,
  typeAttribute,
} from "./graph-def.ts";
import { nodeBackend } from "./native-binding.ts";
import type { TracedOperation, TracedValue } from "./recorder.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { tf } from "./tfjs.ts";
import type { Trace } from "./tracer.ts";
import { UntraceableError } from "./untraceable-error.ts";

/** A variable of a session. */
export interface SessionVariable {
  /** Its number in the graph. */
  readonly index: number;
  readonly variable: tf.Variable;
  /** Whether a run assigns it. */
  readonly assigned: boolean;
}

/** A trace loaded as a TensorFlow session, which holds the values of the variables that the graph uses. */
export interface GraphSession {
  readonly variables: readonly SessionVariable[];
  /** Runs the graph once on inputs of the traced shapes and dtypes. The caller owns the outputs. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** The session's value of a variable. */
  read(variable: SessionVariable): tf.Tensor;
  /** Copies the values of the tf.Variables to the session. */
  write(variables: readonly SessionVariable[]): void;
  dispose(): void;
}

/**
 * Loads a trace into TensorFlow, which compiles XLA clusters on their first run. The graph is passed through a file in a
 * temporary folder, which is removed before this returns.
 */
export function loadGraph(traced: Trace): GraphSession {
  const backend = nodeBackend();
  const trace = { ...traced, operations: traced.operations.map(withoutBatch) };
  const session = loadSavedModel(encode(trace));
  const fetches = trace.outputs.map((_, index) => `y${index}:0`);
  const feeds = trace.inputs.map((_, index) => ({ name: `x${index}:0` }));
  return {
    variables: trace.variables.map(({ variable, assigned }, index) => ({
      index,
      variable,
      assigned: assigned !== undefined,
    })),
    run: (inputs) => {
      if (fetches.length > 0) return backend.runSavedModel(session, inputs, feeds, fetches);
      tf.dispose(backend.runSavedModel(session, inputs, feeds, ["done:0"]));
      return [];
    },
    read: ({ index, variable }) => {
      const [value] = backend.runSavedModel(session, [], [], [`v${index}/read:0`]);
      if (value === undefined)
        throw new Error(`TensorFlow returned no value of the variable ${variable.name}.`);
      return value;
    },
    write: (variables) => {
      if (variables.length === 0) return;
      const values = variables.map(({ variable }) => variable);
      const names = variables.map(({ index }) => ({ name: `v${index}/feed:0` }));
      const done = variables.map(({ index }) => `v${index}/written:0`);
      tf.dispose(backend.runSavedModel(session, values, names, done));
    },
    dispose: () => backend.binding.deleteSavedModel(session),
  };
}

/** tfjs-node multiplies all matrices by BatchMatMulV2; for operands without a batch MatMul is faster. */
function withoutBatch(traced: TracedOperation): TracedOperation {
  const { operation, attributes, inputs } = traced;
  if (operation !== "BatchMatMulV2" || inputs.some(({ shape }) => shape.length !== 2)) return traced;
  const names: Record<string, string> = { adj_x: "transpose_a", adj_y: "transpose_b" };
  return {
    ...traced,
    operation: "MatMul",
    attributes: attributes.map((one) => ({ ...one, name: names[one.name] ?? one.name })),
  };
}

function loadSavedModel(model: Buffer): number {
  const folder = temporaryFolder("allroads-graph-");
  try {
    writeFileSync(path.join(folder, "saved_model.pb"), model);
    return nodeBackend().binding.loadSavedModel(folder, GRAPH_TAG);
  } catch (error) {
    throw new UntraceableError(
      `TensorFlow does not accept the function's graph: ${(error as Error).message}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes of the SavedModel: inputs, variables, the trace's operations, assignments, outputs. */
function encode(trace: Trace): Buffer {
  const inputs = trace.inputs.map(({ ref, dtype, shape }) =>
    node(ref, "Placeholder", [], { dtype: typeAttribute(dtype), shape: shapeAttribute(shape) }),
  );
  const body = encodeBody(trace);
  const assignments = trace.variables.flatMap(({ assigned, value }) =>
    assigned === undefined ? [] : [{ name: `${value.ref}/assign`, handle: value.ref, value: assigned }],
  );
  const afterAssignments = assignments.map(({ name }) => `^${name}`);
  return savedModel(
    [
      ...inputs,
      ...trace.variables.flatMap(({ value }) => variableNodes(value)),
      ...body.nodes,
      ...assignments.map(({ name, handle, value }) =>
        node(name, "AssignVariableOp", [handle, body.name(value), `^${handle}/read`], {
          dtype: typeAttribute(value.dtype),
        }),
      ),
      ...trace.outputs.map((value, index) =>
        node(`y${index}`, "Identity", [body.name(value), ...afterAssignments], {
          T: typeAttribute(value.dtype),
        }),
      ),
      zeroNode("done", afterAssignments),
    ],
    body.functions,
  );
}

/** A constant 0 that is fetched to run the nodes `after`. */
const zeroNode = (name: string, after: readonly string[]) =>
  node(name, "Const", after, {
    dtype: typeAttribute(dataType.int32),
    value: tensorAttribute({ dtype: dataType.int32, shape: [], data: new Int32Array(1) }),
  });

/** A variable's resource, its value before the run, and the nodes that write it from outside. */
function variableNodes({ ref, dtype, shape }: TracedValue): Buffer[] {
  const type = typeAttribute(dtype);
  const size = shapeAttribute(shape);
  return [
    node(ref, "VarHandleOp", [], {
      dtype: type,
      shape: size,
      container: textAttribute(""),
      shared_name: textAttribute(ref),
    }),
    node(`${ref}/read`, "ReadVariableOp", [ref], { dtype: type }),
    node(`${ref}/feed`, "Placeholder", [], { dtype: type, shape: size }),
    node(`${ref}/write`, "AssignVariableOp", [ref, `${ref}/feed`], { dtype: type }),
    zeroNode(`${ref}/written`, [`^${ref}/write`]),
  ];
}
