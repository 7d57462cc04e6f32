import { rougeL } from "../../text/rouge.ts";
import type { Row } from "../../text/rows.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { prefersFirst, rougeTau } from "../annotator.ts";
import { checkSizes } from "../sizes.ts";
import type { DataSizes, Sample, Task, TaskData } from "../task.ts";
import {
  completionTokens,
  encodeRows,
  type TldrExample,
  type TldrLimits,
  type TldrPrompt,
} from "./examples.ts";
import { split } from "./split.ts";

export type { TldrPrompt } from "./examples.ts";

export interface TldrOptions extends Partial<TldrLimits> {
  /** Rows with `completion`. Without any, the preferences' human or chosen summaries stand in. */
  readonly posts?: readonly Row[];
  /** Rows with `chosen` and `rejected`. Without any, `prefer` labels samples on posts. */
  readonly preferences?: readonly Row[];
  readonly tokenizer: Tokenizer;
  /** The Bradley-Terry temperature of `prefer`, in units of ROUGE-L. */
  readonly tau?: number;
}

/** The paper's lengths; a prompt that is longer is an error. */
export const tldrDefaults = {
  promptLength: 512,
  completionLength: 53,
  longPrompts: "error",
  tau: rougeTau,
} as const;

/**
 * Real TL;DR: posts with human summaries and preferences, as `readRows` gives them. The gold reward is
 * the ROUGE-L F1 (stemmed) of a completion against the human summary; the reference that validation and
 * evaluation samples carry, for win rates, is the post's title. Of several posts with one prompt the
 * first counts. Demonstrations, validation and evaluation are posts and pairs are preferences on other
 * prompts (see `split`).
 *
 * Throws one sentence naming the option or row at fault: a row of the wrong kind, a prompt longer than
 * `promptLength`, a text that spells a special token. `data` throws where it is asked for more than
 * there is.
 */
export function tldrTask(options: TldrOptions): Task<TldrPrompt> {
  const { tokenizer } = options;
  const settings = { ...tldrDefaults, ...limitsOf(options) };
  const preferenceRows = options.preferences ?? [];
  const postRows = options.posts?.length ? options.posts : preferenceRows;
  check(settings, postRows, preferenceRows);

  const rows = [...postRows, ...preferenceRows];
  const examples = encodeRows(rows, tokenizer, settings);
  const preferences = examples.slice(postRows.length);
  const posts = firstOfEachPrompt(examples.slice(0, postRows.length));
  const { completionLength, promptLength, tau } = settings;

  const text = (tokens: readonly number[]): string => tokenizer.decode(tokens);
  const score = (prompt: TldrPrompt, completion: readonly number[]): number =>
    rougeL(prompt.reference, text(completion), { stem: true }).f1;
  const titled = ({ prompt }: TldrExample): Sample<TldrPrompt> => ({
    prompt,
    completion: completionTokens(prompt.title, tokenizer, completionLength, "a post's title"),
  });

  return {
    name: "tldr",
    vocabulary: tokenizer.vocabulary,
    promptLength,
    completionLength,

    data(seed: number, sizes: DataSizes): TaskData<TldrPrompt> {
      checkSizes(sizes);
      const parts = split(posts, preferences, seed, sizes);
      return {
        demonstrations: parts.demonstrations.map(({ prompt, completion }) => ({ prompt, completion })),
        prompts: parts.pairs.map(({ prompt }) => prompt),
        ...(preferences.length > 0 && {
          pairs: parts.pairs.map(({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected })),
        }),
        validation: parts.validation.map(titled),
        evaluation: parts.evaluation.map(titled),
      };
    },

    score,

    isMalformed: (_, completion): boolean => completion.at(-1) !== tokenizer.vocabulary.eos,

    prefer(prompt, a, b, stream): boolean {
      return prefersFirst(score(prompt, a), score(prompt, b), tau, stream);
    },

    text,
  };
}

/** The limits that the caller gave. */
function limitsOf({ promptLength, completionLength, longPrompts, tau }: TldrOptions): Partial<TldrSettings> {
  const given = Object.entries({ promptLength, completionLength, longPrompts, tau });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

type TldrSettings = TldrLimits & { readonly tau: number };

function check(settings: TldrSettings, posts: readonly Row[], preferences: readonly Row[]): void {
  if (posts.length === 0) {
    throw new Error("tldrTask needs rows: give posts, preferences or both, as readRows returns them.");
  }
  for (const name of ["promptLength", "completionLength"] as const) {
    if (Number.isInteger(settings[name]) && settings[name] >= 1) continue;
    throw new Error(`tldrTask's ${name} must be a whole number of tokens from 1, not ${settings[name]}.`);
  }
  if (!(settings.tau > 0)) throw new Error(`tldrTask's tau must be a number above 0, not ${settings.tau}.`);
  if (settings.longPrompts !== "error" && settings.longPrompts !== "trim") {
    throw new Error(`tldrTask's longPrompts must be "error" or "trim", not "${settings.longPrompts}".`);
  }
  const unpaired = preferences.find((row) => row.chosen === undefined);
  if (unpaired) throw new Error(`${unpaired.where}: has no "chosen" and "rejected", so it is no preference.`);
  if (posts === preferences) return;
  const unanswered = posts.find((row) => row.completion === undefined);
  if (unanswered)
    throw new Error(`${unanswered.where}: has no "completion", so it is no post with a summary.`);
}

function firstOfEachPrompt(examples: readonly TldrExample[]): TldrExample[] {
  const firsts = new Map<string, TldrExample>();
  for (const example of examples) {
    if (!firsts.has(example.prompt.text)) firsts.set(example.prompt.text, example);
  }
  return [...firsts.values()];
}
