import { rougeL, rougeTokens } from "../../text/rouge.ts";
import type { Row } from "../../text/row.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { checkSizes } from "../options.ts";
import { prefersFirst, rougeTau } from "../simulated-humans.ts";
import type { DataSizes, Sample, Task, TaskData } from "../task.ts";
import {
  completionTokens,
  encodeRows,
  type TldrExample,
  type TldrLimits,
  type TldrPrompt,
} from "./examples.ts";
import { splitExamples } from "./splits.ts";

export type { TldrPrompt } from "./examples.ts";

/** TL;DR's data, tokenizer and lengths. */
export interface TldrOptions extends Partial<TldrLimits> {
  /**
   * Rows with `completion`; those that are labelled as bad are left out. Default: the preferences, with their human or
   * chosen summaries.
   */
  readonly posts?: readonly Row[];
  /** Rows with `chosen` and `rejected`. Without them, `prefer` labels samples on posts. */
  readonly preferences?: readonly Row[];
  readonly tokenizer: Tokenizer;
  /** Bradley-Terry temperature of `prefer`, in units of ROUGE-L. */
  readonly tau?: number;
}

/** What TL;DR tells besides what every task does. */
interface TldrDetails {
  /** Sentences about rows that are left out or cannot be scored. */
  readonly notes: readonly string[];
  /** What `data` draws from: posts with different prompts, and preferences. */
  readonly examples: { readonly posts: readonly TldrExample[]; readonly preferences: readonly TldrExample[] };
}

/** The paper's lengths. Longer prompts are errors. */
const defaults = {
  promptLength: 512,
  completionLength: 53,
  longPrompts: "error",
  tau: rougeTau,
} as const;

/**
 * Real TL;DR: posts with human summaries and preferences, as `readRows` gives them. The gold reward is the ROUGE-L F1
 * (stemmed) of a completion against the human summary. The references of validation and evaluation, for win rates, are
 * the posts' titles. Of several posts with the same prompt the first counts. Demonstrations, validation and evaluation
 * are posts, and pairs are preferences on other prompts (see `splitExamples`). Pairs whose completions are equal once they are
 * cut are left out. `notes` says what was left out, and whether ROUGE-L is blind to summaries.
 *
 * @throws if an option is invalid, a row is of the wrong kind, a prompt is longer than `promptLength`, or a text spells
 * a special token
 */
export function tldrTask(options: TldrOptions) {
  const { tokenizer } = options;
  const settings: TldrSettings = {
    promptLength: options.promptLength ?? defaults.promptLength,
    completionLength: options.completionLength ?? defaults.completionLength,
    longPrompts: options.longPrompts ?? defaults.longPrompts,
    tau: options.tau ?? defaults.tau,
  };
  const preferenceRows = options.preferences ?? [];
  const givenRows = options.posts?.length ? options.posts : preferenceRows;
  const postRows = givenRows.filter(({ label }) => label !== false);
  check(settings, postRows, preferenceRows, options.posts?.length ? "posts" : "preferences");

  const rows = [...postRows, ...preferenceRows];
  const examples = encodeRows(rows, tokenizer, settings);
  const encodedPairs = examples.slice(postRows.length);
  const preferences = encodedPairs.filter(({ chosen, rejected }) => !areEqual(chosen, rejected));
  if (preferences.length === 0 && preferenceRows.length > 0) {
    throw new Error(
      `All ${preferenceRows.length} preferences have equal summaries once these are cut to ${settings.completionLength} ` +
        "tokens: raise completionLength.",
    );
  }
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
    notes: notesOn({
      posts,
      unwanted: givenRows.length - postRows.length,
      equal: encodedPairs.length - preferences.length,
      completionLength,
    }),
    examples: { posts, preferences },
    vocabulary: tokenizer.vocabulary,
    promptLength,
    completionLength,

    data(seed: number, sizes: DataSizes): TaskData<TldrPrompt> {
      checkSizes(sizes);
      const parts = splitExamples(posts, preferences, seed, sizes);
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
  } satisfies Task<TldrPrompt> & TldrDetails;
}

type TldrSettings = TldrLimits & { readonly tau: number };

function check(
  settings: TldrSettings,
  posts: readonly Row[],
  preferences: readonly Row[],
  source: "posts" | "preferences",
): void {
  if (posts.length === 0) {
    throw new Error("tldrTask needs rows: give posts, preferences or both, as readRows returns them.");
  }
  for (const name of ["promptLength", "completionLength"] as const) {
    if (Number.isInteger(settings[name]) && settings[name] >= 1) continue;
    throw new Error(`tldrTask's ${name} must be a whole number of tokens from 1, not ${settings[name]}.`);
  }
  if (!(settings.tau > 0)) throw new Error(`tldrTask's tau must be a number above 0, not ${settings.tau}.`);
  if (
    settings.longPrompts !== "error" &&
    settings.longPrompts !== "trim" &&
    settings.longPrompts !== "paper"
  ) {
    throw new Error(
      `tldrTask's longPrompts must be "error", "trim" or "paper", not "${settings.longPrompts}".`,
    );
  }
  const unpaired = preferences.find((row) => row.chosen === undefined);
  if (unpaired) throw new Error(`${unpaired.where}: has no "chosen" and "rejected", so it is no preference.`);
  if (source === "preferences") return;
  const unanswered = posts.find((row) => row.completion === undefined);
  if (unanswered)
    throw new Error(`${unanswered.where}: has no "completion", so it is no post with a summary.`);
}

/** What the user should know about the rows. */
function notesOn(found: {
  posts: readonly TldrExample[];
  unwanted: number;
  equal: number;
  completionLength: number;
}): string[] {
  const { posts, unwanted, equal, completionLength } = found;
  const blind = posts.filter(({ prompt }) => rougeTokens(prompt.reference).length === 0).length;
  const notes: string[] = [];
  if (unwanted > 0)
    notes.push(`${unwanted} completions that are labelled as bad are not used as demonstrations.`);
  if (equal > 0) {
    notes.push(
      `${equal} pairs are left out: their summaries are equal once cut to ${completionLength} tokens.`,
    );
  }
  if (blind > 0) {
    notes.push(
      `ROUGE-L sees nothing of ${blind} of ${posts.length} human summaries: it compares the letters a-z and digits only, ` +
        "and they have none. The gold reward of every completion is 0 there.",
    );
  }
  return notes;
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

function firstOfEachPrompt(examples: readonly TldrExample[]): TldrExample[] {
  const firsts = new Map<string, TldrExample>();
  for (const example of examples) {
    if (!firsts.has(example.prompt.text)) firsts.set(example.prompt.text, example);
  }
  return [...firsts.values()];
}
