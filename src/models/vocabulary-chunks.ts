import { tf } from "../tensors/backend.ts";
import { after, fused } from "../tensors/compile.ts";
import { matMul } from "../tensors/matrix-products.ts";

/**
 * `targetLogps` of the logits h Wᵀ / `temperature`, without their matrix: `chunk` ids at a time, in the gradient once more.
 * `hidden` [N, H], `weight` [V, H], `targets` int32 [N] → [N]. The temperature has no gradient.
 */
export function chunkedTargetLogps(
  hidden: tf.Tensor2D,
  weight: tf.Tensor2D,
  targets: tf.Tensor1D,
  chunk: number,
  temperature: number | tf.Scalar = 1,
): tf.Tensor1D {
  const [vocabulary, width] = weight.shape;
  const rows = hidden.shape[0];
  const starts = Array.from({ length: Math.ceil(vocabulary / chunk) }, (_, index) => index * chunk);
  const sizeFrom = (start: number) => Math.min(chunk, vocabulary - start);
  const part = (of: tf.Tensor2D, start: number) => tf.slice(of, [start, 0], [sizeFrom(start), width]);
  const logitsOf = (h: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D => {
    const product = matMul(h, w, false, true);
    return temperature === 1 ? product : tf.div(product, temperature);
  };
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const [h, w] = args as unknown as [tf.Tensor2D, tf.Tensor2D];
    let largest = tf.fill([rows, 1], Number.NEGATIVE_INFINITY) as tf.Tensor2D;
    let sum = tf.zeros([rows, 1]) as tf.Tensor2D;
    let chosen = tf.zeros([rows]) as tf.Tensor1D;
    for (const start of starts) {
      const logits = logitsOf(after(h, sum), part(w, start));
      [largest, sum, chosen] = fused(logits.size, () => {
        const next: tf.Tensor2D = tf.maximum(largest, tf.max(logits, 1, true));
        const scaled = tf.mul(sum, tf.exp(tf.sub(largest, next)));
        const own = tf.mul(logits, oneHot(targets, start, sizeFrom(start)));
        return [
          next,
          tf.add(scaled, tf.sum(tf.exp(tf.sub(logits, next)), 1, true)),
          tf.add(chosen, tf.sum(own, 1)),
        ] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      });
    }
    const normaliser = tf.add(largest, tf.log(sum));
    save([h, w, normaliser, targets]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [hiddens, weights, total, of] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      const scale = tf.div(dy.expandDims(1), temperature);
      let hiddenGradient: tf.Tensor2D = tf.zerosLike(hiddens);
      let done: tf.Tensor2D = hiddenGradient;
      const weightGradients = starts.map((start) => {
        const inTurn = <T extends tf.Tensor>(tensor: T) => after(after(tensor, hiddenGradient), done);
        const [h, w] = [inTurn(hiddens), part(inTurn(weights), start)];
        const logits = logitsOf(h, w);
        const gradient = fused(logits.size, () => {
          const probabilities = tf.exp(tf.sub(logits, total));
          return tf.mul<tf.Tensor2D>(tf.sub(oneHot(of, start, sizeFrom(start)), probabilities), scale);
        });
        hiddenGradient = tf.add(hiddenGradient, matMul(gradient, w));
        done = matMul(gradient, h, true);
        return done;
      });
      return [hiddenGradient, tf.concat(weightGradients)];
    };
    return { value: tf.sub(chosen, normaliser.squeeze([1])), gradFunc };
  });
  return op(hidden, weight) as tf.Tensor1D;
}

/** [N, size]: 1 at a target among the ids from `start` on, 0 elsewhere. */
const oneHot = (targets: tf.Tensor1D, start: number, size: number): tf.Tensor2D =>
  tf.equal(targets.expandDims(1), tf.range(start, start + size, 1, "int32")).toFloat() as tf.Tensor2D;
