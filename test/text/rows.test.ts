import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
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
    ["no field of a row", { text: "P" }, /needs "prompt" alone or with "completion", or with "chosen"/],
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
    ["a NUL character", { ...good, chosen: "a\0b" }, /field "chosen" holds a NUL character; take it out/],
    [
      "a long text",
      { ...good, prompt: "x".repeat(100_001) },
      /"prompt" has 100001 characters, and at most 100000/,
    ],
    [
      "a prototype with the fields",
      JSON.parse(`{"__proto__": ${JSON.stringify(good)}}`),
      /it has none of them/,
    ],
    ["an array for a row", [1, 2], /expected a JSON object/],
    ["null for a row", null, /expected a JSON object/],
  ];
  test.each(bad)("throws for %s and names the row and field", (_, row, message) => {
    const parse = () => parseRows(lines(good, row, good), "x.jsonl");
    expect(parse).toThrow(/^x\.jsonl, row 2: /);
    expect(parse).toThrow(message);
  });

  test.each<[string, string, RegExp]>([
    [
      "a field twice",
      '{"prompt": "P", "completion": "c", "prompt": "Q"}',
      /not valid JSON \(the name "prompt" twice/,
    ],
    [
      "half of a surrogate pair",
      '{"prompt": "P\\ud83d", "completion": "c"}',
      /\(a string with an unpaired surrogate at/,
    ],
    [
      "a number beyond float64",
      '{"prompt": "P", "completion": "c", "score": 1e999}',
      /a number beyond float64/,
    ],
    ["deep nesting", `{"prompt": "P", "meta": ${"[".repeat(500_000)}`, /more than 64 levels/],
    ["a NUL byte", '{"prompt": "P", "completion": "\0"}', /a string with a control character/],
    ["a byte-order mark", '\ufeff{"prompt": "P", "completion": "c"}', /unexpected "\\ufeff" at character 1/],
    [
      "a long line",
      " ".repeat(1_000_001),
      /has 1000001 characters, and a line may have 1000000; put each row/,
    ],
  ])("throws for a line with %s and names the row", (_, line, message) => {
    const parse = () => parseRows(`${lines(good)}\n${line}\n${lines(good)}`, "x.jsonl");
    expect(parse).toThrow(/^x\.jsonl, row 2: [^\n]*\.$/);
    expect(parse).toThrow(message);
  });

  test("throws for too many lines, even blank ones, in bounded time", () => {
    expect(parseRows(`${"\n".repeat(99_999)}${lines(good)}`, "x")[0]?.where).toBe("x, row 100000");
    const begin = performance.now();
    expect(() => parseRows("\n".repeat(100_000_000), "x.jsonl")).toThrow(
      "x.jsonl has more than 5000000 lines; split it into several files.",
    );
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test("gives valid rows or throws one sentence about the row, whatever is changed in a file", () => {
    const text = lines(
      good,
      { prompt: "P", completion: " c", meta: { note: [null, 1.5] } },
      { ...good, completion: "é😀" },
    );
    const change = fc.record({
      at: fc.nat(text.length),
      removed: fc.nat(8),
      inserted: fc.oneof(
        fc.string({ unit: "binary", maxLength: 3 }),
        fc.constantFrom(
          '"',
          "\\",
          "\\u",
          '"__proto__":{},',
          '"prompt":"x",',
          "\n",
          "{",
          "[",
          "\ufeff",
          "\0",
          "\ud800",
          "1e999",
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = changes.reduce(
          (now, { at, removed, inserted }) => now.slice(0, at) + inserted + now.slice(at + removed),
          text,
        );
        try {
          for (const { where, ...texts } of parseRows(changed, "x.jsonl")) {
            expect(where).toMatch(/^x\.jsonl, row \d+$/);
            expect(
              Object.values(texts).every((one) => String(one).trim() !== "" && !String(one).includes("\0")),
            ).toBe(true);
            expect(Object.values(texts).join()).not.toMatch(/\p{Surrogate}/u);
          }
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
          expect((error as Error).message).toMatch(
            /^x\.jsonl(, row \d+)?: ?[^\n]*\.$|^x\.jsonl holds no rows: [^\n]*\.$/,
          );
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
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
      expect(() => readRows(folder)).toThrow(/cannot be read \(it is not a regular file\): give the path/);
      writeFileSync(path, Uint8Array.of(0x7b, 0xff));
      expect(() => readRows(path)).toThrow(
        /pairs\.jsonl cannot be read \(it is not UTF-8 text\): give the path/,
      );
      truncateSync(path, 512_000_001);
      expect(() => readRows(path)).toThrow(/it has 512000001 bytes and at most 512000000 are read/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
