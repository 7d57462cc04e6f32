import { createHash } from "node:crypto";
import { basename } from "node:path";
import { linesOfFile } from "../files/read-lines.ts";
import type { Row } from "./row.ts";
import { ROW_LIMITS, rowOfLine } from "./rows.ts";

/** The rows of a file. */
export interface FileRows {
  readonly rows: Row[];
  /** What is wrong with each line that is not a row: sentences that name the file and the line. */
  readonly problems: string[];
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
}

/**
 * Reads a JSONL file of rows, of any size, without holding its text. Rows with equal prompts share one string. `source` is
 * the file's name in messages. Throws if the file cannot be read or has more than 5 million lines.
 */
export function readRowFile(file: string, source = basename(file)): FileRows {
  const hash = createHash("sha256");
  const rows: Row[] = [];
  const problems: string[] = [];
  const prompts = new Map<string, string>();
  let number = 0;
  try {
    for (const { text, length } of linesOfFile(file, ROW_LIMITS.line, (bytes) => hash.update(bytes))) {
      if (++number > ROW_LIMITS.lines) throw new TooManyLines();
      const where = `${source}, row ${number}`;
      try {
        const row = rowOfLine(text, length, where);
        if (row === undefined) continue;
        const prompt = prompts.get(row.prompt) ?? row.prompt;
        prompts.set(prompt, prompt);
        rows.push(prompt === row.prompt ? { ...row, prompt } : row);
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
  } catch (error) {
    if (error instanceof TooManyLines) {
      throw new Error(`${source} has more than ${ROW_LIMITS.lines} lines; split it into several files.`);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${message})`;
    throw new Error(`The file ${file} ${reason}: give the path of a file of posts or preferences.`);
  }
  return { rows, problems, sha256: hash.digest("hex") };
}

class TooManyLines extends Error {}
