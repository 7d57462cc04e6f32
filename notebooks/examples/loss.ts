import { tensors, type training } from "allroads";

/*
 * A preference loss. `chosen` and `rejected` are implicit rewards β log π/π_ref, float32 [B]; the result is a scalar.
 * From a notebook, with a laboratory `lab`:
 *
 *   const policy = lab.dpo(1, { loss: userCode("notebooks/examples/loss.ts", "dpoWithOffset", { offset: 1 }) });
 */

const { tf } = tensors;

/** DPO with an offset: -log σ(r⁺ - r⁻ - offset), averaged over pairs (Amini et al., arXiv 2402.10571). */
export const dpoWithOffset =
  ({ offset }: { offset: number }): training.PreferenceLoss =>
  ({ chosen, rejected }) =>
    tf.mean(tf.softplus(tf.add(tf.sub(rejected, chosen), offset)));
