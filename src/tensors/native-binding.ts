import { dataType, type OperationAttribute } from "./graph-def.ts";
import { tf } from "./tfjs.ts";

/*
 * The private parts of tfjs-node that are used here: its native binding and its backend. tfjs has no public function
 * that runs a TensorFlow operation by name, sees the operations that a kernel runs, or loads a graph with fed and fetched
 * node names. Checked against tfjs-node-gpu 4.22.0, the version that package.json pins.
 */

/** A tensor as the binding describes an operation's result. */
export interface TensorInfo {
  id: number;
  dtype: number;
  shape: number[];
}

type AttributeType = "TYPE" | "BOOL" | "INT" | "FLOAT" | "STRING" | "SHAPE";

/** The native binding of tfjs-node to TensorFlow's C library. */
export interface Binding extends Readonly<Record<`TF_ATTR_${AttributeType}`, number>> {
  readonly TF_Version: string;
  executeOp(name: string, attributes: OperationAttribute[], inputs: number[], outputs: number): TensorInfo[];
  createTensor(shape: number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  getNumOfTensors(): number;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
}

/** The tfjs backend that runs kernels through the binding. `binding` can be replaced while a function is traced. */
export interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  binding: Binding;
  /** The binding's id of each tensor, by the object that identifies the tensor's data. */
  readonly tensorMap: {
    get(dataId: object): { id: number };
    set(dataId: object, info: { id: number }): void;
    has(dataId: object): boolean;
  };
  /** The number of tensors that share the data. */
  refCount(dataId: object): number;
  createOutputTensor(info: TensorInfo): tf.Tensor;
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  executeSingleOutput(name: string, attributes: OperationAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  runSavedModel(
    session: number,
    inputs: readonly tf.Tensor[],
    infos: readonly { name: string }[],
    outputs: readonly string[],
  ): tf.Tensor[];
}

/** The backend that `tf` computes on. */
export const nodeBackend = (): NodeBackend => tf.backend() as unknown as NodeBackend;

/** The binding's id of a tensor. */
export function tensorId(tensor: tf.Tensor): number {
  const [id] = nodeBackend().getInputTensorIds([tensor]);
  if (id === undefined)
    throw new Error(`The tensor of shape [${tensor.shape}] is not in TensorFlow's memory.`);
  return id;
}

/**
 * Frees the memory of a tensor that is to be assigned before it is read, unless other tensors share it: it has no elements
 * then.
 */
export function releaseData(tensor: tf.Tensor): void {
  const { binding, tensorMap } = nodeBackend();
  if (nodeBackend().refCount(tensor.dataId) > 1) return;
  const info = tensorMap.get(tensor.dataId);
  const empty = binding.createTensor([0], dataType.float32, new Float32Array());
  binding.deleteTensor(info.id);
  info.id = empty;
}

/** TensorFlow's DataType of a tensor. */
export const tensorType = (tensor: tf.Tensor): number => dataType[tensor.dtype as keyof typeof dataType];

/** Calls `listener` for the data of each new tensor until the returned function is called. */
export function onDataCreated(listener: (dataId: object, info: { id: number }) => void): () => void {
  const { tensorMap } = nodeBackend();
  const { set } = tensorMap;
  tensorMap.set = (dataId, info) => {
    set.call(tensorMap, dataId, info);
    listener(dataId, info);
  };
  return () => {
    tensorMap.set = set;
  };
}
