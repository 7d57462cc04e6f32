import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { createGunzip } from "node:zlib";
import { temporaryName } from "../files/atomic-write.ts";
import { csvRows } from "./csv.ts";
import { jsonElements } from "./json-array.ts";
import { parquetObjects } from "./parquet.ts";
import { problemLine, ROW_LIMITS } from "./rows.ts";

/** The endings of names that files of rows have. */
const ROW_FILE = /\.(?:jsonl|ndjson|json|csv|tsv)(?:\.gz)?$|\.parquet$/i;

/** The version of what conversion writes. */
const VERSION = 1;
/** The most bytes that a file unpacks to. */
const LARGEST = 64e9;

/**
 * The path of a file's rows as JSONL: the file itself, or a converted copy in the user's cache (`ALLROADS_CACHE`, or
 * `allroads` in `XDG_CACHE_HOME`) for JSON arrays, CSV, Parquet and what is packed with gzip. Line n of the copy is the row
 * that begins on line n of text, or row n of an array or of Parquet; what cannot be converted has a `problemLine` there.
 *
 * @throws if the file cannot be read or is not what its name says
 */
export async function asJsonLines(file: string): Promise<string> {
  const format = formatOf(file);
  if (format.kind === "jsonl" && !format.packed) return file;
  try {
    const copy = path.join(rowCache(), `${await digestOf(file)}-${VERSION}.jsonl`);
    if (!existsSync(copy)) await writeCopy(linesOf(file, format), copy);
    return copy;
  } catch (error) {
    throw new Error(
      `The file ${file} cannot be read (${(error as Error).message}): mend it or give another.`,
    );
  }
}

/** Whether a file of a folder is one of rows, by its name. A .json file is one if it is an array: others are settings. */
export function isRowFile(file: string): boolean {
  if (!ROW_FILE.test(file)) return false;
  return !/\.json$/i.test(file) || formatOf(file).kind === "array";
}

interface Format {
  readonly kind: "jsonl" | "array" | "csv" | "tsv" | "parquet";
  readonly packed: boolean;
}

/** A file's format by its first bytes, and for text by its name. */
function formatOf(file: string): Format {
  const head = Buffer.alloc(4096);
  const handle = openSync(file, "r");
  const size = readSync(handle, head);
  closeSync(handle);
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  if (head.toString("latin1", 0, 4) === "PAR1") return { kind: "parquet", packed };
  const name = packed ? file.replace(/\.gz$/i, "") : file;
  const ending = path.extname(name).toLowerCase();
  if (ending === ".csv" || ending === ".tsv") return { kind: ending === ".csv" ? "csv" : "tsv", packed };
  if (ending === ".parquet") return { kind: "parquet", packed };
  const isArray = packed ? ending === ".json" : /^\uFEFF?\s*\[/.test(head.toString("utf8", 0, size));
  return { kind: isArray ? "array" : "jsonl", packed };
}

function rowCache(): string {
  const { ALLROADS_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = ALLROADS_CACHE || path.join(XDG_CACHE_HOME || path.join(homedir(), ".cache"), "allroads");
  return path.join(path.resolve(cache), "rows");
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256").update(path.extname(file.replace(/\.gz$/i, "")).toLowerCase());
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest("hex");
}

/** The lines of the copy, with their numbers in growing order. */
async function* linesOf(file: string, { kind, packed }: Format): AsyncGenerator<[number, string]> {
  let number = 0;
  if (kind === "parquet") {
    for await (const row of parquetObjects(file)) yield [++number, JSON.stringify(row)];
  } else if (kind === "csv" || kind === "tsv") {
    for await (const { line, value, problem } of csvRows(textOf(file, packed), kind === "csv" ? "," : "\t")) {
      yield [line, value === undefined ? problemLine(String(problem)) : JSON.stringify(value)];
    }
  } else if (kind === "array") {
    for await (const element of jsonElements(textOf(file, packed), ROW_LIMITS.line)) {
      yield [++number, "text" in element ? element.text : problemLine(element.problem)];
    }
  } else {
    for await (const text of textOf(file, packed)) yield [0, text];
  }
}

/** The text of a file in pieces. */
async function* textOf(file: string, packed: boolean): AsyncGenerator<string> {
  const stream = createReadStream(file);
  const bytes = packed ? stream.pipe(createGunzip()) : stream;
  stream.on("error", (error) => bytes.destroy(error));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let size = 0;
  for await (const piece of bytes as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST) throw new Error(`it unpacks to more than ${LARGEST} bytes`);
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

/** Writes lines at their numbers, with blank lines between them; pieces of number 0 are written as they are. */
async function writeCopy(lines: AsyncIterable<[number, string]>, copy: string): Promise<void> {
  mkdirSync(path.dirname(copy), { recursive: true });
  const temporary = path.join(path.dirname(copy), temporaryName(path.basename(copy)));
  try {
    const output = await open(temporary, "wx");
    try {
      let next = 1;
      let pending = "";
      for await (const [number, text] of lines) {
        const at = Math.max(number, next);
        pending += number === 0 ? text : `${"\n".repeat(at - next)}${text}\n`;
        if (number > 0) next = at + 1;
        if (pending.length > 2 ** 20) {
          await output.writeFile(pending);
          pending = "";
        }
      }
      await output.writeFile(pending);
      await output.sync();
    } finally {
      await output.close();
    }
    renameSync(temporary, copy);
  } finally {
    rmSync(temporary, { force: true });
  }
}
