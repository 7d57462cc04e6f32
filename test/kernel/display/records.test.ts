import { inspect } from "node:util";
import { expect, test } from "vitest";
import { toBundle } from "../../../kernel/display/bundle.ts";

type Bundle = Record<string, string>;

/** The texts of an HTML table's rows. */
const rowsOf = (value: unknown) =>
  [...((toBundle(value) as Bundle)["text/html"] ?? "").matchAll(/<tr>(.*?)<\/tr>/gs)].map((row) =>
    [...row[1]!.matchAll(/<t[hd]\b[^>]*>(.*?)<\/t[hd]>/gs)].map((cell) => cell[1]),
  );

test("records with mostly equal keys are a table; their text is that of util.inspect", () => {
  const records = [{ name: "<b>", n: 1 }, { name: "b", n: 2.5, more: { x: [1] } }, { name: null }];
  expect(rowsOf(records)).toEqual([
    ["name", "n", "more"],
    ["&lt;b&gt;", "1.0", "–"],
    ["b", "2.5", "{ x: [ 1 ] }"],
    ["–", "–", "–"],
  ]);
  expect((toBundle(records) as Bundle)["text/plain"]).toBe(inspect(records));
});

test.each([
  ["an empty list", []],
  ["records with different keys", [{ a: 1 }, { b: 1 }, { c: 1 }]],
  ["a list that has other values", [{ a: 1 }, 2]],
  [
    "instances of a class",
    [
      new (class A {
        a = 1;
      })(),
    ],
  ],
  ["lists of lists", [[1], [2]]],
  ["records with very many keys", [Object.fromEntries(Array.from({ length: 51 }, (_, key) => [key, key]))]],
  ["an empty map", new Map()],
])("%s is text", (_, value) => {
  expect(Object.keys(toBundle(value))).toEqual(["text/plain"]);
});

test("only the first rows are shown, with long texts cut", () => {
  const rows = Array.from({ length: 5000 }, (_, id) => ({ id, text: "x".repeat(1000) }));
  const { "text/html": html } = toBundle(rows, { rows: 2 }) as Bundle;
  expect(html).toContain("The first 2 of 5000 rows.");
  expect(html).toContain(`>${"x".repeat(300)}…<`);
});

test("a map is a table of its keys and values, or of the columns of its records", () => {
  const map = new Map<unknown, unknown>([
    ["a", 1],
    [{ k: 1 }, "<"],
  ]);
  expect(rowsOf(map)).toEqual([
    ["key", "value"],
    ["a", "1"],
    ["{ k: 1 }", "&lt;"],
  ]);
  expect((toBundle(map) as Bundle)["text/plain"]).toBe(inspect(map));
  const records = new Map([
    ["x", { n: 1, m: 2 }],
    ["y", { n: 3, m: 4 }],
  ]);
  expect(rowsOf(records)).toEqual([
    ["key", "n", "m"],
    ["x", "1", "2"],
    ["y", "3", "4"],
  ]);
});

test("a table of Apache Arrow is read by its columns", () => {
  const columns = [
    [1n, 2n, 3n],
    ["a", null, "c"],
  ];
  const table = {
    schema: { fields: [{ name: "n" }, { name: "text" }] },
    numRows: 3,
    getChildAt: (column: number) => ({ get: (row: number) => columns[column]?.[row] }),
  };
  expect(rowsOf(table)).toEqual([
    ["n", "text"],
    ["1", "a"],
    ["2", "–"],
    ["3", "c"],
  ]);
  expect((toBundle(table) as Bundle)["text/plain"]).toBe("n  text\n1  a\n2  –\n3  c");
});

test("a data frame is read by its records", () => {
  const frame = (records: object[]): object => ({
    schema: { a: "Int64" },
    height: 9,
    head: (rows: number) => frame(records.slice(0, rows)),
    toRecords: () => records,
  });
  expect(rowsOf(frame([{ a: 1 }, { a: 2 }]))).toEqual([["a"], ["1"], ["2"]]);
});

test("a value whose properties cannot be read is text", () => {
  const throwing = {
    get schema() {
      throw new Error("no");
    },
    get toSpec() {
      throw new Error("no");
    },
  };
  expect(Object.keys(toBundle(throwing))).toEqual(["text/plain"]);
  const anything = new Proxy({}, { get: () => () => 5 });
  expect(Object.keys(toBundle(anything))).toEqual(["text/plain"]);
  expect(
    rowsOf([
      {
        a: 1,
        get b() {
          throw new Error("no");
        },
      },
    ]),
  ).toEqual([
    ["a", "b"],
    ["1", "–"],
  ]);
});
