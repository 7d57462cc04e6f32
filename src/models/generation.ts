import { tf } from "../tensors/backend.ts";
import { asXlaCluster, whileLoop } from "../tensors/compile.ts";
import { writeRows } from "../tensors/in-place.ts";
import { completionCache, emptyCache } from "./completion-cache.ts";
import { forward, type Network, type PromptCache, prefill, unembed } from "./decoder.ts";

/** The inputs of generation: B prompts, N = B·K sequences. */
export interface GenerationInputs {
  /** int32 [B, P] and float32 [B, P]: prompts without their last tokens, as `prefill` takes them. */
  readonly prompts?: tf.Tensor2D;
  readonly attention?: tf.Tensor2D;
  /** int32 [B]: the prompts' last tokens. */
  readonly last: tf.Tensor1D;
  /** int32 [B, vocabulary]: the token that must follow each, or -1 where the policy decides. */
  readonly forcedNext?: tf.Tensor2D;
  /** float32 [steps, N], uniform in [0, 1); absent for greedy decoding. */
  readonly draws?: tf.Tensor2D;
  /** float32 scalar that divides the logits; not used without `draws`. */
  readonly temperature: tf.Scalar;
  /** int32 scalars. */
  readonly eos: tf.Scalar;
  readonly pad: tf.Scalar;
  /** bool [N]: sequences to skip, such as padding of the batch. */
  readonly ended: tf.Tensor1D;
  readonly maxTokens: number;
  /** Whether XLA compiles the loop over tokens: faster from the second call of a compiled function on. */
  readonly jit?: boolean;
}

/**
 * Generates completions, int32 [maxTokens, N], with `pad` after `eos`: one cached forward pass of all sequences per
 * token, until all have ended.
 */
export function generate(net: Network, inputs: GenerationInputs): tf.Tensor2D {
  const prompt = inputs.prompts && prefill(net, inputs.prompts, inputs);
  // XLA does not make the prefill faster.
  return inputs.jit ? asXlaCluster(() => decode(net, inputs, prompt)) : decode(net, inputs, prompt);
}

/** The tokens that follow `prompt`. */
function decode(net: Network, inputs: GenerationInputs, prompt: PromptCache | undefined): tf.Tensor2D {
  const { ended, last, maxTokens, pad } = inputs;
  const sequences = ended.size;
  const start = {
    step: tf.scalar(0, "int32") as tf.Tensor,
    last: tf.tile(last.expandDims(1), [1, sequences / last.size]).flatten() as tf.Tensor,
    ended: ended as tf.Tensor,
    tokens: tf.mul(tf.ones([maxTokens, sequences], "int32"), pad) as tf.Tensor,
    layers: emptyCache(net.config, sequences, maxTokens),
  };
  const { tokens } = whileLoop(
    ({ step, ended }) => tf.logicalAnd(tf.less(step, maxTokens), tf.logicalNot(tf.all(ended))),
    ({ step, last, ended, tokens, layers: before }) => {
      const layers = [...before];
      const cache = completionCache(layers, step, maxTokens);
      const current = last.reshape<tf.Tensor3D>([inputs.last.size, -1, 1]);
      const hidden = forward(net, current, { prompt, cache });
      const chosen = applyForced(choose(unembed(net, hidden), step, inputs), last, step, inputs);
      const token = tf.where(ended, tf.broadcastTo(pad, [sequences]), chosen);
      return {
        step: tf.add(step, tf.scalar(1, "int32")),
        last: token,
        ended: tf.logicalOr(ended, tf.equal(token, inputs.eos)),
        tokens: writeRows(tokens, step.reshape([1]), token.expandDims(0)),
        layers,
      };
    },
    start,
  );
  return tokens as tf.Tensor2D;
}

/** The policy's next tokens, int32 [N], from logits [N, vocabulary]. */
function choose(logits: tf.Tensor2D, step: tf.Tensor, { draws, temperature }: GenerationInputs): tf.Tensor1D {
  if (draws === undefined) return tf.argMax(logits, 1).toInt() as tf.Tensor1D;
  return pick(
    tf.div(logits, temperature),
    tf.gather(draws, step.reshape([1]) as tf.Tensor1D).reshape([-1, 1]),
  );
}

/**
 * Samples by inverting each row's cumulative distribution: `logits` [N, V] and `draws` in [0, 1) [N, 1] → int32 [N].
 * First finds a block of tokens and then the token in it, since running sums over long rows are slow.
 */
function pick(logits: tf.Tensor2D, draws: tf.Tensor2D): tf.Tensor1D {
  const [rows, vocabulary] = logits.shape;
  const width = Math.ceil(Math.sqrt(vocabulary));
  const height = Math.ceil(vocabulary / width);
  const padded = tf.pad(tf.softmax(logits), [
    [0, 0],
    [0, width * height - vocabulary],
  ]);
  const blocks = padded.reshape<tf.Tensor2D>([rows * height, width]);
  const block = invert(tf.sum(blocks, 1).reshape([rows, height]), draws);
  const chosen = tf.add(tf.range(0, rows * height, height, "int32"), block.index) as tf.Tensor1D;
  const within = invert(tf.gather(blocks, chosen), block.rest);
  return tf.add(tf.mul(block.index, tf.scalar(width, "int32")), within.index) as tf.Tensor1D;
}

/**
 * For each row of `weights` [N, W] the first `index`, int32 [N], at which the running sum exceeds `draws` [N, 1] times
 * the row's total, and `rest`, the position within that index's weight, in [0, 1).
 */
function invert(weights: tf.Tensor2D, draws: tf.Tensor2D): { index: tf.Tensor1D; rest: tf.Tensor2D } {
  const [, width] = weights.shape;
  const triangle = Float32Array.from({ length: width * width }, (_, at) =>
    Number(Math.floor(at / width) <= at % width),
  );
  const sums = tf.matMul(weights, tf.tensor2d(triangle, [width, width]));
  const target = tf.mul(draws, sums.slice([0, width - 1], [-1, 1]));
  const below = tf.lessEqual(sums, target).toFloat();
  const before = tf.max(tf.mul(sums, below), 1, true);
  const next = tf.min(tf.add(sums, tf.mul(below, 2)), 1, true);
  const rest = tf.div(tf.sub(target, before), tf.sub(next, before));
  return {
    index: tf.sum(below, 1).toInt() as tf.Tensor1D,
    rest: tf.clipByValue(rest, 0, 1 - 2 ** -24) as tf.Tensor2D,
  };
}

/**
 * The token that must follow each of `tokens`, int32 [n], or -1 where the policy decides. `tokens` holds equally many
 * tokens for each of B prompts, prompt by prompt; `forcedNext` int32 [B, vocabulary].
 */
export function forcedToken(tokens: tf.Tensor, forcedNext: tf.Tensor2D): tf.Tensor1D {
  const [rows, vocabulary] = forcedNext.shape;
  const each = tokens.size / rows;
  const row = tf.tensor1d(
    Int32Array.from({ length: tokens.size }, (_, index) => Math.floor(index / each) * vocabulary),
    "int32",
  );
  return tf.gather(forcedNext.flatten(), tf.add(row, tokens.flatten()) as tf.Tensor1D);
}

/** Replaces `chosen` by the tokens that must follow `last`, if any. A completion's first token is never forced. */
function applyForced(
  chosen: tf.Tensor1D,
  last: tf.Tensor,
  step: tf.Tensor,
  { forcedNext }: GenerationInputs,
): tf.Tensor1D {
  if (forcedNext === undefined) return chosen;
  const next = forcedToken(last, forcedNext);
  const free = tf.logicalOr(tf.less(next, tf.scalar(0, "int32")), tf.equal(step, tf.scalar(0, "int32")));
  return tf.where(free, chosen, next) as tf.Tensor1D;
}
