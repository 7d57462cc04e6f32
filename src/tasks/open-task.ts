import { createHash } from "node:crypto";
import { basename } from "node:path";
import { parseRows, type Row, readText } from "../text/rows.ts";
import { trainTokenizer } from "../text/tokenizer.ts";
import { type KeyEnvOptions, keyEnv } from "./key-env/task.ts";
import { memoize } from "./memoize.ts";
import { type RingOptions, ring } from "./ring.ts";
import type { Task } from "./task.ts";
import { tldrTask } from "./tldr/task.ts";

/** Which task to open, as plain data. */
export type TaskSpec = KeyEnvSpec | RingSpec | TldrSpec;

export interface KeyEnvSpec {
  readonly name: "key-env";
  readonly options: Partial<KeyEnvOptions>;
}

export interface RingSpec {
  readonly name: "ring";
  readonly options: Partial<RingOptions>;
}

/** Real posts; a tokenizer is trained on them. */
export interface TldrSpec {
  readonly name: "tldr";
  readonly files: readonly TldrFile[];
  readonly vocabSize: number;
  /** The longest prompt and completion in tokens; longer posts lose their ends. */
  readonly promptLength: number;
  readonly completionLength: number;
}

/** A JSONL file and what it holds, by SHA-256: a stage depends on the rows, not on where they lie. */
export interface TldrFile {
  readonly path: string;
  readonly sha256: string;
}

/** The task that `spec` describes, the same object for the same spec. Throws where one of its files cannot be read or holds a bad row. */
export const openTask: (spec: TaskSpec) => Task = memoize((spec) => open(spec) as unknown as Task);

function open(spec: TaskSpec) {
  switch (spec.name) {
    case "key-env":
      return keyEnv(spec.options);
    case "ring":
      return ring(spec.options);
    case "tldr":
      return openTldr(spec);
  }
}

/** `spec` without what does not change results. */
export function taskIdentity(spec: TaskSpec): unknown {
  return spec.name === "tldr" ? { ...spec, files: spec.files.map(({ sha256 }) => sha256) } : spec;
}

function openTldr({ files, vocabSize, promptLength, completionLength }: TldrSpec) {
  const { posts, preferences } = tldrRows(files);
  const tokenizer = trainTokenizer(tokenizerTexts(posts, preferences), { vocabSize });
  return tldrTask({ posts, preferences, tokenizer, promptLength, completionLength, longPrompts: "trim" });
}

/**
 * The rows of several files: those with a human summary, and those with a preference; a row may have both.
 * Throws where a file is no longer the one that was located, or holds a bad row.
 */
export function tldrRows(files: readonly TldrFile[]): { posts: Row[]; preferences: Row[] } {
  const rows = files.flatMap(({ path, sha256 }) => {
    const text = readText(path);
    if (sha256 !== digest(text)) {
      throw new Error(`${path} has changed since this experiment began: start it again.`);
    }
    return parseRows(text, basename(path));
  });
  return {
    posts: rows.filter((row) => row.completion !== undefined),
    preferences: rows.filter((row) => row.chosen !== undefined),
  };
}

/** The SHA-256 of a file's text, in hexadecimal. */
export function fileDigest(path: string): string {
  return digest(readText(path));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** All prompts and both sides of every preference, but no human summary. */
function tokenizerTexts(posts: readonly Row[], preferences: readonly Row[]): string[] {
  return [
    ...posts.map(({ prompt }) => prompt),
    ...preferences.flatMap(({ prompt, chosen, rejected }) => [prompt, chosen!, rejected!]),
  ];
}
