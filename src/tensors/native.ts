import { tf } from "./backend.ts";
import { dataType, type OperationAttribute } from "./graph-def.ts";

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

/** A tensor of the same numbers that shares nothing with its original, the native handle included. */
export function copy(tensor: tf.Tensor): tf.Tensor {
  const { binding } = nodeBackend();
  const dtype = dataType[tensor.dtype as keyof typeof dataType];
  const type = { name: "T", type: binding.TF_ATTR_TYPE, value: dtype };
  return nodeBackend().executeSingleOutput("Identity", [type], [tensor]);
}
