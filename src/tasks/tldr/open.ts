import type { Row } from "../../text/row.ts";
import { trainTokenizer } from "../../text/tokenizer.ts";
import { type TldrFile, tldrRows } from "./files.ts";
import { tldrTask } from "./task.ts";

/** Real posts in files, and the tokenizer to train on them. */
export interface TldrSource {
  readonly files: readonly TldrFile[];
  readonly vocabSize: number;
  /** The longest prompt, in tokens. Longer posts are cut at their ends. */
  readonly promptLength: number;
  /** The longest completion, in tokens. Longer ones are cut. */
  readonly completionLength: number;
  /** Where longer prompts are cut: after a sentence ("trim", the default), or as the paper's code does ("paper"). */
  readonly longPrompts?: "trim" | "paper";
  /** Whether malformed rows are skipped instead of refused. */
  readonly skipBad?: boolean;
}

/**
 * The TL;DR task on the rows of files, with a tokenizer that is trained on them.
 *
 * @throws if a file has changed since it was located, or has an invalid row
 */
export function openTldr(source: TldrSource) {
  const { files, vocabSize, promptLength, completionLength, longPrompts = "trim" } = source;
  const { posts, preferences } = tldrRows(files, source);
  const tokenizer = trainTokenizer(tokenizerTexts(posts, preferences), { vocabSize });
  return tldrTask({ posts, preferences, tokenizer, promptLength, completionLength, longPrompts });
}

/** `source` with each file by its digest, so that its path does not count. */
export function tldrIdentity(source: TldrSource): object {
  return { ...source, files: source.files.map(({ sha256 }) => sha256) };
}

/** All prompts and both sides of every preference, but no human summary. */
function tokenizerTexts(posts: readonly Row[], preferences: readonly Row[]): string[] {
  const texts = [
    ...posts.map(({ prompt }) => prompt),
    ...preferences.flatMap(({ prompt, chosen, rejected }) => [prompt, chosen, rejected]),
  ];
  return texts.filter((text) => text !== undefined);
}
