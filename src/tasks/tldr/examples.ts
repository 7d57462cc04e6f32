import { parsePost, trimPost, truncatePost } from "../../text/post.ts";
import type { Row } from "../../text/row.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { Prompt } from "../task.ts";

/** A Reddit post to summarise. */
export interface TldrPrompt extends Prompt {
  /** The prompt as text, trimmed if it was too long. */
  readonly text: string;
  /** The human summary that `score` compares with, or else the chosen one. */
  readonly reference: string;
  /** The post's title, or the first sentence of a prompt that is not in the paper's template. */
  readonly title: string;
}

/** A row as tokens. Completions end with `eos` unless they were cut. */
export interface TldrExample {
  readonly prompt: TldrPrompt;
  /** The human summary, or else the chosen one. */
  readonly completion: readonly number[];
  /** Empty in a row without a preference. */
  readonly chosen: readonly number[];
  /** Empty in a row without a preference. */
  readonly rejected: readonly number[];
}

/** The lengths to which posts and summaries are cut. */
export interface TldrLimits {
  /** The longest prompt, in tokens. */
  readonly promptLength: number;
  /** The longest completion, in tokens with `eos`; longer ones are cut there. */
  readonly completionLength: number;
  /**
   * What to do with a prompt longer than `promptLength`: throw, or cut its post and keep `TL;DR:`, after a sentence
   * ("trim") or before a newline as the paper's code does ("paper").
   */
  readonly longPrompts: "error" | "trim" | "paper";
}

/**
 * Rows as tokens, in their order. Rows with the same prompt share one prompt object, with the first row's summary as
 * its reference.
 *
 * @throws if a prompt is too long, a text spells a special token or a row has no summary
 */
export function encodeRows(rows: readonly Row[], tokenizer: Tokenizer, limits: TldrLimits): TldrExample[] {
  const prompts = new Map<string, TldrPrompt>();
  const encodedPrompts = new Map<string, ReturnType<typeof encodePrompt>>();
  return rows.map((row) => {
    const completion = row.label === false ? undefined : row.completion;
    const summary = completion ?? row.chosen;
    if (summary === undefined)
      throw new Error(`${row.where}: has neither "completion" nor "chosen" that people want.`);
    const encoded = encodedPrompts.get(row.prompt) ?? encodePrompt(row, tokenizer, limits);
    encodedPrompts.set(row.prompt, encoded);
    const prompt = prompts.get(encoded.text) ?? {
      ...encoded,
      reference: withoutEnd(summary, tokenizer).trim(),
      title: titleOf(encoded.text),
    };
    prompts.set(prompt.text, prompt);
    const complete = (text: string | undefined, name: string): number[] =>
      text === undefined
        ? []
        : completionTokens(text, tokenizer, limits.completionLength, `${row.where}: "${name}"`);
    const chosen = complete(row.chosen, "chosen");
    return {
      prompt,
      completion: completion === undefined ? chosen : complete(completion, "completion"),
      chosen,
      rejected: complete(row.rejected, "rejected"),
    };
  });
}

/**
 * A completion as tokens: the text with one leading space, then `eos`, which the text may already end with. If that is
 * more than `longest` tokens, the first `longest` without `eos`.
 *
 * @throws if the text spells a special token; `name` is what the message calls the text
 */
export function completionTokens(
  text: string,
  tokenizer: Tokenizer,
  longest: number,
  name: string,
): number[] {
  const ids = plainTokens(` ${withoutEnd(text, tokenizer).trim()}`, tokenizer, name);
  return ids.length < longest ? [...ids, tokenizer.vocabulary.eos] : ids.slice(0, longest);
}

function encodePrompt(
  row: Row,
  tokenizer: Tokenizer,
  limits: TldrLimits,
): { text: string; tokens: number[] } {
  const { promptLength, longPrompts } = limits;
  const tokens = plainTokens(row.prompt, tokenizer, `${row.where}: "prompt"`);
  if (tokens.length <= promptLength) return { text: row.prompt, tokens };
  const tooLong = `${row.where}: the prompt has ${tokens.length} tokens, but promptLength is ${promptLength}`;
  if (longPrompts === "error") {
    throw new Error(
      `${tooLong}: raise promptLength, shorten the post, or set longPrompts to "trim" or "paper".`,
    );
  }
  const shorten = longPrompts === "paper" ? truncatePost : trimPost;
  const text = shorten(row.prompt, promptLength, (prompt) => tokenizer.encode(prompt).length);
  if (text === undefined) {
    throw new Error(`${tooLong}, which is too few even without the post: raise promptLength.`);
  }
  return { text, tokens: tokenizer.encode(text) };
}

/** A text without the tokenizer's end token at its end. */
function withoutEnd(text: string, { json, vocabulary }: Tokenizer): string {
  const end = json.added_tokens.find(({ id }) => id === vocabulary.eos)?.content;
  let found = text.trimEnd();
  while (end && found.endsWith(end)) found = found.slice(0, -end.length).trimEnd();
  return found;
}

/**
 * The tokens of a text.
 *
 * @throws if it spells a special token, which a policy would take for the end
 */
function plainTokens(text: string, tokenizer: Tokenizer, name: string): number[] {
  const { eos, pad } = tokenizer.vocabulary;
  const ids = tokenizer.encode(text);
  const special = ids.find((id) => id === eos || id === pad);
  if (special === undefined) return ids;
  const role = special === eos ? "end-of-text" : "padding";
  throw new Error(`${name} spells the tokenizer's ${role} token: take it out of the text.`);
}

/** The title of a post, or the prompt's first sentence. */
function titleOf(prompt: string): string {
  const title = parsePost(prompt)?.title.trim();
  return title || prompt.trim().replace(/([.!?])\s[\s\S]*$/, "$1");
}
