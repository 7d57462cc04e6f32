import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync } from "node:fs";
import path from "node:path";
import type { Content } from "../shared/content.ts";
import { dataFolder } from "./user-folders.ts";

/** One executed cell. Sessions and lines count from 1. */
export interface HistoryEntry {
  session: number;
  line: number;
  input: string;
  output?: string;
}

/** The default history file, shared by all sessions. */
export function historyFile(env: NodeJS.ProcessEnv = process.env): string {
  return env.ALLROADS_KERNEL_HISTORY || path.join(dataFolder(env), "allroads-kernel", "history.jsonl");
}

/** Whether a glob pattern (`*`, `?`) matches a whole text. Takes at most pattern.length × text.length steps. */
export function matchesGlob(pattern: string, text: string): boolean {
  let patternIndex = 0;
  let textIndex = 0;
  // Only the last `*` ever needs backtracking: its index in the pattern, and the end of the text it has matched.
  let starIndex = -1;
  let starEnd = 0;
  while (textIndex < text.length) {
    const character = pattern[patternIndex];
    if (character === "*") {
      starIndex = patternIndex;
      starEnd = textIndex;
      patternIndex += 1;
    } else if (character === "?" || character === text[textIndex]) {
      patternIndex += 1;
      textIndex += 1;
    } else if (starIndex >= 0) {
      starEnd += 1;
      patternIndex = starIndex + 1;
      textIndex = starEnd;
    } else return false;
  }
  while (pattern[patternIndex] === "*") patternIndex += 1;
  return patternIndex === pattern.length;
}

/**
 * The entries that a `history_request` asks for, oldest first. Session numbers below 1 are relative to
 * `currentSession`.
 */
export function selectEntries(
  entries: readonly HistoryEntry[],
  request: Content,
  currentSession: number,
): HistoryEntry[] {
  const limit = request.n ?? Number.POSITIVE_INFINITY;
  const newest = (found: HistoryEntry[]) =>
    limit >= found.length ? found : found.slice(found.length - limit);
  switch (request.hist_access_type) {
    case "tail":
      return newest([...entries]);
    case "range": {
      const requested = request.session ?? 0;
      const session = requested > 0 ? requested : currentSession + requested;
      const start = request.start ?? 0;
      const stop = request.stop ?? Number.POSITIVE_INFINITY;
      return entries.filter((entry) => entry.session === session && entry.line >= start && entry.line < stop);
    }
    case "search": {
      const pattern = String(request.pattern ?? "*");
      const found = entries.filter(({ input }) => matchesGlob(pattern, input));
      if (!request.unique) return newest(found);
      const latest = new Map<string, HistoryEntry>();
      for (const entry of found) {
        latest.delete(entry.input);
        latest.set(entry.input, entry);
      }
      return newest([...latest.values()]);
    }
    default:
      return [];
  }
}

/** The history of executed cells, including those of earlier sessions. */
export interface History {
  /** The number of this session. */
  session: number;
  add(line: number, input: string, output?: string): void;
  /** The content of a `history_reply`. */
  reply(request: Content): Content;
}

/** Parses a history file: one JSON object per line. Lines cut off by concurrent writes are skipped. */
function parseEntries(text: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const line of text.split("\n")) {
    try {
      if (line) entries.push(JSON.parse(line));
    } catch {
      // An incomplete line.
    }
  }
  return entries;
}

function readEntries(file: string): HistoryEntry[] {
  try {
    return parseEntries(readFileSync(file, "utf8"));
  } catch {
    return [];
  }
}

/** Number of bytes read from the end of the history file to find the last session's number. */
const tailBytes = 100_000;

/** The last entries of a file that may be long. Empty if the last entry alone is longer than `tailBytes`. */
function readLastEntries(file: string): HistoryEntry[] {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return parseEntries(bytes.toString("utf8"));
  } catch {
    return [];
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const lastSession = (entries: readonly HistoryEntry[]) =>
  entries.reduce((last, { session }) => Math.max(last, session), 0);

/**
 * Opens the history. Earlier sessions are read on the first request. If the file cannot be written, the history covers
 * this session only.
 */
export function openHistory(file = historyFile()): History {
  const lastEntries = readLastEntries(file);
  const session = lastSession(lastEntries.length > 0 ? lastEntries : readEntries(file)) + 1;
  let earlier: HistoryEntry[] | undefined;
  const current: HistoryEntry[] = [];
  try {
    mkdirSync(path.dirname(file), { recursive: true });
  } catch {
    // Not writable: see above.
  }
  let unwritten = "";
  const write = () => {
    try {
      appendFileSync(file, unwritten);
    } catch {
      // Not writable: see above.
    }
    unwritten = "";
  };
  return {
    session,
    add(line, input, output) {
      const entry: HistoryEntry = { session, line, input, ...(output === undefined ? {} : { output }) };
      current.push(entry);
      // Written after the cell's reply is sent.
      if (unwritten === "") setImmediate(write);
      unwritten += `${JSON.stringify(entry)}\n`;
    },
    reply(request) {
      earlier ??= readEntries(file).filter((entry) => entry.session < session);
      const found = selectEntries([...earlier, ...current], request, session);
      // A range of the current session, requested as session 0, is reported as session 0 too.
      const isCurrentRange = request.hist_access_type === "range" && (request.session ?? 0) === 0;
      return {
        status: "ok",
        history: found.map((entry) => [
          isCurrentRange && entry.session === session ? 0 : entry.session,
          entry.line,
          request.output ? [entry.input, entry.output ?? null] : entry.input,
        ]),
      };
    },
  };
}
