import { type RandomStream, randomStream } from "../../tensors/random.ts";
import { checkSizes } from "../options.ts";
import { bestDraft, prefersFirst } from "../simulated-humans.ts";
import type { DataSizes, Sample, Task, TaskData } from "../task.ts";
import { summarise } from "./demonstrators.ts";
import { diagnose, goldReward, keyEnvOptimum } from "./gold-reward.ts";
import { type KeyEnvOptions, keyEnvSettings } from "./options.ts";
import { drawPost, type KeyEnvPrompt, type Part } from "./posts.ts";
import { hiddenReference, rougeLReward } from "./rouge-l-reward.ts";
import { connectorToken, EOS, PAD, SLOTS, VOCABULARY, WORDS } from "./vocabulary.ts";

export type { KeyEnvOptions } from "./options.ts";
export type { KeyEnvPrompt } from "./posts.ts";
export { referenceOf } from "./rouge-l-reward.ts";

/**
 * KeyEnv, "extractive TL;DR": a post is ten facts of two tokens (connector, value) in random order. A summary states
 * up to five of them in canonical order, each clause one to three slots after the one before. The decoder copies each
 * value from the post, so that the policy decides connectors and `eos` only. With `clauses: 1` it is the two-word
 * variant. Prompts have 21 tokens, completions up to 2F + 1.
 *
 * With `reward: "rouge-l"` the gold reward of a completion is the ROUGE-L F1 of its words against a hidden reference,
 * which only the prompt's `reference` holds.
 *
 * Within one seed the first n items of each part of the data are the same for every size of that part and of the
 * others. Posts of different parts never have the same facts, also across seeds and options.
 *
 * @throws if an option is unknown or invalid
 */
export function keyEnv(options: Partial<KeyEnvOptions> = {}) {
  const settings = keyEnvSettings(options);
  const byFacts = settings.reward === "facts";

  function score(prompt: KeyEnvPrompt, completion: readonly number[]): number {
    return byFacts
      ? goldReward(diagnose(prompt, completion), settings.clauses)
      : rougeLReward(prompt, completion);
  }

  const demonstrators = {
    /** Writes the demonstrations. */
    human: (prompt: KeyEnvPrompt, stream: RandomStream) => summarise(prompt, settings, stream),
    /** Writes the references of validation and evaluation: the best of several human summaries. */
    careful: (prompt: KeyEnvPrompt, stream: RandomStream) =>
      bestDraft(
        settings.referenceSamples,
        () => demonstrators.human(prompt, stream),
        (draft) => score(prompt, draft),
      ),
    /** Summarises without a preference for important facts. */
    indifferent: (prompt: KeyEnvPrompt, stream: RandomStream) =>
      summarise(prompt, { ...settings, gamma: 0 }, stream),
  };

  return {
    name: "key-env",
    vocabulary: VOCABULARY,
    promptLength: 2 * SLOTS + 1,
    completionLength: 2 * settings.clauses + 1,

    data(seed: number, sizes: DataSizes): TaskData<KeyEnvPrompt> {
      checkSizes(sizes);
      const prompts = (part: Part): KeyEnvPrompt[] => {
        const stream = randomStream(seed, "key-env", part, "posts");
        return Array.from({ length: sizes[part] }, () => {
          const prompt = drawPost(part, settings, stream);
          return byFacts ? prompt : { ...prompt, reference: hiddenReference(prompt, settings, seed) };
        });
      };
      const samples = (part: Part, write: typeof demonstrators.human): Sample<KeyEnvPrompt>[] => {
        const stream = randomStream(seed, "key-env", part, "summaries");
        return prompts(part).map((prompt) => ({ prompt, completion: write(prompt, stream) }));
      };
      return {
        demonstrations: samples("demonstrations", demonstrators.human),
        prompts: prompts("pairs"),
        validation: samples("validation", demonstrators.careful),
        evaluation: samples("evaluation", demonstrators.careful),
      };
    },

    score,

    isMalformed(prompt, completion): boolean {
      const { wrongValues, jumps, syntaxErrors, missingEos } = diagnose(prompt, completion);
      return wrongValues + jumps + syntaxErrors + missingEos > 0;
    },

    prefer(prompt, a, b, stream): boolean {
      return prefersFirst(score(prompt, a), score(prompt, b), settings.tau, stream);
    },

    demonstrators,

    optimum: (prompt): number => (byFacts ? keyEnvOptimum(prompt, settings.clauses) : 1),

    forcedNext(prompt): Int32Array {
      const next = new Int32Array(VOCABULARY.size).fill(-1);
      for (const [slot, value] of prompt.values.entries()) next[connectorToken(slot)] = value;
      return next;
    },

    text(tokens): string {
      return tokens
        .filter((token) => token !== PAD && token !== EOS)
        .map((token) => WORDS[token] ?? `<${token}?>`)
        .join(" ");
    },
  } satisfies Task<KeyEnvPrompt>;
}
