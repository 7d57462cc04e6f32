import { randomStream } from "../../tensors/random.ts";
import { rougeLOfWords } from "../../text/rouge.ts";
import { summarise } from "./demonstrators.ts";
import type { KeyEnvOptions } from "./options.ts";
import type { KeyEnvPrompt } from "./posts.ts";
import { EOS, PAD } from "./vocabulary.ts";

/** ROUGE-L (F1) of a completion's words against the prompt's hidden reference. */
export function rougeLReward(prompt: KeyEnvPrompt, completion: readonly number[]): number {
  return rougeLOfWords(wordsOf(referenceOf(prompt)), wordsOf(completion)).f1;
}

/**
 * The hidden reference of a post, the same for the same seed and facts. Its writer never stops early. It almost always
 * states the nearest important fact in reach, or the nearest fact if none is important, so that it can be predicted from
 * the post.
 */
export function hiddenReference(
  prompt: KeyEnvPrompt,
  { clauses, referenceGamma }: Pick<KeyEnvOptions, "clauses" | "referenceGamma">,
  seed: number,
): number[] {
  const writer = { clauses, gamma: referenceGamma, stop: 0, nearest: true };
  return summarise(prompt, writer, randomStream(seed, "key-env", "reference", ...prompt.values));
}

/**
 * The hidden reference of a prompt.
 *
 * @throws if the prompt is of a KeyEnv whose gold reward is not ROUGE-L
 */
export function referenceOf({ reference }: KeyEnvPrompt): readonly number[] {
  if (reference !== undefined) return reference;
  throw new Error(
    'This KeyEnv prompt has no reference to score against: draw it from a KeyEnv with reward "rouge-l".',
  );
}

/** The tokens before the first `eos`, without padding. */
function wordsOf(completion: readonly number[]): readonly number[] {
  const end = completion.indexOf(EOS);
  return completion.slice(0, end === -1 ? undefined : end).filter((token) => token !== PAD);
}
