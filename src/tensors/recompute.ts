import { describeArguments, replaceTensors } from "./arguments.ts";
import { after } from "./compile.ts";
import { tf } from "./tfjs.ts";
import { withOwnTape } from "./tfjs-internals.ts";

/**
 * `compute` of differentiable tensors, whose gradient runs `compute` again instead of keeping what is between `inputs` and
 * the result (gradient checkpointing: Chen et al., arXiv 1604.06174). The result must depend on all inputs, the first of
 * which leads to what was computed before. Other tensors
 * that `compute` reads are in `constants`, in nested arrays and plain objects, and have no gradient.
 */
export function recomputed<T extends tf.Tensor, C>(
  compute: (inputs: readonly tf.Tensor[], constants: C) => T,
  inputs: readonly tf.Tensor[],
  constants: C,
): T {
  const read = describeArguments([constants]).inputs;
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    save([...(args as tf.Tensor[]), ...read]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      // Otherwise TensorFlow would see that the results are known, and keep them.
      const again = saved.slice(0, inputs.length).map((tensor) => after(tensor, dy));
      const kept = saved.slice(inputs.length).values();
      const others = replaceTensors(constants, () => kept.next().value) as C;
      const [first, ...rest] = withOwnTape(() => tf.grads((...own) => compute(own, others))(again, dy));
      // What the other gradients need is freed before the gradient passes on.
      return [rest.reduce((gradient, other) => after(gradient, other), first!), ...rest];
    };
    return { value: compute(args as tf.Tensor[], constants), gradFunc };
  });
  return op(...inputs) as T;
}
