import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type HistoryEntry,
  matchesGlob,
  openHistory,
  selectEntries,
} from "../../../kernel/session/history.ts";

describe("a history request", () => {
  const entries: HistoryEntry[] = [
    { session: 1, line: 1, input: "one" },
    { session: 1, line: 2, input: "two", output: "2" },
    { session: 2, line: 1, input: "one" },
    { session: 2, line: 2, input: "three" },
  ];

  test.each([
    [{ hist_access_type: "tail", n: 2 }, ["2 one", "2 three"]],
    [{ hist_access_type: "range", session: 1, start: 1, stop: 2 }, ["1 one"]],
    [{ hist_access_type: "range", session: -1 }, ["1 one", "1 two"]],
    [{ hist_access_type: "range", session: 0, start: 2 }, ["2 three"]],
    [{ hist_access_type: "search", pattern: "t*" }, ["1 two", "2 three"]],
    [{ hist_access_type: "search", pattern: "?n*", n: 1 }, ["2 one"]],
    [{ hist_access_type: "search", pattern: "one", unique: true }, ["2 one"]],
  ])("%j selects %j", (request, expected) => {
    const selected = selectEntries(entries, request, 2);
    expect(selected.map(({ session, input }) => `${session} ${input}`)).toEqual(expected);
  });
});

describe("a glob pattern", () => {
  test("matches whole texts, and characters other than * and ? literally", () => {
    expect(matchesGlob("a.b*", "a.bc\nd")).toBe(true);
    expect(matchesGlob("a.b*", "axb")).toBe(false);
    expect(matchesGlob("b", "abc")).toBe(false);
  });

  test("matches like the equivalent regular expression", () => {
    const textOf = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 });
    fc.assert(
      fc.property(textOf("ab*?"), textOf("ab"), (pattern, text) => {
        const expression = pattern.replace(/\*+/g, "[^]*").replace(/\?/g, "[^]");
        expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${expression}$`).test(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("with many stars takes no exponential time", () => {
    expect(matchesGlob("*a".repeat(50), `${"a".repeat(5000)}b`)).toBe(false);
  });
});

describe("the history file", () => {
  let folder = "";
  let file = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "history-"));
    file = join(folder, "deep", "history.jsonl");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is available in the next session", async () => {
    const first = openHistory(file);
    first.add(1, "x = 1", "1");
    await new Promise(setImmediate);
    const second = openHistory(file);
    expect(second.session).toBe(first.session + 1);
    second.add(1, "y");
    const tail = { hist_access_type: "tail", n: 5, output: true };
    expect(second.reply(tail).history).toEqual([
      [1, 1, ["x = 1", "1"]],
      [2, 1, ["y", null]],
    ]);
    await new Promise(setImmediate);
  });

  test("may end with an incomplete line", () => {
    writeFileSync(file, '{"session":7,"line":1,"input":"a"}\n{"ses');
    expect(openHistory(file).session).toBe(8);
  });

  test("may end with a very long line", () => {
    const line = (session: number, input: string) => `${JSON.stringify({ session, line: 1, input })}\n`;
    writeFileSync(file, line(8, "first") + line(9, "x".repeat(300_000)));
    const history = openHistory(file);
    expect(history.session).toBe(10);
    expect(history.reply({ hist_access_type: "range", session: -2 }).history).toEqual([[8, 1, "first"]]);
  });
});
