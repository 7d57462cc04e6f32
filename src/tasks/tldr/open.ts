import { fileDigest } from "../../files/file-digest.ts";
import type { Row } from "../../text/row.ts";
import { readTokenizer, type Tokenizer, trainTokenizer } from "../../text/tokenizer.ts";
import { type TldrFile, tldrRows } from "./files.ts";
import { tldrTask } from "./task.ts";

/** Real posts in files, and their tokenizer: a published one, or one of `vocabSize` tokens that is trained on them. */
export interface TldrSource {
  readonly files: readonly TldrFile[];
  readonly vocabSize?: number;
  /** A tokenizer.json and the SHA-256 of its bytes. */
  readonly tokenizer?: TldrFile;
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
 * The TL;DR task on the rows of files, with its tokenizer.
 *
 * @throws if a file has changed since it was located, or has an invalid row
 */
export function openTldr(source: TldrSource) {
  const { files, vocabSize = 0, tokenizer: published, promptLength, completionLength } = source;
  const { longPrompts = "trim" } = source;
  const { posts, preferences } = tldrRows(files, source);
  const tokenizer = published
    ? publishedTokenizer(published)
    : trainTokenizer(tokenizerTexts(posts, preferences), { vocabSize });
  return tldrTask({ posts, preferences, tokenizer, promptLength, completionLength, longPrompts });
}

/** `source` with each file by its digest, so that its path does not count. */
export function tldrIdentity({ tokenizer, ...source }: TldrSource): object {
  const files = source.files.map(({ sha256 }) => sha256);
  return { ...source, files, ...(tokenizer && { tokenizer: tokenizer.sha256 }) };
}

function publishedTokenizer({ path: file, sha256 }: TldrFile): Tokenizer {
  if (fileDigest(file).sha256 === sha256) return readTokenizer(file);
  throw new Error(`${file} has changed since this experiment began: start it again.`);
}

/** All prompts and both sides of every preference, but no human summary. */
function tokenizerTexts(posts: readonly Row[], preferences: readonly Row[]): string[] {
  const texts = [
    ...posts.map(({ prompt }) => prompt),
    ...preferences.flatMap(({ prompt, chosen, rejected }) => [prompt, chosen, rejected]),
  ];
  return texts.filter((text) => text !== undefined);
}
