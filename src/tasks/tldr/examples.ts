import { parsePost, trimPost } from "../../text/post.ts";
import type { Row } from "../../text/rows.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { Prompt } from "../task.ts";

/** A Reddit post to summarise. */
export interface TldrPrompt extends Prompt {
  /** The prompt as text, after trimming where it was too long. */
  readonly text: string;
  /** The human summary that `score` compares with: the chosen one where no other is known. */
  readonly reference: string;
  /** The post's title, or its first sentence where the prompt is not in the paper's template. */
  readonly title: string;
}

/** A row in tokens. Completions end with `eos` unless they were cut. */
export interface TldrExample {
  readonly prompt: TldrPrompt;
  /** The human summary, or the chosen one in a row without. */
  readonly completion: readonly number[];
  /** Both completions of a preference; empty in a row without. */
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

export interface TldrLimits {
  /** The longest prompt, in tokens. */
  readonly promptLength: number;
  /** The longest completion, in tokens with `eos`; longer ones are cut there. */
  readonly completionLength: number;
  /** What to do with a prompt longer than `promptLength`: throw, or cut its post and keep `TL;DR:`. */
  readonly longPrompts: "error" | "trim";
}

/**
 * Rows in tokens, in their order; rows of one prompt share its object, and with it the first row's
 * human summary. Throws one sentence naming the first row with a prompt that is too long, or with text
 * that spells a special token.
 */
export function encodeRows(rows: readonly Row[], tokenizer: Tokenizer, limits: TldrLimits): TldrExample[] {
  const prompts = new Map<string, TldrPrompt>();
  return rows.map((row) => {
    const [summary, field] =
      row.completion === undefined
        ? ([row.chosen!, "chosen"] as const)
        : ([row.completion, "completion"] as const);
    const encoded = encodePrompt(row, tokenizer, limits);
    const prompt = prompts.get(encoded.text) ?? {
      ...encoded,
      reference: summary.trim(),
      title: titleOf(encoded.text),
    };
    prompts.set(prompt.text, prompt);
    const complete = (text: string | undefined, name: string): number[] =>
      text === undefined
        ? []
        : completionTokens(text, tokenizer, limits.completionLength, `${row.where}: "${name}"`);
    return {
      prompt,
      completion: complete(summary, field),
      chosen: complete(row.chosen, "chosen"),
      rejected: complete(row.rejected, "rejected"),
    };
  });
}

/**
 * A completion in tokens: one leading space, then `eos`, or the first `longest` tokens without `eos`
 * where it is longer. Throws where it spells a special token; `name` says whose it is.
 */
export function completionTokens(
  text: string,
  tokenizer: Tokenizer,
  longest: number,
  name: string,
): number[] {
  const ids = plainTokens(` ${text.trim()}`, tokenizer, name);
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
    throw new Error(`${tooLong}: raise promptLength, shorten the post, or set longPrompts to "trim".`);
  }
  const text = trimPost(row.prompt, promptLength, (prompt) => tokenizer.encode(prompt).length);
  if (text === undefined) {
    throw new Error(`${tooLong}, which is too few even without the post: raise promptLength.`);
  }
  return { text, tokens: tokenizer.encode(text) };
}

/** The tokens of text that must not spell a special token, as a policy would take that for an end. */
function plainTokens(text: string, tokenizer: Tokenizer, name: string): number[] {
  const { eos, pad } = tokenizer.vocabulary;
  const ids = tokenizer.encode(text);
  const special = ids.find((id) => id === eos || id === pad);
  if (special === undefined) return ids;
  const role = special === eos ? "end-of-text" : "padding";
  throw new Error(`${name} spells the tokenizer's ${role} token: take it out of the text.`);
}

function titleOf(prompt: string): string {
  const title = parsePost(prompt)?.title.trim();
  return title || /^[\s\S]*?(?:[.!?](?=\s)|$)/.exec(prompt.trim())![0];
}
