import type { CompletionGroup, PaddedShape } from "../models/batch.ts";
import type { Objective } from "./trainer.ts";

/** A term that is added to the loss on pairs, such as `onPolicyKl`. */
export interface Regularizer {
  /** `objective` with the term added. Throws if it cannot be computed for one of `examples`. */
  apply<E extends { readonly group: CompletionGroup }, B extends object>(
    objective: Objective<E, B>,
    examples: readonly E[],
    shape: PaddedShape,
    seed: number,
  ): Objective<E, object>;
  /** Its settings, by which a checkpoint tells one regularizer from another. */
  toJSON(): unknown;
}
