import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseRows, readRows } from "../../src/text/rows.ts";

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");
const good = { prompt: "A post\n\nTL;DR:", chosen: " a", rejected: " b" };

describe("parseRows", () => {
  test("reads posts, preferences and rows that are both", () => {
    const both = { ...good, completion: " c" };
    const text = lines({ prompt: "P", completion: " c", id: 7, meta: { note: null } }, good, both);
    expect(parseRows(text, "x.jsonl")).toEqual([
      { where: "x.jsonl, row 1", prompt: "P", completion: " c" },
      { where: "x.jsonl, row 2", ...good },
      { where: "x.jsonl, row 3", ...both },
    ]);
  });

  test("formats subreddit, title and post with the template", () => {
    const [row] = parseRows(lines({ subreddit: "tifu", title: "T", post: "P", completion: "c" }), "x");
    expect(row?.prompt).toBe("SUBREDDIT: r/tifu\n\nTITLE: T\n\nPOST: P\n\nTL;DR:");
    const [whole] = parseRows(lines({ ...good, title: "T", post: "P" }), "x");
    expect(whole?.prompt).toBe(good.prompt);
  });

  test("skips blank lines and Windows line ends, but counts the lines", () => {
    const rows = parseRows(`\uFEFF${lines(good)}\r\n\r\n${lines(good)}\r\n`, "x");
    expect(rows.map(({ where }) => where)).toEqual(["x, row 1", "x, row 3"]);
  });

  const bad: [string, unknown, RegExp][] = [
    ["no summary", { prompt: "P" }, /needs either "completion", or "chosen" and "rejected"/],
    ["no chosen", { prompt: "P", rejected: "b" }, /field "chosen" is missing/],
    ["no rejected", { prompt: "P", chosen: "a" }, /field "rejected" is missing/],
    ["no prompt", { chosen: "a", rejected: "b" }, /field "prompt" is missing/],
    ["no post", { title: "T", subreddit: "s", completion: "c" }, /field "post" is missing/],
    ["an empty completion", { prompt: "P", completion: " \n" }, /field "completion" is empty/],
    ["an empty prompt", { ...good, prompt: "" }, /field "prompt" is empty/],
    ["a number", { ...good, chosen: 3 }, /field "chosen" must be text, not a number/],
    ["null", { ...good, rejected: null }, /field "rejected" must be text, not null/],
    ["an array", { prompt: "P", completion: ["c"] }, /field "completion" must be text, not an array/],
    ["a pair of equals", { ...good, rejected: "a " }, /"chosen" and "rejected" are equal/],
    ["an array for a row", [1, 2], /expected a JSON object/],
    ["null for a row", null, /expected a JSON object/],
  ];
  test.each(bad)("throws for %s and names the row and field", (_, row, message) => {
    const parse = () => parseRows(lines(good, row, good), "x.jsonl");
    expect(parse).toThrow(/^x\.jsonl, row 2: /);
    expect(parse).toThrow(message);
  });

  test("throws for a line that is not JSON and for a source without rows", () => {
    expect(() => parseRows(`${lines(good)}\n{"prompt": "P`, "x.jsonl")).toThrow(
      /^x\.jsonl, row 2: not valid JSON/,
    );
    expect(() => parseRows("\n\n", "x.jsonl")).toThrow("x.jsonl holds no rows");
  });
});

describe("readRows", () => {
  test("reads a file, and throws if it is missing or cannot be read", () => {
    const folder = mkdtempSync(join(tmpdir(), "allroads-rows-"));
    const path = join(folder, "pairs.jsonl");
    try {
      writeFileSync(path, lines(good));
      expect(readRows(path)).toEqual([{ where: "pairs.jsonl, row 1", ...good }]);
      expect(() => readRows(join(folder, "none.jsonl"))).toThrow(/none\.jsonl does not exist: give the path/);
      expect(() => readRows(folder)).toThrow(/cannot be read/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
