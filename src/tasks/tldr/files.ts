import type { Row } from "../../text/row.ts";
import { readRowFile } from "../../text/row-files.ts";

/** A JSONL file and the SHA-256 of its bytes, which identifies it wherever it is. */
export interface TldrFile {
  readonly path: string;
  readonly sha256: string;
  /** The name of the file that it was converted from, for messages. */
  readonly name?: string;
}

/** The rows of files by what they hold. A row with a completion and a preference is in both lists. */
export interface TldrRows {
  /** With a human summary, which nobody has labelled as bad. */
  readonly posts: Row[];
  readonly preferences: Row[];
  /** Prompts alone. */
  readonly prompts: Row[];
  /** With a completion that people labelled as bad. */
  readonly unwanted: Row[];
  /** What is wrong with each row that was skipped: sentences that name the file and the row. */
  readonly skipped: string[];
}

/** Options of `tldrRows`. */
export interface TldrRowOptions {
  /** Whether malformed rows are skipped instead of refused. */
  readonly skipBad?: boolean;
}

/** The most problems of rows that an error lists. */
const LISTED = 20;

/**
 * The rows of several files.
 *
 * @throws if a file has changed since it was located, has no rows, or has malformed rows that are not to be skipped; the
 * error lists them
 */
export function tldrRows(files: readonly TldrFile[], { skipBad = false }: TldrRowOptions = {}): TldrRows {
  const read = files.map((file) => {
    const found = readRowFile(file.path, file.name);
    if (found.sha256 !== file.sha256) {
      throw new Error(`${file.path} has changed since this experiment began: start it again.`);
    }
    return found;
  });
  const skipped = read.flatMap(({ problems }) => problems);
  if (skipped.length > 0 && !skipBad) throw new Error(problemText(skipped));
  for (const [index, { rows, problems }] of read.entries()) {
    if (rows.length === 0 && problems.length === 0) {
      const { path, name } = files[index]!;
      throw new Error(`${name ?? path} holds no rows: it needs one JSON object per line.`);
    }
  }
  const rows = read.flatMap((file) => file.rows);
  const answered = rows.filter((row) => row.completion !== undefined);
  return {
    posts: answered.filter(({ label }) => label !== false),
    preferences: rows.filter((row) => row.chosen !== undefined),
    prompts: rows.filter((row) => row.completion === undefined && row.chosen === undefined),
    unwanted: answered.filter(({ label }) => label === false),
    skipped,
  };
}

/** The problems of rows as the message of an error. */
function problemText(problems: readonly string[]): string {
  const [first = ""] = problems;
  if (problems.length === 1) return first;
  const listed = problems.slice(0, LISTED);
  const more = problems.length - listed.length;
  const end = `${more > 0 ? `and ${more} more. ` : ""}${problems.length} rows are malformed: mend them, or skip them with skipBad (--param SKIP_BAD=1 for the notebook).`;
  return [...listed, end].join("\n");
}
