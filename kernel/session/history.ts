import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Content } from "../protocol/wire.ts";

/** One cell that was run: session and line count from 1. */
export interface Entry {
  session: number;
  line: number;
  input: string;
  output?: string;
}

/** Where the history of all sessions is kept. */
export function historyFile(env: NodeJS.ProcessEnv = process.env): string {
  const data = env.XDG_DATA_HOME || path.join(os.homedir(), ".local", "share");
  return env.ALLROADS_KERNEL_HISTORY || path.join(data, "allroads-kernel", "history.jsonl");
}

/** Whether a whole text fits a shell pattern (`*`, `?`), in time that grows with their product at most. */
export function fitsGlob(pattern: string, text: string): boolean {
  let [at, place] = [0, 0];
  // Where the last `*` was, and how much of the text it has taken so far: all that ever needs to be tried again.
  let [star, taken] = [-1, 0];
  while (place < text.length) {
    if (pattern[at] === "*") [star, taken, at] = [at, place, at + 1];
    else if (pattern[at] === "?" || pattern[at] === text[place]) [at, place] = [at + 1, place + 1];
    else if (star >= 0) {
      taken += 1;
      [at, place] = [star + 1, taken];
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** The entries that a `history_request` asks for, in order of time. Sessions below 1 count back from the present. */
export function select(entries: readonly Entry[], request: Content, present: number): Entry[] {
  const count = request.n ?? Number.POSITIVE_INFINITY;
  const lastOf = (found: Entry[]) => (count >= found.length ? found : found.slice(found.length - count));
  switch (request.hist_access_type) {
    case "tail":
      return lastOf([...entries]);
    case "range": {
      const asked = request.session ?? 0;
      const session = asked > 0 ? asked : present + asked;
      const { start = 0, stop = Number.POSITIVE_INFINITY } = request;
      return entries.filter(
        (entry) =>
          entry.session === session && entry.line >= start && entry.line < (stop ?? Number.POSITIVE_INFINITY),
      );
    }
    case "search": {
      const pattern = String(request.pattern ?? "*");
      const found = entries.filter(({ input }) => fitsGlob(pattern, input));
      if (!request.unique) return lastOf(found);
      const latest = new Map<string, Entry>();
      for (const entry of found) {
        latest.delete(entry.input);
        latest.set(entry.input, entry);
      }
      return lastOf([...latest.values()]);
    }
    default:
      return [];
  }
}

/** What is remembered of the cells that were run. */
export interface History {
  session: number;
  add(line: number, input: string, output?: string): void;
  /** The content of `history_reply`. */
  reply(request: Content): Content;
}

/** The entries in lines of the history's file. */
function parsed(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const line of text.split("\n")) {
    try {
      if (line) entries.push(JSON.parse(line));
    } catch {
      // A line that another kernel was writing, or half of one.
    }
  }
  return entries;
}

function read(file: string): Entry[] {
  try {
    return parsed(readFileSync(file, "utf8"));
  } catch {
    return [];
  }
}

/** So much of the end of the file holds the last session's number, in bytes. */
const tail = 100_000;

/** The last entries of the file, which may be long: at least one, where there is one that is not longer than `tail`. */
function lastOf(file: string): Entry[] {
  let opened: number | undefined;
  try {
    opened = openSync(file, "r");
    const { size } = fstatSync(opened);
    const bytes = Buffer.alloc(Math.min(size, tail));
    readSync(opened, bytes, 0, bytes.length, size - bytes.length);
    return parsed(bytes.toString("utf8"));
  } catch {
    return [];
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

const lastSession = (entries: readonly Entry[]) =>
  entries.reduce((last, entry) => Math.max(last, entry.session), 0);

/**
 * Opens the history; where its file cannot be written it lasts as long as the kernel. What earlier sessions left is
 * read when it is first asked for.
 */
export function openHistory(file = historyFile()): History {
  const recent = lastOf(file);
  const session = lastSession(recent.length > 0 ? recent : read(file)) + 1;
  let earlier: Entry[] | undefined;
  const own: Entry[] = [];
  try {
    mkdirSync(path.dirname(file), { recursive: true });
  } catch {
    // A home that cannot be written: the session's own history will be there.
  }
  let unwritten = "";
  const write = () => {
    try {
      appendFileSync(file, unwritten);
    } catch {
      // As above.
    }
    unwritten = "";
  };
  return {
    session,
    add(line, input, output) {
      const entry: Entry = { session, line, input, ...(output === undefined ? {} : { output }) };
      own.push(entry);
      // Whoever waits for what the cell gave comes first.
      if (unwritten === "") setImmediate(write);
      unwritten += `${JSON.stringify(entry)}\n`;
    },
    reply(request) {
      earlier ??= read(file).filter((entry) => entry.session < session);
      const found = select([...earlier, ...own], request, session);
      return {
        status: "ok",
        history: found.map(({ session: of, line, input, output }) => [
          request.hist_access_type === "range" && of === session && (request.session ?? 0) === 0 ? 0 : of,
          line,
          request.output ? [input, output ?? null] : input,
        ]),
      };
    },
  };
}
