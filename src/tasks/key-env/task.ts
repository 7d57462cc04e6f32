import { permutation, type RandomStream, randomStream, uniform } from "../../tensors/random.ts";
import { rougeLOfWords } from "../../text/rouge.ts";
import { prefersFirst, rougeTau } from "../annotator.ts";
import { bestDraft } from "../best-draft.ts";
import { anyNumber, checkOptions, oneOf, positive, probability, wholeFrom } from "../options.ts";
import { checkSizes } from "../sizes.ts";
import type { DataSizes, Sample, Task, TaskData } from "../task.ts";
import { summarise } from "./demonstrators.ts";
import { diagnose, goldReward, type KeyEnvPrompt, keyEnvOptimum } from "./gold.ts";
import { connectorToken, EOS, HALF, PAD, SLOTS, TLDR, VOCABULARY, valueToken, WORDS } from "./words.ts";

export { diagnose, type KeyEnvDiagnosis, type KeyEnvPrompt, keyEnvOptimum } from "./gold.ts";

export interface KeyEnvOptions {
  /** F, the most clauses of a summary: 5, or 1 for the two-word variant. */
  readonly clauses: number;
  /** How strongly the human summariser favours important facts: 0 is indifference. */
  readonly gamma: number;
  /** The chance that the human summariser stops after each clause from the second on. */
  readonly stop: number;
  /** The chance that a fact is important. */
  readonly importance: number;
  /** The temperature of the annotators' Bradley-Terry choices, in units of the gold reward. */
  readonly tau: number;
  /** How many human summaries the reference of an evaluation prompt is the best of. */
  readonly referenceSamples: number;
  /**
   * The order in which a post states its facts. It changes nothing else: two tasks that differ in it alone
   * have posts with the same facts and the same summaries.
   */
  readonly order: "random" | "canonical" | "reversed";
  /** The gold reward: facts and mistakes, or ROUGE-L against a hidden reference. */
  readonly reward: "facts" | "rouge-l";
  /** How strongly the writer of the hidden references favours important facts. */
  readonly referenceGamma: number;
}

/** With `reward: "rouge-l"`, `tau` is 0.12 unless it is given. */
export const keyEnvDefaults: KeyEnvOptions = {
  clauses: 5,
  gamma: 0.7,
  stop: 0.12,
  importance: 0.4,
  tau: 0.6,
  referenceSamples: 3,
  order: "random",
  reward: "facts",
  referenceGamma: 3,
};

/** Each part of the data draws from streams of its own. The order numbers them for `partOf`. */
const PARTS = ["demonstrations", "pairs", "validation", "evaluation"] as const;
type Part = (typeof PARTS)[number];

/**
 * KeyEnv, "extractive TL;DR": a post is ten facts of two tokens (connector, value) in random order, and
 * a summary states up to five of them in canonical order, each clause one to three slots further on.
 * The decoder copies each value from the post, so that the policy decides connectors and `eos` only.
 * With `clauses: 1` it is the two-word variant. Prompts have 21 tokens, completions up to 2F + 1.
 *
 * With `reward: "rouge-l"` the gold reward of a completion is the ROUGE-L F1 of its words against a reference
 * that only the prompt's `reference` holds. Its writer never stops early and almost always states the nearest
 * important fact in reach, or the nearest fact where none is important, so that a post foretells its reference.
 *
 * Within one seed the first n items of each part of the data are the same however many are asked for,
 * and asking for more of one part changes no other. No post of one part has the facts of a post of another part,
 * also of another seed or of a KeyEnv with other options. Throws one sentence naming the option at fault.
 */
export function keyEnv(options: Partial<KeyEnvOptions> = {}): Task<KeyEnvPrompt> {
  const settings: KeyEnvOptions = {
    ...keyEnvDefaults,
    ...(options.reward === "rouge-l" && { tau: rougeTau }),
    ...options,
  };
  check(settings);
  const facts = settings.reward === "facts";

  function score(prompt: KeyEnvPrompt, completion: readonly number[]): number {
    return facts
      ? goldReward(diagnose(prompt, completion), settings.clauses)
      : rougeLOfWords(wordsOf(referenceOf(prompt)), wordsOf(completion)).f1;
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
    /** As the human, with no preference for important facts. */
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
          const prompt = post(part, settings, stream);
          return facts ? prompt : { ...prompt, reference: hiddenReference(prompt, settings, seed) };
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
      return wrongValues + jumps + syntaxErrors + Number(missingEos) > 0;
    },

    prefer(prompt, a, b, stream): boolean {
      return prefersFirst(score(prompt, a), score(prompt, b), settings.tau, stream);
    },

    demonstrators,

    optimum: (prompt): number => (facts ? keyEnvOptimum(prompt, settings).score : 1),

    forcedNext(prompt): Int32Array {
      const next = new Int32Array(VOCABULARY.size).fill(-1);
      prompt.values.forEach((value, slot) => {
        next[connectorToken(slot)] = value;
      });
      return next;
    },

    text(tokens): string {
      return tokens
        .filter((token) => token !== PAD && token !== EOS)
        .map((token) => WORDS[token] ?? `<${token}?>`)
        .join(" ");
    },
  };
}

/** The prompt of the post that states `values` (a value token per slot) in the given order of slots. */
export function keyEnvPrompt(values: readonly number[], order: readonly number[]): KeyEnvPrompt {
  return { tokens: [...order.flatMap((slot) => [connectorToken(slot), values[slot]!]), TLDR], values };
}

/** Draws posts until one belongs to `part`. */
function post(part: Part, { importance, order }: KeyEnvOptions, stream: RandomStream): KeyEnvPrompt {
  for (;;) {
    const values = Array.from({ length: SLOTS }, (_, slot) => {
      const half = uniform(stream) < importance ? 0 : HALF;
      return valueToken(slot, half + Math.floor(uniform(stream) * HALF));
    });
    if (partOf(values) !== part) continue;
    const shuffled = permutation(stream, SLOTS);
    if (order === "random") return keyEnvPrompt(values, shuffled);
    const canonical = shuffled.toSorted((a, b) => a - b);
    return keyEnvPrompt(values, order === "canonical" ? canonical : canonical.reverse());
  }
}

/**
 * The part that a post belongs to: a hash of its facts, whatever their order (FNV-1a with the final
 * mixing of MurmurHash3). A part never holds a post with the same facts as a post of another.
 */
function partOf(values: readonly number[]): Part {
  let hash = 0x811c9dc5;
  for (const value of values) hash = Math.imul(hash ^ value, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return PARTS[(hash ^ (hash >>> 16)) & 3]!;
}

/** The hidden reference of a post, the same for the same seed and facts. */
function hiddenReference(prompt: KeyEnvPrompt, settings: KeyEnvOptions, seed: number): number[] {
  const manner = { clauses: settings.clauses, gamma: settings.referenceGamma, stop: 0, nearest: true };
  return summarise(prompt, manner, randomStream(seed, "key-env", "reference", ...prompt.values));
}

/** The hidden reference of a prompt. Throws where the prompt is of a KeyEnv without. */
export function referenceOf({ reference }: KeyEnvPrompt): readonly number[] {
  if (reference !== undefined) return reference;
  throw new Error(
    'This KeyEnv prompt has no reference to score against: draw it from a KeyEnv with reward "rouge-l".',
  );
}

/** The words that ROUGE-L compares: the tokens before the first `eos`, without padding. */
function wordsOf(completion: readonly number[]): readonly number[] {
  const end = completion.indexOf(EOS);
  return completion.slice(0, end === -1 ? undefined : end).filter((token) => token !== PAD);
}

function check(settings: KeyEnvOptions): void {
  checkOptions("KeyEnv", settings, {
    clauses: wholeFrom(1, SLOTS),
    gamma: anyNumber,
    stop: probability,
    importance: probability,
    tau: positive,
    referenceSamples: wholeFrom(1, 1000),
    order: oneOf("random", "canonical", "reversed"),
    reward: oneOf("facts", "rouge-l"),
    referenceGamma: anyNumber,
  });
}
