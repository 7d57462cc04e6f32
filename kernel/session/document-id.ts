import type { PlaceholderFiles } from "./placeholder-files.ts";

/**
 * `c3` is the document of the third placeholder file, `d3` the third document in the notebook's folder, `x3` the third
 * one with JSX there.
 */
export type DocumentId = `${"c" | "d" | "x"}${number}`;

/** The ids of the documents in the placeholder files. */
export const placeholderIds = ({ count }: PlaceholderFiles): DocumentId[] =>
  Array.from({ length: count }, (_, index): DocumentId => `c${index + 1}`);
