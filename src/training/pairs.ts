import type { CompletionGroup } from "../models/batch.ts";
import type { PreferencePair, Prompt, Sample, Scorer, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";

/** Pairs as groups of two completions, the chosen one first. */
export function pairGroups<P extends Prompt>(
  task: Task<P>,
  pairs: readonly PreferencePair<P>[],
): CompletionGroup[] {
  return pairs.map(({ prompt, chosen, rejected }) => ({
    prompt: prompt.tokens,
    completions: [chosen, rejected],
    forcedNext: task.forcedNext?.(prompt),
  }));
}

/** Pairs as samples: chosen and rejected in turn. */
export function pairSamples<P extends Prompt>(pairs: readonly PreferencePair<P>[]): Sample<P>[] {
  return pairs.flatMap(({ prompt, chosen, rejected }) => [
    { prompt, completion: chosen },
    { prompt, completion: rejected },
  ]);
}

/** Splits values of chosen and rejected in turn, [2B], into two vectors [B]. */
export function splitPairs(values: tf.Tensor1D): { chosen: tf.Tensor1D; rejected: tf.Tensor1D } {
  const [chosen, rejected] = tf.unstack(values.reshape([-1, 2]), 1) as [tf.Tensor1D, tf.Tensor1D];
  return { chosen, rejected };
}

/**
 * Preferences of the task's annotator between the first two samples of each prompt; prompts whose two samples
 * are the same are dropped. `samples[i]` are completions of `prompts[i]`. Throws where the task has no annotator.
 */
export function annotatedPairs<P extends Prompt>(
  task: Task<P>,
  prompts: readonly P[],
  samples: readonly (readonly number[][])[],
  seed: number,
): PreferencePair<P>[] {
  const { prefer } = task;
  if (prefer === undefined) {
    throw new Error(`The task ${task.name} has no annotator (prefer): give preference pairs in its data.`);
  }
  return prompts.flatMap((prompt, index) => {
    const [first, second] = samples[index] as [number[], number[]];
    if (sameTokens(first, second)) return [];
    const stream = randomStream(seed, "annotator", index);
    const [chosen, rejected] = prefer(prompt, first, second, stream) ? [first, second] : [second, first];
    return [{ prompt, chosen, rejected }];
  });
}

/**
 * The best against the worst of each prompt's samples by `scorer`: the pairs of online preference fine-tuning.
 * Ties go to the earlier sample; prompts whose best and worst are the same tokens are dropped.
 */
export function bestAgainstWorst<P extends Prompt>(
  prompts: readonly P[],
  samples: readonly (readonly number[][])[],
  scorer: Scorer<P>,
): PreferencePair<P>[] {
  const flat = prompts.flatMap((prompt, index) =>
    samples[index]!.map((completion) => ({ prompt, completion })),
  );
  const scores = scorer(flat);
  let offset = 0;
  return prompts.flatMap((prompt, index) => {
    const completions = samples[index]!;
    const own = Array.from(scores.slice(offset, offset + completions.length));
    offset += completions.length;
    const chosen = completions[own.indexOf(Math.max(...own))]!;
    const rejected = completions[own.indexOf(Math.min(...own))]!;
    return sameTokens(chosen, rejected) ? [] : [{ prompt, chosen, rejected }];
  });
}

function sameTokens(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index]);
}
