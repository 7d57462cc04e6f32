import { createHash } from "node:crypto";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { packed, unpacked } from "./packing.ts";

/*
 * One file of a ledger, compressed by Brotli. Its first line holds the number of rows and a digest of the rows' digests;
 * each further line is a row: the id of a stage's definition, the stage's record, and the SHA-256 of the two.
 */

/** A row of a ledger file. */
export interface Row {
  readonly id: string;
  readonly record: object;
  /** SHA-256 of id and packed record, in hexadecimal. */
  readonly sha256: string;
}

/** The sound rows of a file, and what is wrong with it, one sentence each. */
export interface LedgerFile {
  readonly rows: readonly Row[];
  readonly problems: readonly string[];
}

/** The bytes of a ledger file with these records, by id. */
export function formatLedgerFile(records: ReadonlyMap<string, object>): Uint8Array {
  const ids = [...records.keys()].sort();
  const rows = ids.map((id) => {
    const record = packed(records.get(id));
    return { id, sha256: rowDigest(id, record), record };
  });
  const header = { rows: rows.length, sha256: fileDigest(rows) };
  const text = [header, ...rows].map((line) => `${JSON.stringify(line)}\n`).join("");
  return brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      // Quality 11 takes seven times as long for 2 % less.
      [constants.BROTLI_PARAM_QUALITY]: 10,
      // Evaluations of a seed repeat the rewards of its references: gzip's window of 32 kB is too short to see that.
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    },
  });
}

/** Reads the bytes of a ledger file. Rows that do not match their digest are left out; `file` names it in problems. */
export function parseLedgerFile(bytes: Uint8Array, file: string): LedgerFile {
  const rows: Row[] = [];
  const problems: string[] = [];
  let text: string;
  try {
    text = brotliDecompressSync(bytes).toString("utf8");
  } catch (error) {
    return { rows, problems: [`${file} cannot be decompressed (${(error as Error).message}).`] };
  }
  const [first = "", ...lines] = text.replace(/\n$/, "").split("\n");
  for (const [index, line] of lines.entries()) {
    const row = parseRow(line);
    if (row !== undefined) rows.push(row);
    else problems.push(`${file}, line ${index + 2}, does not match its digest: the row is not used.`);
  }
  const header = parseJson(first) as { readonly rows?: unknown; readonly sha256?: unknown } | undefined;
  if (header?.rows === lines.length && header.sha256 === fileDigest(rows)) return { rows, problems };
  if (typeof header?.rows !== "number" || typeof header.sha256 !== "string")
    problems.push(`${file}, line 1, should hold the number of rows and their digest.`);
  else if (header.rows !== lines.length)
    problems.push(`${file} should have ${header.rows} rows and has ${lines.length}.`);
  else if (problems.length === 0) problems.push(`${file} has other rows than its first line says.`);
  return { rows, problems };
}

/** A line as `formatLedgerFile` writes it. */
const LINE = /^\{"id":"([^"\\]+)","sha256":"([0-9a-f]{64})","record":(\{.*\})\}$/s;

/**
 * A row of which the digest holds. The digest is that of the line's text, so that a notebook, which needs few of a file's
 * rows, parses only those: a record is parsed when it is first read.
 */
function parseRow(line: string): Row | undefined {
  const [, id, digest, text] = LINE.exec(line) ?? [];
  if (id === undefined || text === undefined || digest !== sha256(`["${id}",${text}]`))
    return parsedRow(line);
  let record: object | undefined;
  return {
    id,
    sha256: digest,
    get record() {
      record ??= unpacked(JSON.parse(text)) as object;
      return record;
    },
  };
}

/** A row whose line is written in another way. */
function parsedRow(line: string): Row | undefined {
  const { id, sha256, record } = { ...(parseJson(line) as Partial<Row> | null) };
  if (typeof id !== "string" || typeof record !== "object" || record === null) return undefined;
  if (typeof sha256 !== "string" || sha256 !== rowDigest(id, record)) return undefined;
  return { id, sha256, record: unpacked(record) as object };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function rowDigest(id: string, packedRecord: unknown): string {
  return sha256(JSON.stringify([id, packedRecord]));
}

function fileDigest(rows: readonly Pick<Row, "sha256">[]): string {
  return sha256(rows.map((row) => row.sha256).join());
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
