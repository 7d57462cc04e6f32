import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { tf } from "./backend.ts";
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
import { nodeBackend } from "./native.ts";
import { type TracedOperation, type TracedValue, UntraceableError } from "./recorder.ts";
import type { Trace } from "./tracer.ts";

/** A trace as a TensorFlow session of its own, in which the variables it uses live. */
export interface Program {
  readonly variables: readonly { variable: tf.Variable; assigned: boolean }[];
  /** Runs once on inputs of the traced shapes and types; the outputs are the caller's. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** The session's value of variable `index`. */
  read(index: number): tf.Tensor;
  /** Gives the session the tf.Variables' values. */
  write(indices: readonly number[]): void;
  dispose(): void;
}

/**
 * Loads a trace into TensorFlow. `jit` has XLA compile the whole computation when it first runs. The graph
 * passes through a file in a temporary folder that is gone when this returns.
 */
export function loadProgram(traced: Trace, jit: boolean): Program {
  const backend = nodeBackend();
  const operations = traced.operations.map(plainProduct);
  const trace = {
    ...traced,
    operations: jit ? operations.map((one) => ({ ...one, island: 0 })) : operations,
  };
  const session = load(encode(trace));
  const fetches = trace.outputs.map((_, index) => `y${index}:0`);
  const feeds = trace.inputs.map((_, index) => ({ name: `x${index}:0` }));
  const run: Program["run"] = (inputs) => {
    if (fetches.length > 0) return backend.runSavedModel(session, inputs, feeds, fetches);
    tf.dispose(backend.runSavedModel(session, inputs, feeds, ["done:0"]));
    return [];
  };
  return {
    variables: trace.variables.map(({ variable, assigned }) => ({
      variable,
      assigned: assigned !== undefined,
    })),
    run,
    read: (index) => backend.runSavedModel(session, [], [], [`v${index}/read:0`])[0]!,
    write: (indices) => {
      if (indices.length === 0) return;
      const values = indices.map((index) => trace.variables[index]!.variable);
      const names = indices.map((index) => ({ name: `v${index}/feed:0` }));
      const done = indices.map((index) => `v${index}/written:0`);
      tf.dispose(backend.runSavedModel(session, values, names, done));
    },
    dispose: () => backend.binding.deleteSavedModel(session),
  };
}

/** tfjs-node multiplies all matrices as batches of them; TensorFlow's MatMul is faster where there is no batch. */
function plainProduct(traced: TracedOperation): TracedOperation {
  const { operation, attributes, inputs } = traced;
  if (operation !== "BatchMatMulV2" || inputs.some(({ shape }) => shape.length !== 2)) return traced;
  const names: Record<string, string> = { adj_x: "transpose_a", adj_y: "transpose_b" };
  return {
    ...traced,
    operation: "MatMul",
    attributes: attributes.map((one) => ({ ...one, name: names[one.name] ?? one.name })),
  };
}

function load(model: Buffer): number {
  const folder = mkdtempSync(path.join(tmpdir(), "allroads-graph-"));
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

/** The bytes of the SavedModel: inputs, variables, the body, assignments, outputs. */
function encode(trace: Trace): Buffer {
  const inputs = trace.inputs.map(({ ref, dtype, shape }) =>
    node(ref, "Placeholder", [], { dtype: typeAttribute(dtype), shape: shapeAttribute(shape) }),
  );
  const body = encodeBody(trace);
  const updates = trace.variables.flatMap(({ assigned, value }) =>
    assigned === undefined ? [] : [{ name: `${value.ref}/assign`, handle: value.ref, value: assigned }],
  );
  const after = updates.map(({ name }) => `^${name}`);
  return savedModel(
    [
      ...inputs,
      ...trace.variables.flatMap(({ value }) => variableNodes(value)),
      ...body.nodes,
      ...updates.map(({ name, handle, value }) =>
        node(name, "AssignVariableOp", [handle, body.name(value), `^${handle}/read`], {
          dtype: typeAttribute(value.dtype),
        }),
      ),
      ...trace.outputs.map((value, index) =>
        node(`y${index}`, "Identity", [body.name(value), ...after], { T: typeAttribute(value.dtype) }),
      ),
      zero("done", after),
    ],
    body.functions,
  );
}

const zero = (name: string, after: readonly string[]) =>
  node(name, "Const", after, {
    dtype: typeAttribute(dataType.int32),
    value: tensorAttribute({ dtype: dataType.int32, shape: [], data: new Int32Array(1) }),
  });

/** A variable's resource, its value before the run, and the way to write it from outside. */
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
    zero(`${ref}/written`, [`^${ref}/write`]),
  ];
}
