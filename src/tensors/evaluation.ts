import type { ConstantTensor, OperationAttribute } from "./graph-def.ts";
import type { Binding, TensorInfo } from "./native-binding.ts";

/** A call of an operation that has not run. */
export interface PendingCall {
  readonly operation: string;
  readonly attributes: readonly OperationAttribute[];
  /** The ids of its inputs: outputs of other calls, or tensors of the native binding, which may have been deleted. */
  readonly ids: readonly number[];
  readonly outputs: readonly number[];
}

/** Runs calls, and deletes what they compute once nothing needs it. */
export interface Evaluation {
  run(call: PendingCall): void;
  /** A tensor of the native binding that has the values of `id`. */
  present(id: number): Pick<TensorInfo, "id"> & Partial<TensorInfo>;
  /** Deletes what is left. */
  dispose(): void;
}

/**
 * Prepares to run `calls` for the tensors `wanted`. `constants` are tensors that are made anew, since the function that
 * is traced may have deleted them.
 */
export function createEvaluation(
  binding: Binding,
  constants: ReadonlyMap<number, ConstantTensor>,
  calls: readonly PendingCall[],
  wanted: readonly number[],
): Evaluation {
  const uses = countUses([...wanted, ...calls.flatMap(({ ids }) => ids)]);
  const computed = new Map<number, TensorInfo>();

  const present = (id: number) => {
    const constant = constants.get(id);
    if (computed.has(id) || constant === undefined) return computed.get(id) ?? { id };
    const { dtype, shape, data } = constant;
    const made = { id: binding.createTensor([...shape], dtype, data), dtype, shape: [...shape] };
    computed.set(id, made);
    return made;
  };
  const release = (id: number) => {
    const left = (uses.get(id) ?? 1) - 1;
    uses.set(id, left);
    const info = computed.get(id);
    if (left > 0 || info === undefined) return;
    binding.deleteTensor(info.id);
    computed.delete(id);
  };

  return {
    run: ({ operation, attributes, ids, outputs }) => {
      const inputs = ids.map((id) => present(id).id);
      const results = binding.executeOp(operation, [...attributes], inputs, outputs.length);
      for (const [slot, id] of outputs.entries()) computed.set(id, results[slot]!);
      for (const id of [...ids, ...outputs.filter((output) => !uses.has(output))]) release(id);
    },
    present,
    dispose: () => {
      for (const { id } of computed.values()) binding.deleteTensor(id);
    },
  };
}

function countUses(ids: readonly number[]): Map<number, number> {
  const uses = new Map<number, number>();
  for (const id of ids) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}
