import { type PreferencePair, type Prompt, type Scorer, samplesOfPrompts, type Task } from "../tasks/task.ts";
import { randomStream } from "../tensors/random.ts";
import type { ScoredPair } from "./preference.ts";

/**
 * The task's annotator's preferences between the first two samples of each prompt. `samples[i]` are completions of
 * `prompts[i]`; prompts whose two samples are equal are dropped. `skip` is how many prompts come before these, whose
 * random streams are those that they have among all. Throws if the task has no annotator or a prompt has fewer than two
 * samples.
 */
export function annotatedPairs<P extends Prompt>(
  task: Task<P>,
  prompts: readonly P[],
  samples: readonly (readonly number[][])[],
  seed: number,
  skip = 0,
): PreferencePair<P>[] {
  const { prefer } = task;
  if (prefer === undefined) {
    throw new Error(`The task ${task.name} has no annotator (prefer): give preference pairs in its data.`);
  }
  return prompts.flatMap((prompt, index) => {
    const [first, second] = samples[index] ?? [];
    if (first === undefined || second === undefined)
      throw new Error(`Prompt ${index} has fewer than two samples: give two to compare.`);
    if (sameTokens(first, second)) return [];
    const stream = randomStream(seed, "annotator", skip + index);
    const [chosen, rejected] = prefer(prompt, first, second, stream) ? [first, second] : [second, first];
    return [{ prompt, chosen, rejected }];
  });
}

/**
 * Each prompt's best sample by `scorer` as chosen and its worst as rejected, with their difference in score: the pairs
 * of online preference fine-tuning. Ties go to the earlier sample; prompts whose best and worst are equal are dropped.
 */
export function bestAgainstWorst<P extends Prompt>(
  prompts: readonly P[],
  samples: readonly (readonly (readonly number[])[])[],
  scorer: Scorer<P>,
): ScoredPair<P>[] {
  const scores = scorer(samplesOfPrompts(prompts, samples));
  let offset = 0;
  return prompts.flatMap((prompt, index) => {
    const completions = samples[index]!;
    const own = Array.from(scores.slice(offset, offset + completions.length));
    offset += completions.length;
    const [best, worst] = [Math.max(...own), Math.min(...own)];
    const chosen = completions[own.indexOf(best)];
    const rejected = completions[own.indexOf(worst)];
    if (chosen === undefined || rejected === undefined)
      throw new Error(`Prompt ${index} has no samples, or one has no score: give each sample a number.`);
    return sameTokens(chosen, rejected) ? [] : [{ prompt, chosen, rejected, rewardDifference: best - worst }];
  });
}

function sameTokens(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index]);
}
