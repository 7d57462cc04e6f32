import { tf } from "../tensors/backend.ts";
import { asXlaCluster, whileLoop } from "../tensors/compile.ts";
import { writeRows } from "../tensors/in-place.ts";
import { completionCache, emptyCache } from "./completion-cache.ts";
import { forward, type Network, type PromptCache, prefill, unembed } from "./decoder.ts";
import { MASKED } from "./layers.ts";

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
  /** float32, a scalar or [N]: divides the logits; not used without `draws`. */
  readonly temperature: tf.Scalar | tf.Tensor1D;
  /** bool [N]: sequences that are decoded greedily although there are draws. */
  readonly greedy?: tf.Tensor1D;
  /** int32 scalars. */
  readonly eos: tf.Scalar;
  readonly pad: tf.Scalar;
  /** bool [N]: sequences to skip, such as padding of the batch. */
  readonly ended: tf.Tensor1D;
  readonly maxTokens: number;
  /** int32 [S]: further tokens that end a completion, as `eos` does. */
  readonly stop?: tf.Tensor1D;
  /** Only ids below it are chosen; default all that the model has. */
  readonly usedIds?: number;
  /** As in `SamplingOptions`; not used without `draws`. */
  readonly topK?: number;
  readonly topP?: number;
  /** Whether XLA compiles the loop over tokens: faster from the second call of a compiled function on. */
  readonly jit?: boolean;
}

/** Completions, int32 [maxTokens, N], with `pad` after their end. */
export function generate(net: Network, inputs: GenerationInputs): tf.Tensor2D {
  return decode(net, inputs, false).tokens;
}

/** Completions and the entropy of the distribution that each token was drawn from, in nats, float32 [maxTokens, N]. */
export function generateWithEntropies(
  net: Network,
  inputs: GenerationInputs,
): { tokens: tf.Tensor2D; entropies: tf.Tensor2D } {
  const { tokens, entropies } = decode(net, inputs, true);
  return { tokens, entropies: entropies as tf.Tensor2D };
}

function decode(net: Network, inputs: GenerationInputs, measured: boolean): Decoded {
  const prompt = inputs.prompts && prefill(net, inputs.prompts, inputs);
  const decoded = () => decodeFrom(net, inputs, prompt, measured);
  // XLA does not make the prefill faster.
  return inputs.jit ? asXlaCluster(decoded) : decoded();
}

/** Tokens, and entropies if they are measured. */
interface Decoded {
  readonly tokens: tf.Tensor2D;
  readonly entropies?: tf.Tensor2D;
}

/** One cached forward pass of all sequences per token, until all have ended. */
function decodeFrom(
  net: Network,
  inputs: GenerationInputs,
  prompt: PromptCache | undefined,
  measured: boolean,
): Decoded {
  const { ended, last, maxTokens, pad } = inputs;
  const sequences = ended.size;
  const start = {
    step: tf.scalar(0, "int32") as tf.Tensor,
    last: tf.tile(last.expandDims(1), [1, sequences / last.size]).flatten() as tf.Tensor,
    ended: ended as tf.Tensor,
    tokens: tf.mul(tf.ones([maxTokens, sequences], "int32"), pad) as tf.Tensor,
    ...(measured && { entropies: tf.zeros([maxTokens, sequences]) as tf.Tensor }),
    layers: emptyCache(net.config, sequences, maxTokens),
  };
  const { tokens, entropies } = whileLoop(
    ({ step, ended }) => tf.logicalAnd(tf.less(step, maxTokens), tf.logicalNot(tf.all(ended))),
    ({ step, last, ended, tokens, entropies, layers: before }) => {
      const layers = [...before];
      const cache = completionCache(layers, step, maxTokens);
      const current = last.reshape<tf.Tensor3D>([inputs.last.size, -1, 1]);
      const hidden = forward(net, current, { prompt, cache });
      const logits = restrict(temper(usedLogits(unembed(net, hidden), inputs), inputs), inputs);
      const chosen = applyForced(choose(logits, step, inputs), last, step, inputs);
      const token = tf.where(ended, tf.broadcastTo(pad, [sequences]), chosen);
      return {
        step: tf.add(step, tf.scalar(1, "int32")),
        last: token,
        ended: tf.logicalOr(ended, isEnd(token as tf.Tensor1D, inputs)),
        tokens: writeRows(tokens, step.reshape([1]), token.expandDims(0)),
        ...(entropies && {
          entropies: writeRows(entropies, step.reshape([1]), rowEntropies(logits).expandDims(0)),
        }),
        layers,
      };
    },
    start,
  );
  return { tokens: tokens as tf.Tensor2D, entropies: entropies as tf.Tensor2D | undefined };
}

/** Logits [N, vocabulary] of the ids that may be chosen. Models often have more, to fill a round number, which no token uses. */
function usedLogits(logits: tf.Tensor2D, { usedIds = logits.shape[1] }: GenerationInputs): tf.Tensor2D {
  return usedIds < logits.shape[1] ? tf.slice(logits, [0, 0], [-1, usedIds]) : logits;
}

/** Logits [N, vocabulary] divided by the temperature. */
function temper(logits: tf.Tensor2D, { draws, temperature }: GenerationInputs): tf.Tensor2D {
  if (draws === undefined) return logits;
  return tf.div(logits, temperature.rank === 0 ? temperature : temperature.expandDims(1));
}

/** Whether each of `tokens` [N] ends its completion, bool [N]. */
function isEnd(tokens: tf.Tensor1D, { eos, stop }: GenerationInputs): tf.Tensor {
  const isEos = tf.equal(tokens, eos);
  if (stop === undefined) return isEos;
  return tf.logicalOr(isEos, tf.any(tf.equal(tokens.expandDims(1), stop.expandDims(0)), 1));
}

/**
 * Logits [N, V] in which those that `topK` and then `topP` rule out are `MASKED`. Of equal logits all stay or none.
 */
export function restrict(
  logits: tf.Tensor2D,
  { draws, topK, topP = 1 }: Pick<GenerationInputs, "draws" | "topK" | "topP">,
): tf.Tensor2D {
  const [, vocabulary] = logits.shape;
  if (draws === undefined) return logits;
  const atLeast = (of: tf.Tensor2D, least: tf.Tensor): tf.Tensor2D =>
    tf.where(tf.less(of, least), tf.onesLike(of).mul(MASKED), of);
  let allowed = logits;
  if (topK !== undefined && topK < vocabulary) {
    const { values } = tf.topk(allowed, topK);
    allowed = atLeast(allowed, values.slice([0, topK - 1], [-1, 1]));
  }
  if (topP < 1) {
    const { values } = tf.topk(allowed, vocabulary);
    const before = tf.cumsum(tf.softmax(values), 1, true);
    const nucleus = tf.where(tf.less(before, topP), values, tf.onesLike(values).mul(-MASKED));
    allowed = atLeast(allowed, tf.min(nucleus, 1, true));
  }
  return allowed;
}

/** The policy's next tokens, int32 [N], from logits [N, vocabulary]. */
function choose(logits: tf.Tensor2D, step: tf.Tensor, { draws, greedy }: GenerationInputs): tf.Tensor1D {
  const likeliest = () => tf.argMax(logits, 1).toInt() as tf.Tensor1D;
  if (draws === undefined) return likeliest();
  const drawn = pick(logits, tf.gather(draws, step.reshape([1]) as tf.Tensor1D).reshape([-1, 1]));
  return greedy === undefined ? drawn : (tf.where(greedy, likeliest(), drawn) as tf.Tensor1D);
}

/** The entropy of each row's softmax, in nats: [N, vocabulary] → float32 [N]. */
function rowEntropies(logits: tf.Tensor2D): tf.Tensor1D {
  const logps = tf.logSoftmax(logits);
  return tf.neg(tf.sum(tf.mul(tf.exp(logps), logps), 1));
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
