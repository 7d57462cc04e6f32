import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { asJsonLines } from "../../src/text/json-lines.ts";
import { readRowFile } from "../../src/text/row-files.ts";
import { temporaryFolder } from "../temporary.ts";

let folder: string;
let cache: string;

beforeEach(() => {
  folder = temporaryFolder("rows");
  cache = temporaryFolder("cache");
  vi.stubEnv("ALLROADS_CACHE", cache);
});

afterEach(() => vi.unstubAllEnvs());

const rows = [
  { prompt: "P é😀", completion: " c" },
  { prompt: "Q", chosen: " a", rejected: " b" },
];
const jsonl = rows.map((row) => `${JSON.stringify(row)}\n`).join("");

function write(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

const read = async (file: string) => readRowFile(await asJsonLines(file), path.basename(file));

describe("rows are equal in", () => {
  const csv = "prompt,completion,chosen,rejected\nP é😀, c,,\nQ,, a, b\n";
  test.each<[string, string | Buffer, readonly [number, number]]>([
    ["a.jsonl", jsonl, [1, 2]],
    ["a.json", JSON.stringify(rows, null, 2), [1, 2]],
    ["a.csv", csv, [2, 3]],
    ["a.tsv", csv.replaceAll(",", "\t"), [2, 3]],
    ["a.jsonl.gz", gzipSync(jsonl), [1, 2]],
    ["a.json.gz", gzipSync(JSON.stringify(rows)), [1, 2]],
    ["a.csv.gz", gzipSync(csv), [2, 3]],
  ])("%s", async (name, content, numbers) => {
    const file = write(name, content);
    const expected = rows.map((row, index) => ({ where: `${name}, row ${numbers[index]}`, ...row }));
    expect(await read(file)).toMatchObject({ rows: expected, problems: [] });
  });

  test("Parquet files", async () => {
    const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.parquet`, import.meta.url));
    const copy = path.join(folder, "rows.parquet");
    copyFileSync(fixture("rows"), copy);
    const { rows, problems } = await read(copy);
    expect([rows.length, problems]).toEqual([6, []]);
    expect(rows[5]).toEqual({
      where: "rows.parquet, row 6",
      prompt: "SUBREDDIT: r/tifu\n\nTITLE: Title 5\n\nPOST: Post 5 – é😀\n\nTL;DR:",
      completion: " summary 5",
    });
    const comparisons = await read(fixture("comparisons"));
    expect(comparisons.rows).toMatchObject([{ chosen: " two", rejected: " one" }]);
    expect(comparisons.problems).toEqual([
      "comparisons.parquet, row 2: is a news article, and posts are expected; take it out.",
    ]);
  });
});

test("a JSONL file is used where it is, and others are converted once", async () => {
  const plain = write("a.jsonl", jsonl);
  expect(await asJsonLines(plain)).toBe(plain);
  const packed = write("a.jsonl.gz", gzipSync(jsonl));
  const copies = await Promise.all([asJsonLines(packed), asJsonLines(packed)]);
  expect(readFileSync(String(copies[0]), "utf8")).toBe(jsonl);
  expect(readdirSync(path.join(cache, "rows"))).toEqual([path.basename(String(copies[1]))]);
});

test("problems of conversion are reported at their rows", async () => {
  const { rows, problems } = await read(write("a.json", '[{"prompt": "P"}, {"prompt": 1}, {"a" 2}, {}'));
  expect(rows).toHaveLength(1);
  expect(problems).toEqual([
    'a.json, row 2: the field "prompt" must be text, not a number.',
    expect.stringMatching(/^a\.json, row 3: not valid JSON/),
    "a.json, row 4: the file ends within the array; it is not whole.",
  ]);
  const csv = await read(write("a.csv", "prompt,completion\nP,c\nP\nQ,c\n"));
  expect(csv.problems).toEqual(["a.csv, row 3: has 1 cells, and the first line names 2 columns; mend it."]);
  expect(csv.rows).toHaveLength(2);
});

test("a file that cannot be converted is named, and leaves no copy", async () => {
  const whole = gzipSync(jsonl.repeat(1000));
  for (const [name, content] of [
    ["a.jsonl.gz", whole.subarray(0, whole.length / 2)],
    ["a.json", Buffer.from([0x5b, 0xff])],
    ["a.parquet", Buffer.from("PAR1PAR1")],
  ] as const) {
    await expect(asJsonLines(write(name, content))).rejects.toThrow(
      new RegExp(`^The file .*/${name} cannot be read \\(.+\\): mend it or give another\\.$`),
    );
  }
  expect(readdirSync(path.join(cache, "rows"))).toEqual([]);
});
