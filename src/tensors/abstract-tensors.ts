import { createEvaluation, type PendingCall } from "./evaluation.ts";
import { type ConstantTensor, dataType, type OperationAttribute } from "./graph-def.ts";
import type { Binding, TensorInfo } from "./native-binding.ts";
import { shapeFunctions } from "./operation-shapes.ts";
import type { TensorType } from "./tensor-type.ts";

/*
 * Stand-ins for the tensors of a trace. An abstract tensor has an id that the native binding never gives, a dtype and a
 * shape, but no values: it is an operation's output, or another name for a tensor. Its values are computed only if they
 * are asked for, by running the operations that lead to it.
 */

/** A call of an operation. */
export interface OperationCall {
  readonly operation: string;
  readonly attributes: readonly OperationAttribute[];
  /** The ids of its inputs, and their types. */
  readonly ids: readonly number[];
  readonly inputs: readonly TensorType[];
  /** The number of its outputs. */
  readonly count: number;
}

/** The abstract tensors of one trace. */
export interface AbstractTensors {
  /** The outputs of a call, which runs only if its operation has no shape function. */
  outputsOf(call: OperationCall): TensorInfo[];
  /** Another name for the tensor `id`. */
  alias(id: number, type: TensorType): TensorInfo;
  /** Keeps the values of a tensor made from JavaScript numbers, which may be deleted before it is asked for. */
  keep(id: number, constant: ConstantTensor): void;
  kept(id: number): ConstantTensor | undefined;
  /** The values of a tensor, abstract or not. */
  read(id: number): ConstantTensor["data"];
  /** Computes abstract tensors. The results are tensors of the native binding, which the caller deletes. */
  evaluate(ids: readonly number[]): TensorInfo[];
}

/** The last id that was given; tfjs uses -1 for tensors without an id. */
let lastId = -1;

/** Whether an id is that of an abstract tensor. */
export const isAbstract = (id: number): boolean => id < -1;

/** Begins without tensors. `binding` computes what is asked for. */
export function createAbstractTensors(binding: Binding): AbstractTensors {
  const constants = new Map<number, ConstantTensor>();
  const aliases = new Map<number, TensorType & { readonly of: number }>();
  const producers = new Map<number, PendingCall>();

  const resolve = (id: number) => aliases.get(id)?.of ?? id;

  /** The calls that lead to tensors, first call first; ids fall. */
  const callsFor = (ids: readonly number[]): PendingCall[] => {
    const found = new Set<PendingCall>();
    const open = [...ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const call = producers.get(id);
      if (call === undefined || found.has(call)) continue;
      found.add(call);
      open.push(...call.ids);
    }
    return [...found].sort((a, b) => b.outputs[0]! - a.outputs[0]!);
  };

  const evaluate = (ids: readonly number[]): TensorInfo[] => {
    const wanted = ids.map(resolve);
    const calls = callsFor(wanted);
    const evaluation = createEvaluation(binding, constants, calls, wanted);
    const copyOf = (id: number): TensorInfo => {
      const original = evaluation.present(resolve(id));
      const dtype = original.dtype ?? aliases.get(id)?.dtype;
      const type = { name: "T", type: binding.TF_ATTR_TYPE, value: dtype };
      return binding.executeOp("Identity", [type], [original.id], 1)[0]!;
    };
    try {
      for (const call of calls) evaluation.run(call);
      return ids.map(copyOf);
    } finally {
      evaluation.dispose();
    }
  };

  const read = (id: number): ConstantTensor["data"] => {
    if (!isAbstract(id)) return constants.get(id)?.data ?? binding.tensorDataSync(id);
    const [{ id: computed }] = evaluate([id]) as [TensorInfo];
    const data = binding.tensorDataSync(computed);
    binding.deleteTensor(computed);
    return data;
  };

  const typesByRunning = ({ outputs }: PendingCall): TensorInfo[] => {
    const results = evaluate(outputs);
    for (const { id } of results) binding.deleteTensor(id);
    return results;
  };

  return {
    outputsOf: (call) => {
      const outputs = Array.from({ length: call.count }, () => --lastId);
      const pending = { ...call, ids: call.ids.map(resolve), outputs };
      for (const id of outputs) producers.set(id, pending);
      const types = inferredTypes(call, read) ?? typesByRunning(pending);
      return outputs.map((id, slot) => ({ id, dtype: types[slot]!.dtype, shape: [...types[slot]!.shape] }));
    },
    alias: (id, { dtype, shape }) => {
      lastId -= 1;
      aliases.set(lastId, { of: resolve(id), dtype, shape });
      return { id: lastId, dtype, shape: [...shape] };
    },
    keep: (id, constant) => constants.set(id, constant),
    kept: (id) => constants.get(id),
    read,
    evaluate,
  };
}

/** The types of a call's outputs by its shape function, if it has one that covers the call. */
function inferredTypes(
  call: OperationCall,
  read: AbstractTensors["read"],
): readonly TensorType[] | undefined {
  const { operation, attributes, ids, inputs, count } = call;
  // The words of a kept int64 are not its values.
  if (inputs.some(({ dtype }) => dtype === dataType.int64)) return undefined;
  const values = (input: number) => Array.from(read(ids[input]!));
  const types = shapeFunctions.get(operation)?.({ attributes, inputs, count, values });
  return types?.length === count ? types : undefined;
}
