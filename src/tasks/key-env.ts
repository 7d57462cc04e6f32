import { permutation, type RandomStream, randomStream, uniform } from "../tensors/random.ts";
import {
  diagnose,
  fewestClauses,
  goldReward,
  type KeyEnvPrompt,
  keyEnvRewards,
  LONGEST_STEP,
} from "./key-env-gold.ts";
import {
  connectorToken,
  EOS,
  HALF,
  isImportant,
  PAD,
  SLOTS,
  TLDR,
  VOCABULARY,
  valueToken,
  WORDS,
} from "./key-env-words.ts";
import { prefersFirst } from "./preference.ts";
import { checkSizes } from "./sizes.ts";
import type { DataSizes, Sample, Task, TaskData } from "./task.ts";

export { diagnose, type KeyEnvDiagnosis, type KeyEnvPrompt, keyEnvOptimum } from "./key-env-gold.ts";

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
}

export const keyEnvDefaults: KeyEnvOptions = {
  clauses: 5,
  gamma: 0.7,
  stop: 0.12,
  importance: 0.4,
  tau: 0.6,
  referenceSamples: 3,
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
 * Within one seed the first n items of each part of the data are the same however many are asked for,
 * and asking for more of one part changes no other. Throws one sentence naming the option at fault.
 */
export function keyEnv(options: Partial<KeyEnvOptions> = {}): Task<KeyEnvPrompt> {
  const settings: KeyEnvOptions = { ...keyEnvDefaults, ...options };
  check(settings);
  const score = (prompt: KeyEnvPrompt, completion: readonly number[]): number =>
    goldReward(diagnose(prompt, completion), settings.clauses);

  function reference(prompt: KeyEnvPrompt, stream: RandomStream): number[] {
    const drafts = Array.from({ length: settings.referenceSamples }, () =>
      summarise(prompt, settings, stream),
    );
    return drafts.reduce((best, draft) => (score(prompt, draft) > score(prompt, best) ? draft : best));
  }

  return {
    name: "key-env",
    vocabulary: VOCABULARY,
    promptLength: 2 * SLOTS + 1,
    completionLength: 2 * settings.clauses + 1,

    data(seed: number, sizes: DataSizes): TaskData<KeyEnvPrompt> {
      checkSizes(sizes);
      const prompts = (part: Part): KeyEnvPrompt[] => {
        const stream = randomStream(seed, "key-env", part, "posts");
        return Array.from({ length: sizes[part] }, () => post(part, settings, stream));
      };
      const samples = (part: Part, write: typeof reference): Sample<KeyEnvPrompt>[] => {
        const stream = randomStream(seed, "key-env", part, "summaries");
        return prompts(part).map((prompt) => ({ prompt, completion: write(prompt, stream) }));
      };
      return {
        demonstrations: samples("demonstrations", (prompt, stream) => summarise(prompt, settings, stream)),
        prompts: prompts("pairs"),
        validation: samples("validation", reference),
        evaluation: samples("evaluation", reference),
      };
    },

    score,

    flawed(prompt, completion): boolean {
      const { wrongValues, jumps, syntaxErrors, missingEos } = diagnose(prompt, completion);
      return wrongValues + jumps + syntaxErrors + Number(missingEos) > 0;
    },

    prefer(prompt, a, b, stream): boolean {
      return prefersFirst(score(prompt, a), score(prompt, b), settings.tau, stream);
    },

    copies(prompt): Int32Array {
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
function post(part: Part, { importance }: KeyEnvOptions, stream: RandomStream): KeyEnvPrompt {
  for (;;) {
    const values = Array.from({ length: SLOTS }, (_, slot) => {
      const half = uniform(stream) < importance ? 0 : HALF;
      return valueToken(slot, half + Math.floor(uniform(stream) * HALF));
    });
    if (partOf(values) === part) return keyEnvPrompt(values, permutation(stream, SLOTS));
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

/**
 * One summary by the "human": it stops with a fixed chance once it has two clauses, and otherwise picks
 * one of the next three slots with a chance proportional to exp(gamma × the fact's worth).
 */
function summarise(prompt: KeyEnvPrompt, settings: KeyEnvOptions, stream: RandomStream): number[] {
  const completion: number[] = [];
  let position = -1;
  for (let clauses = 0; clauses < settings.clauses && position < SLOTS - 1; clauses++) {
    if (clauses >= fewestClauses(settings.clauses) && uniform(stream) < settings.stop) break;
    const reach = Math.min(LONGEST_STEP, SLOTS - 1 - position);
    const weights = Array.from({ length: reach }, (_, ahead) => {
      const value = prompt.values[position + 1 + ahead]!;
      return Math.exp(
        settings.gamma * (isImportant(value) ? keyEnvRewards.important : keyEnvRewards.trivial),
      );
    });
    position += 1 + choose(weights, stream);
    completion.push(connectorToken(position), prompt.values[position]!);
  }
  return [...completion, EOS];
}

/** An index drawn with a chance proportional to its weight. */
function choose(weights: readonly number[], stream: RandomStream): number {
  let rest = uniform(stream) * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return index === -1 ? weights.length - 1 : index;
}

function check(settings: KeyEnvOptions): void {
  const whole = (most: number) => (value: number) => Number.isInteger(value) && value >= 1 && value <= most;
  const chance = (value: number) => value >= 0 && value <= 1;
  const rules: Record<keyof KeyEnvOptions, [(value: number) => boolean, string]> = {
    clauses: [whole(SLOTS), `a whole number from 1 to ${SLOTS}`],
    gamma: [Number.isFinite, "a number"],
    stop: [chance, "a probability from 0 to 1"],
    importance: [chance, "a probability from 0 to 1"],
    tau: [(value) => value > 0 && Number.isFinite(value), "a number above 0"],
    referenceSamples: [whole(1000), "a whole number from 1 to 1000"],
  };
  for (const [name, value] of Object.entries(settings)) {
    const rule = rules[name as keyof KeyEnvOptions];
    if (rule === undefined) throw new Error(`KeyEnv has no option "${name}".`);
    if (!rule[0](value)) throw new Error(`KeyEnv's option "${name}" must be ${rule[1]}, not ${value}.`);
  }
}
